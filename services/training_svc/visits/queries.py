from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, false, func, tuple_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.training_svc.visits.models import Visit, VisitState
from services.training_svc.visits.schemas import VISIT, VisitQuery
from shared.pagination import PERIOD, select_matching

Key = tuple[UUID, UUID, int]  # (cycle_id, enterprise_id, sequence)


def visits(query: VisitQuery) -> Select[Any]:
    return select_matching(Visit, query, *PERIOD).where(*between(query), *told_to_whoever_asks(query))


def told_to_whoever_asks(query: VisitQuery) -> list[ColumnElement[bool]]:
    """Who is not told the trainer finds nothing by it."""
    return [false()] if query.trainer_id and not VISIT.is_whole else []


def between(query: VisitQuery) -> list[ColumnElement[bool]]:
    """A visit without a day is in no period."""
    day = func.coalesce(col(Visit.done_on), col(Visit.planned_on))
    conditions = [] if query.from_ is None else [day >= query.from_]
    return conditions if query.to is None else [*conditions, day <= query.to]


async def visits_at(session: AsyncSession, keys: Iterable[Key]) -> dict[Key, Visit]:
    """Those that are there, locked."""
    key = tuple_(col(Visit.cycle_id), col(Visit.enterprise_id), col(Visit.sequence))
    counting = col(Visit.state) != VisitState.SUPERSEDED
    found = select(Visit).where(key.in_(set(keys)), counting).order_by(col(Visit.id)).with_for_update()
    return {visit.key: visit for visit in await session.exec(found)}
