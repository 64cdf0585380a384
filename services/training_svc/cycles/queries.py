"""Questions about cycles, and about what was recorded for them."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, any_, distinct, exists, false, func
from sqlalchemy.orm import with_expression
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.training_svc.attendances.models import Attendance
from services.training_svc.cycles.models import Cycle
from services.training_svc.cycles.schemas import CYCLE, CycleQuery
from services.training_svc.modules.models import FIRST_MODULE
from services.training_svc.participants.models import Participant
from services.training_svc.read_models.registry import EnterpriseView
from services.training_svc.visits.models import Visit
from shared import errors
from shared.db import known_ids, unfenced, unknown_place
from shared.pagination import PERIOD, overlapping, select_matching, terms


def cycles(query: CycleQuery) -> Select[Any]:
    conditions = [
        *overlapping(col(Cycle.enterprise_ids), query.enterprise_id),
        *overlapping(col(Cycle.co_trainer_ids), query.co_trainer_id),
        *in_classroom_between(query),
        *told_to_whoever_asks(query),
    ]
    matching = select_matching(Cycle, query, "enterprise_id", "co_trainer_id", *PERIOD).where(*conditions)
    return matching.options(*in_sight())


def in_sight() -> list[Any]:
    """For a form that tells of some of a cycle's enterprises only: of those that whoever asks may see."""
    seen = select(func.array_agg(EnterpriseView.id)).where(col(EnterpriseView.id) == any_(col(Cycle.enterprise_ids)))
    return [] if CYCLE.is_whole else [with_expression(Cycle.ids_in_sight, seen.scalar_subquery())]  # type: ignore[arg-type]


def told_to_whoever_asks(query: CycleQuery) -> list[ColumnElement[bool]]:
    """What is not told in the answer is not to be found out by filters either."""
    if CYCLE.is_whole:
        return []
    if query.lead_trainer_id or query.co_trainer_id or query.supervisor_id:
        return [false()]
    wanted = [UUID(id) for id in terms(query.enterprise_id)]
    seen = select(EnterpriseView.id).where(col(EnterpriseView.id).in_(wanted))
    return [exists(seen.where(col(EnterpriseView.id) == any_(col(Cycle.enterprise_ids))))] if wanted else []


async def cycle_named(session: AsyncSession, id: UUID) -> Cycle:
    """With what whoever asks may see of it."""
    found = (await session.exec(select(Cycle).where(Cycle.id == id).options(*in_sight()))).first()
    if found is None:
        raise errors.NotFound()
    return found


def in_classroom_between(query: CycleQuery) -> list[ColumnElement[bool]]:
    """A cycle without days is in no period."""
    conditions = [] if query.from_ is None else [col(Cycle.last_day) >= query.from_]
    return conditions if query.to is None else [*conditions, col(Cycle.first_day) <= query.to]


async def seats_taken(session: AsyncSession, cycle_id: UUID) -> Sequence[Row[Any]]:
    """(enterprise_id, category, persons) of those who attended."""
    persons = func.count(distinct(col(Participant.id)))
    taken = (
        select(Participant.enterprise_id, Participant.category, persons)
        .join(Attendance, col(Attendance.participant_id) == Participant.id)
        .where(Attendance.cycle_id == cycle_id)
        .group_by(col(Participant.enterprise_id), col(Participant.category))
    )
    return (await session.exec(taken)).all()  # type: ignore[return-value]


async def took_first_module(session: AsyncSession, enterprise_ids: Sequence[UUID]) -> set[UUID]:
    """Those of the enterprises from which somebody attended M1."""
    attended = (
        select(Attendance.enterprise_id)
        .join(Cycle, col(Attendance.cycle_id) == Cycle.id)
        .where(Cycle.module == FIRST_MODULE, col(Attendance.enterprise_id).in_(enterprise_ids))
    )
    return set((await session.exec(attended.distinct())).all())


async def enterprises_recorded(session: AsyncSession, cycle_id: UUID) -> set[UUID]:
    """Enterprises with an attendance or a visit in the cycle."""
    attended = select(Attendance.enterprise_id).where(Attendance.cycle_id == cycle_id)
    visited = select(Visit.enterprise_id).where(Visit.cycle_id == cycle_id)
    return set((await session.exec(attended.union(visited))).scalars())  # type: ignore[call-overload]


async def days_recorded(session: AsyncSession, cycle_id: UUID) -> set[Any]:
    attended = select(col(Attendance.date)).where(Attendance.cycle_id == cycle_id)
    return set((await session.exec(attended.distinct())).all())


async def hold_cycles(session: AsyncSession, ids: Iterable[UUID]) -> dict[UUID, Cycle]:
    """Those that are there; until the transaction ends nobody cancels or amends them. A trainer holds what it may not change."""
    seen = await known_ids(session, Cycle, ids)
    held = select(Cycle).where(col(Cycle.id).in_(seen)).order_by(col(Cycle.id)).with_for_update(read=True)
    async with unfenced(session):
        return {cycle.id: cycle for cycle in await session.exec(held)}


async def cycle_to_record(session: AsyncSession, id: UUID) -> Cycle:
    """The cycle for which a record is made, held; 422 when there is none, 409 when it was cancelled."""
    cycle = (await hold_cycles(session, [id])).get(id)
    if cycle is None:
        raise errors.UnknownReference(errors=[unknown_place("cycle_id")])
    cycle.refuse_if_cancelled()
    return cycle
