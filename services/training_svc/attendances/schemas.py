from services.training_svc.participants.schemas import PersonRow
from shared.pagination import PeriodQuery, any_of
from shared.references import Reference
from shared.types import Day, ExternalRef, Id, Input, Resource


class RecordAttendance(Input):
    participant_id: Id
    cycle_id: Id
    date: Day
    external_ref: ExternalRef | None = None


class AttendanceOut(Resource):
    participant_id: Id
    enterprise_id: Id
    cycle_id: Id
    date: Day
    external_ref: str | None


class AttendanceQuery(PeriodQuery):
    participant_id: any_of(Id) | None = None
    enterprise_id: any_of(Id) | None = None
    cycle_id: any_of(Id) | None = None


class AttendanceRow(PersonRow):
    """The participant is made when the enterprise has none with this reference."""

    cycle_id: Reference
    date: Day
