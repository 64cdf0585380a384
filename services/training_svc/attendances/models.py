import datetime
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field

from services.training_svc.models_base import Base
from shared.db import ResourceColumns


class Attendance(Base, ResourceColumns, table=True):
    """One participant on one day in the classroom of a cycle. `enterprise_id` is the participant's.

    `recorded_under`, `recorded_for`: the enterprise and the participant as they were, where they have been merged since. Two of
    one day may meet so; persons are counted.
    """

    __tablename__ = "attendances"
    __table_args__ = (
        UniqueConstraint("created_by", "external_ref", name="attendances_external_ref"),
        Index(
            "attendances_day",
            *("participant_id", "cycle_id", "date"),
            unique=True,
            postgresql_where=text("recorded_for is null"),
        ),
    )

    participant_id: UUID = Field(foreign_key="participants.id")
    enterprise_id: UUID = Field(index=True)
    cycle_id: UUID = Field(foreign_key="cycles.id", index=True)
    date: datetime.date = Field(index=True)
    recorded_under: UUID | None = Field(default=None, index=True)
    recorded_for: UUID | None = Field(default=None, index=True)

    @property
    def key(self) -> tuple[UUID, UUID, datetime.date]:
        return self.participant_id, self.cycle_id, self.date
