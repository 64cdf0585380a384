"""What the registry keeps of training: who works with which enterprises, and who was trained."""

from datetime import date as Day
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Index, Uuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from services.enterprise_svc.models_base import Base


def ids() -> Column[Any]:
    return Column(ARRAY(Uuid), nullable=False)


class CycleView(Base, table=True):
    __tablename__ = "cycle_views"
    __table_args__ = (Index("cycle_views_co_trainers", "co_trainer_ids", postgresql_using="gin"),)

    id: UUID = Field(primary_key=True)
    version: int
    provider_id: UUID | None = Field(None, index=True)
    lead_trainer_id: UUID | None = Field(None, index=True)
    co_trainer_ids: list[UUID] = Field(sa_column=ids())
    supervisor_id: UUID | None = Field(None, index=True)
    partnership_id: UUID | None = Field(None, index=True)
    enterprise_ids: list[UUID] = Field(sa_column=ids())
    # as they were named, where one of them has been merged since
    recorded_ids: list[UUID] | None = Field(None, sa_column=Column(ARRAY(Uuid)))


class AttendanceView(Base, table=True):
    """One person on one classroom day of one cycle."""

    __tablename__ = "attendance_views"

    id: UUID = Field(primary_key=True)
    version: int
    participant_id: UUID
    enterprise_id: UUID = Field(index=True)
    recorded_under: UUID | None = Field(None, index=True)
    cycle_id: UUID = Field(index=True)
    date: Day
