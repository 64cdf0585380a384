from sqlmodel.ext.asyncio.session import AsyncSession

from services.training_svc.attendances.models import Attendance
from services.training_svc.attendances.queries import attendances_at
from services.training_svc.attendances.schemas import RecordAttendance
from services.training_svc.cycles.errors import NotAClassroomDay
from services.training_svc.cycles.models import Cycle
from services.training_svc.cycles.queries import cycle_to_record
from services.training_svc.participants.models import Participant
from shared import errors
from shared.changes import record
from shared.db import refuse_taken_ref, refuse_unknown
from shared.events.training import AttendanceRecorded


async def record_attendance(session: AsyncSession, command: RecordAttendance) -> Attendance:
    await refuse_taken_ref(session, Attendance, command.external_ref)
    await refuse_unknown(session, Participant, command.participant_id, "participant_id")
    cycle = await cycle_to_record(session, command.cycle_id)
    participant = await Participant.named(session, command.participant_id)
    refuse_stranger(cycle, participant)
    refuse_other_day(cycle, command)
    await refuse_recorded_twice(session, command)
    attendance = Attendance(**command.model_dump(), enterprise_id=participant.enterprise_id)
    await record(session, attendance, AttendanceRecorded)
    return attendance


def refuse_stranger(cycle: Cycle, participant: Participant) -> None:
    if participant.enterprise_id not in cycle.enterprise_ids:
        detail = "The participant's enterprise is not in this cycle."
        raise errors.ValidationFailed(errors=[errors.pointer("not_in_cycle", detail, "participant_id")])


def refuse_other_day(cycle: Cycle, command: RecordAttendance) -> None:
    if command.date not in cycle.days:
        place = errors.pointer("not_a_classroom_day", cycle.is_none_of_its_days(command.date), "date")
        raise NotAClassroomDay(errors=[place])


async def refuse_recorded_twice(session: AsyncSession, command: RecordAttendance) -> None:
    key = (command.participant_id, command.cycle_id, command.date)
    if there := (await attendances_at(session, [key])).get(key):
        place = errors.pointer("taken", "This participant's attendance on this day is recorded.", "date")
        raise errors.AlreadyExists(str(there), errors=[place])
