from enum import StrEnum
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from services.training_svc.models_base import PERSONAL, Base
from shared.db import ResourceColumns, choice


class ParticipantCategory(StrEnum):
    MANAGER = "manager"
    WORKER = "worker"


class Participant(Base, ResourceColumns, table=True):
    """A person whom an enterprise sends, known by the enterprise's own reference only; it stays out of events."""

    __tablename__ = "participants"
    __table_args__ = (
        UniqueConstraint("created_by", "external_ref", name="participants_external_ref"),
        UniqueConstraint("enterprise_id", "reference", name="participants_reference"),
    )

    enterprise_id: UUID
    reference: str = Field(sa_column_kwargs={"info": PERSONAL})
    sex: str
    category: ParticipantCategory = Field(sa_type=choice(ParticipantCategory))

    def is_said(self, sex: str, category: ParticipantCategory) -> bool:
        return (self.sex, self.category) == (sex, category)
