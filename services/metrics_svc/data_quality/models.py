from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from services.metrics_svc.models_base import Base
from shared.db import ResourceColumns, choice
from shared.states import Stateful


class FindingKind(StrEnum):
    COLLISION = "collision"


class FindingState(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    MENDED = "mended"


@dataclass(frozen=True)
class Collision:
    """Several enterprises that were merged had a record with the same key; `counts` is the one that counts."""

    enterprise_id: UUID
    subject: str
    counts: UUID
    others: list[UUID]


class Finding(Base, ResourceColumns, Stateful, table=True):
    """Something about an enterprise's records that somebody should look at. `subject` says in words which record."""

    __tablename__ = "findings"
    __table_args__ = (
        UniqueConstraint("created_by", "external_ref", name="findings_external_ref"),
        UniqueConstraint("kind", "collection", "enterprise_id", "subject", name="findings_subject"),
    )
    verbs: ClassVar = {
        "accept": {FindingState.OPEN},
        "mend": {FindingState.OPEN, FindingState.ACCEPTED},
    }

    kind: FindingKind = Field(sa_type=choice(FindingKind), index=True)
    collection: str = Field(index=True)
    enterprise_id: UUID = Field(index=True)
    subject: str
    record_id: UUID
    other_ids: list[UUID] = Field(default_factory=list, sa_column=Column(ARRAY(Uuid), nullable=False))
    state: FindingState = Field(default=FindingState.OPEN, sa_type=choice(FindingState), index=True)

    def is_of(self, found: Collision) -> bool:
        same = (self.record_id, sorted(self.other_ids)) == (found.counts, sorted(found.others))
        return same and self.state != FindingState.MENDED

    def tell(self, found: Collision) -> None:
        """It is there (again), perhaps otherwise than somebody has accepted."""
        if not self.is_of(found):
            self.record_id, self.other_ids, self.state = found.counts, found.others, FindingState.OPEN

    def accept(self) -> None:
        self.demand("accept")
        self.state = FindingState.ACCEPTED

    def mend(self) -> None:
        self.demand("mend")
        self.state = FindingState.MENDED

    def be_over(self) -> None:
        """It is there no more."""
        self.state = FindingState.MENDED

    @classmethod
    def of(cls, collection: Any, found: Collision) -> "Finding":
        return cls(
            kind=FindingKind.COLLISION,
            collection=str(collection),
            enterprise_id=found.enterprise_id,
            subject=found.subject,
            record_id=found.counts,
            other_ids=found.others,
        )
