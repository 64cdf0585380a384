from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.enterprise_svc.fees.models import Fee, FeeState
from services.enterprise_svc.fees.schemas import FeeQuery
from shared.db import unfenced
from shared.pagination import select_matching, terms


def fees_matching(partnership_id: UUID, query: FeeQuery) -> Select[Any]:
    here = col(Fee.partnership_id) == partnership_id
    return select_matching(Fee, query, "payer_id").where(here, *paid_by(query.payer_id))


def paid_by(payer_ids: str | None) -> list[ColumnElement[bool]]:
    if payer_ids is None:
        return []
    shares: Any = Fee.shares
    return [or_(*(shares.contains([{"payer_id": id}]) for id in terms(payer_ids)))]


async def currency_of_fees(session: AsyncSession, partnership_id: UUID, besides: UUID | None = None) -> str | None:
    """That of the fees that hold, whoever sees them."""
    here = select(Fee.amount).where(Fee.partnership_id == partnership_id, Fee.state == FeeState.AGREED)
    others = here if besides is None else here.where(col(Fee.id) != besides)
    async with unfenced(session):
        found = (await session.exec(others.limit(1))).first()
    return found["currency"] if found else None
