"""What lies in the country of an enterprise carries it: who may see a row is told by the row."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.enterprise_svc.consents.models import Consent
from services.enterprise_svc.enterprises.models import Enterprise
from services.enterprise_svc.fees.models import Fee
from services.enterprise_svc.nominations.models import Nomination
from services.enterprise_svc.supply_links.models import SupplyLink
from shared.db import unfenced, unknown_place
from shared.errors import UnknownReference

FOLLOWING: Sequence[Any] = (SupplyLink, Nomination, Fee, Consent)


async def country_of(session: AsyncSession, enterprise_id: UUID, *path: str | int) -> str:
    """422 `unknown-reference` at `path` where there is no such enterprise."""
    found = (await session.exec(select(Enterprise.country).where(col(Enterprise.id) == enterprise_id))).first()
    if found is None:
        raise UnknownReference(errors=[unknown_place(*path)])
    return found


async def follow(session: AsyncSession, moved: Sequence[Enterprise]) -> None:
    """These enterprises lie in another country now."""
    if moved:
        async with unfenced(session):
            for model in FOLLOWING:
                for enterprise in moved:
                    await session.execute(
                        update(model).where(model.enterprise_id == enterprise.id).values(country=enterprise.country),
                        execution_options={"synchronize_session": False},
                    )
