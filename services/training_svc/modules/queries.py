from typing import Any

from sqlalchemy import Select
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.training_svc.modules.models import Module
from services.training_svc.modules.schemas import ModuleQuery
from shared.db import unfenced
from shared.pagination import overlapping, select_matching


def modules(query: ModuleQuery) -> Select[Any]:
    requiring = overlapping(col(Module.prerequisites), query.prerequisite)
    return select_matching(Module, query, "prerequisite").where(*requiring)


async def module_of_code(session: AsyncSession, code: str) -> Module | None:
    """Held: until the transaction ends nobody takes away the variant a cycle is given by."""
    held = select(Module).where(Module.code == code).with_for_update(read=True)
    async with unfenced(session):  # everybody sees modules; to hold one it must not be one's own to change
        return (await session.exec(held)).first()
