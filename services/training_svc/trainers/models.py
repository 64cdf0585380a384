from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.training_svc.models_base import ERASED, PERSONAL, Base, Erasable, texts
from shared.db import ResourceColumns, now


class Trainer(Base, ResourceColumns, Erasable, table=True):
    """A person who gives the training. Name and base stay out of events."""

    __tablename__ = "trainers"
    __table_args__ = (UniqueConstraint("created_by", "external_ref", name="trainers_external_ref"),)

    name: str = Field(sa_column_kwargs={"info": PERSONAL})
    organisation_id: UUID = Field(index=True)
    country: str = Field(index=True)
    languages: list[str] = Field(default_factory=list, sa_column=texts())
    sectors: list[str] = Field(default_factory=list, sa_column=texts())
    sex: str | None = None
    base: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB(none_as_null=True), info=PERSONAL))
    max_days_per_month: int | None = None
    erased_at: datetime | None = None

    def erase(self) -> None:
        """The rest stays: it is counted, and tells nobody who it was."""
        self.refuse_if_erased()
        self.name, self.base, self.external_ref, self.erased_at = ERASED, None, None, now()
