from typing import Annotated

from fastapi import Query

from services.training_svc.attendances import commands, queries
from services.training_svc.attendances.importer import AttendanceImporter
from services.training_svc.attendances.models import Attendance
from services.training_svc.attendances.schemas import AttendanceOut, AttendanceQuery, RecordAttendance
from shared.answers import PageAnswer, ResourceAnswer, created, found
from shared.contract import page_of
from shared.imports import import_routes
from shared.pagination import PagesDep
from shared.routing import ReaderDep, Router, SessionDep
from shared.types import Id

router = Router("attendances")
importer = AttendanceImporter()
import_routes(router, importer)


@router.post("", status_code=201, response_model=AttendanceOut)
async def record_attendance(session: SessionDep, command: RecordAttendance) -> ResourceAnswer:
    """Record that a participant was in the classroom of a cycle on a day (422 `not-a-classroom-day` on any other)."""
    return created(AttendanceOut.model_validate(await commands.record_attendance(session, command)))


@router.get("", response_model=page_of(AttendanceOut))
async def list_attendances(pages: PagesDep, query: Annotated[AttendanceQuery, Query()]) -> PageAnswer:
    """Attendances, filtered by participant, enterprise, cycle and day (`from`, `to`)."""
    return await pages.of(queries.attendances(query), Attendance, AttendanceOut, query)


@router.get("/{attendance_id}", response_model=AttendanceOut)
async def get_attendance(reader: ReaderDep, attendance_id: Id) -> ResourceAnswer:
    """One attendance."""
    return found(AttendanceOut.model_validate(await Attendance.read(reader, attendance_id)))
