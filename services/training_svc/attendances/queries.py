import datetime
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import Select, tuple_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.training_svc.attendances.models import Attendance
from services.training_svc.attendances.schemas import AttendanceQuery
from shared.pagination import PERIOD, select_matching, touching

Key = tuple[UUID, UUID, datetime.date]  # (participant_id, cycle_id, date)


def attendances(query: AttendanceQuery) -> Select[Any]:
    return select_matching(Attendance, query, *PERIOD).where(*touching(Attendance.date, col(Attendance.date), query))


async def attendances_at(session: AsyncSession, keys: Iterable[Key]) -> dict[Key, UUID]:
    """Ids of those that are there."""
    key = tuple_(col(Attendance.participant_id), col(Attendance.cycle_id), col(Attendance.date))
    found = await session.exec(select(Attendance).where(key.in_(set(keys))))
    return {(one.participant_id, one.cycle_id, one.date): one.id for one in found}
