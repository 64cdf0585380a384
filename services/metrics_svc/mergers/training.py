"""Visits and participants of which two of merged enterprises had the same: training says which counts, here it is a finding.

Word of the merger and of what gave way comes in any order: after each the findings are those of what is known by then.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext import asyncio as plain
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.metrics_svc.data_quality.commands import keep_collisions, places_of
from services.metrics_svc.data_quality.models import Collision
from services.metrics_svc.read_models.models import MergedEnterprise, ParticipantView, VisitView
from shared.events.training import ParticipantState, VisitState
from shared.successors import placing
from shared.views import Row

VISITS, PARTICIPANTS = "visits", "participants"
SUPERSEDED = "superseded"


async def of_mergers(session: plain.AsyncSession, rows: Sequence[Row]) -> list[Row]:
    """Of participants those that somebody changed: nobody gives way from the beginning."""
    changed = [row for row in rows if row["version"] > 1 or row["superseded_by"]]
    return await placing(MergedEnterprise)(session, changed) if changed else []


async def tell_of_visit(session: AsyncSession, told: VisitState) -> None:
    """Whoever gave way may have been told of before the one that counts."""
    view: Any = VisitView
    same = view.cycle_id == told.cycle_id, view.sequence == told.sequence, view.state == SUPERSEDED
    gave_way = await session.exec(select(view.enterprise_id).where(*same))
    await tell_of_visits(session, {*gave_way, *await places_of(session, VISITS, told.id)})


async def tell_of_participant(session: AsyncSession, told: ParticipantState) -> None:
    places = await places_of(session, PARTICIPANTS, told.id)
    if told.superseded_by and (person := await session.get(ParticipantView, told.id)):
        places.add(person.enterprise_id)
    await tell_of_participants(session, places)


async def tell_of_enterprises(session: AsyncSession, ids: Collection[UUID]) -> None:
    await tell_of_visits(session, ids)
    await tell_of_participants(session, ids)


async def tell_of_visits(session: AsyncSession, places: Collection[UUID]) -> None:
    if places:
        lying = select(VisitView).where(col(VisitView.enterprise_id).in_(places), col(VisitView.sequence).is_not(None))
        found = grouped((await session.exec(lying)).all(), lambda one: (one.enterprise_id, one.cycle_id, one.sequence))
        await keep_collisions(session, VISITS, places, list(filter(None, map(collision_of_visits, found.values()))))


def collision_of_visits(rivals: Sequence[VisitView]) -> Collision | None:
    counting = [one for one in rivals if one.state != SUPERSEDED]
    others = sorted(one.id for one in rivals if one.state == SUPERSEDED)
    if len(counting) != 1 or not others:
        return None
    [first] = counting
    return Collision(first.enterprise_id, f"visit {first.sequence} of the cycle {first.cycle_id}", first.id, others)


async def tell_of_participants(session: AsyncSession, places: Collection[UUID]) -> None:
    if places:
        view: Any = ParticipantView
        gave_way = select(view).where(view.enterprise_id.in_(places), view.superseded_by.is_not(None))
        persons = (await session.exec(gave_way.where(view.recorded_under.is_not(None)))).all()
        found = grouped(persons, lambda one: (one.enterprise_id, one.superseded_by))
        await keep_collisions(session, PARTICIPANTS, places, list(map(collision_of_participants, found.values())))


def collision_of_participants(namesakes: Sequence[ParticipantView]) -> Collision:
    """Its subject does not repeat the reference: that is the enterprise's word for a person."""
    first = namesakes[0]
    others = sorted(one.id for one in namesakes)
    counts: Any = first.superseded_by
    return Collision(first.enterprise_id, f"the reference of the participant {counts}", counts, others)


def grouped(rows: Iterable[Any], key: Any) -> Mapping[Any, list[Any]]:
    groups: dict[Any, list[Any]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return groups
