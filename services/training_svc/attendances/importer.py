"""Attendances from a file; a participant the enterprise does not have yet is made.

Natural key: cycle, enterprise, reference, date.
"""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.training_svc.attendances.models import Attendance
from services.training_svc.attendances.queries import Key, attendances_at
from services.training_svc.attendances.schemas import AttendanceRow
from services.training_svc.cycles.row_references import RowReferences
from services.training_svc.participants.models import Participant
from services.training_svc.participants.queries import participants_named
from services.training_svc.participants.roster import Roster
from shared.changes import record_all
from shared.events.training import AttendanceRecorded, ParticipantRegistered
from shared.imports import Importer, Job, Outcome, Rejected, Row, RowError

OF_PARTICIPANTS = ("reference", "sex", "category")


class AttendanceImporter(Importer[AttendanceRow]):
    collection, row = "attendances", AttendanceRow
    personal_columns = frozenset({"reference"})
    fields_beside = frozenset(OF_PARTICIPANTS)

    def key(self, values: AttendanceRow) -> Hashable:
        return values.cycle_id, values.enterprise_id, values.reference, values.date

    async def as_rows(
        self, session: AsyncSession, resources: Sequence[Any], answers: Sequence[dict[str, Any]]
    ) -> Sequence[Mapping[str, Any]]:
        """With what a file says of the participants."""
        found = await session.exec(
            select(Participant).where(col(Participant.id).in_({one.participant_id for one in resources}))
        )
        persons = {one.id: {name: getattr(one, name) for name in OF_PARTICIPANTS} for one in found}
        return [answer | persons.get(one.participant_id, {}) for one, answer in zip(resources, answers, strict=True)]

    async def store(self, session: AsyncSession, rows: Sequence[Row[AttendanceRow]], job: Job) -> list[Outcome]:
        references = await RowReferences.of(session, rows, job)
        names = [
            (references.enterprises[row.values.enterprise_id], row.values.reference)
            for row in rows
            if row.values.enterprise_id in references.enterprises
        ]
        roster = Roster(await participants_named(session, names))
        judged = [judge(row.values, references, roster) for row in rows]
        await record_all(session, list(roster.new.values()), ParticipantRegistered)
        return await record_new(session, judged)


def judge(values: AttendanceRow, references: RowReferences, roster: Roster) -> Attendance | Rejected:
    """The attendance a row tells of, its participant in the roster; or what is wrong with it."""
    if found := references.errors(values):
        return Rejected(found)
    cycle, enterprise_id = references.cycles[values.cycle_id], references.enterprises[values.enterprise_id]
    if values.date not in cycle.days:
        return Rejected.because("date", "not_a_classroom_day", cycle.is_none_of_its_days(values.date))
    participant = roster.find(enterprise_id, values)
    if participant and (differing := contradictions(values, participant)):
        return Rejected(differing)
    participant = participant or roster.add(enterprise_id, values)
    place = {"enterprise_id": enterprise_id, "cycle_id": cycle.id, "date": values.date}
    return Attendance.made(participant_id=participant.id, **place)


def contradictions(values: AttendanceRow, participant: Participant) -> list[RowError]:
    """An attendance does not change who the participant is."""
    return [
        RowError(name, "contradiction", f"The participant with this reference is recorded with another {name}.")
        for name in ("sex", "category")
        if getattr(values, name) != getattr(participant, name)
    ]


async def record_new(session: AsyncSession, judged: Sequence[Attendance | Rejected]) -> list[Outcome]:
    """Records those that are not there, each once even if two rows mean the same by different references."""
    there: set[Key] = set(await attendances_at(session, [one.key for one in judged if isinstance(one, Attendance)]))
    new: list[Attendance] = []
    outcomes: list[Outcome] = []
    for one in judged:
        if isinstance(one, Rejected):
            outcomes.append(one)
        elif one.key in there:
            outcomes.append("unchanged")
        else:
            there.add(one.key)
            new.append(one)
            outcomes.append("created")
    await record_all(session, new, AttendanceRecorded)
    return outcomes
