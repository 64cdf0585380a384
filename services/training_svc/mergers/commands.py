"""What follows an enterprise into the one it was merged into, and back."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, literal, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.training_svc.attendances.models import Attendance
from services.training_svc.cycles.models import Cycle
from services.training_svc.participants.models import Participant
from services.training_svc.read_models.registry import ConsentView, MergedEnterprise
from services.training_svc.visits.models import Visit
from shared.changes import changed_among, record_all, record_each
from shared.events.enterprise import EnterpriseState
from shared.events.training import AttendanceMoved, CycleAmended, ParticipantAmended, VisitAmended, VisitSuperseded
from shared.successors import Homes, affected, astray, learn, move_copies, moves_home, successors_of


async def follow_merger(session: AsyncSession, told: EnterpriseState) -> None:
    """A merger or its undoing, in whatever order they come."""
    if homes := await learn(session, MergedEnterprise, told):
        await move_all(session, homes)


async def move_stragglers(session: AsyncSession) -> int:
    """What a request was writing under the old id while word of the merger came."""
    if homes := await astray(session, MergedEnterprise, (Participant, Attendance, Visit)):
        await move_all(session, homes)
    return 0


async def move_all(session: AsyncSession, homes: Homes) -> None:
    await move_cycles(session, homes)
    await move_copies(session, ConsentView, homes)
    persons = await move_participants(session, homes)
    await move_attendances(session, homes, persons)
    await move_visits(session, homes)


async def move_cycles(session: AsyncSession, homes: Homes) -> None:
    ids = literal([*homes, *homes.values()], ARRAY(Uuid))
    old = [col(Cycle.recorded_enterprises).contains([{"enterprise_id": str(id)}]) for id in homes]
    naming = select(Cycle).where(or_(col(Cycle.enterprise_ids).op("&&")(ids), *old))
    cycles = (await session.exec(naming.order_by(col(Cycle.id)).with_for_update())).all()
    named = {UUID(one["enterprise_id"]) for cycle in cycles for one in cycle.named_enterprises}
    all_homes = await successors_of(session, MergedEnterprise, named)
    for cycle in cycles:
        cycle.name_enterprises(cycle.named_enterprises, all_homes)
    await record_all(session, changed_among(cycles), CycleAmended)


async def move_participants(session: AsyncSession, homes: Homes) -> dict[UUID, UUID]:
    """Answers whom each of those that may have attended counts as."""
    persons: Sequence[Participant] = await affected(session, Participant, homes)
    moved = {person.id for person in persons if moves_home(person, homes)}
    for namesakes in grouped(persons, lambda one: (one.enterprise_id, one.reference)):
        first = max(namesakes, key=lambda one: (one.recorded_under is None, str(one.id)))
        for one in namesakes:
            one.superseded_by = None if one is first else first.id
    # who gives way does so before another comes, and only after that anybody gets its place back
    order = sorted(changed_among(persons), key=lambda one: (one.superseded_by is None, one.id not in moved))
    await record_all(session, order, ParticipantAmended)
    return {one.id: one.superseded_by or one.id for one in persons}


async def move_attendances(session: AsyncSession, homes: Homes, persons: dict[UUID, UUID]) -> None:
    """Each is his who counts for whom it was recorded for."""
    attendances: Sequence[Attendance] = await affected(session, Attendance, homes)
    for attendance in attendances:
        moves_home(attendance, homes)
        told = attendance.recorded_for or attendance.participant_id
        counts = persons.get(told, told)
        if counts != attendance.participant_id:
            attendance.participant_id, attendance.recorded_for = counts, None if counts == told else told
    order = sorted(changed_among(attendances), key=lambda one: one.recorded_for is None)
    await record_all(session, order, AttendanceMoved)


async def move_visits(session: AsyncSession, homes: Homes) -> None:
    visits: Sequence[Visit] = await affected(session, Visit, homes)
    moved = {visit.id for visit in visits if moves_home(visit, homes)}
    for rivals in grouped(visits, lambda visit: visit.key):
        first = max(rivals, key=lambda one: (one.standing, str(one.id)))
        for visit in rivals:
            visit.take_place_again() if visit is first else visit.give_way()
    changed = changed_among(visits)
    gave_way = [one for one in changed if one.outranked_from is not None]
    others = sorted((one for one in changed if one.outranked_from is None), key=lambda one: one.id not in moved)
    await record_each(
        session, [*((one, VisitSuperseded) for one in gave_way), *((one, VisitAmended) for one in others)]
    )


def grouped(rows: Iterable[Any], key: Any) -> list[list[Any]]:
    groups: dict[Any, list[Any]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return list(groups.values())
