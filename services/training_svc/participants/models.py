from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field

from services.training_svc.models_base import ERASED, PERSONAL, Base, Erasable
from shared.db import ResourceColumns, choice, now


class ParticipantCategory(StrEnum):
    MANAGER = "manager"
    WORKER = "worker"


class Participant(Base, ResourceColumns, Erasable, table=True):
    """A person whom an enterprise sends, known by the enterprise's own reference only; it stays out of events.

    `superseded_by`: the participant that counts, where two enterprises that were merged knew somebody by the same reference.
    """

    __tablename__ = "participants"
    __table_args__ = (
        UniqueConstraint("created_by", "external_ref", name="participants_external_ref"),
        Index(
            "participants_reference",
            *("enterprise_id", "reference"),
            unique=True,
            postgresql_where=text("superseded_by is null"),
        ),
    )

    enterprise_id: UUID
    reference: str = Field(sa_column_kwargs={"info": PERSONAL})
    sex: str
    category: ParticipantCategory = Field(sa_type=choice(ParticipantCategory))

    erased_at: datetime | None = None
    recorded_under: UUID | None = Field(default=None, index=True)
    superseded_by: UUID | None = Field(default=None, index=True)

    def erase(self) -> None:
        """The rest stays: it is counted, and tells nobody who it was. The enterprise's word now names nobody here."""
        self.refuse_if_erased()
        self.reference, self.external_ref, self.erased_at = f"{ERASED}-{uuid4().hex}", None, now()
