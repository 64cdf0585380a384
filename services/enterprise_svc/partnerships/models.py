from datetime import date
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from services.enterprise_svc.models_base import Base
from shared.db import ResourceColumns, choice
from shared.states import Stateful


class PartnershipState(StrEnum):
    DRAFT = "draft"
    SIGNED = "signed"
    ACTIVE = "active"
    CLOSED = "closed"


class Partnership(Base, ResourceColumns, Stateful, table=True):
    """An agreement of organisations to train enterprises, with its budget and targets."""

    __tablename__ = "partnerships"
    __table_args__ = (
        UniqueConstraint("created_by", "external_ref", name="partnerships_external_ref"),
        Index("partnerships_ref", "external_ref"),
        Index("partnerships_days", "starts_on", "ends_on"),
        Index("partnerships_countries", "countries", postgresql_using="gin"),
        Index("partnerships_parties", "parties", postgresql_using="gin"),
    )
    verbs: ClassVar = {
        "sign": {PartnershipState.DRAFT},
        "activate": {PartnershipState.SIGNED},
        "close": {PartnershipState.ACTIVE},
    }

    name: str
    parties: list[dict[str, str]] = Field(default_factory=list, sa_column=Column(JSONB, nullable=False))
    countries: list[str] = Field(default_factory=list, sa_column=Column(ARRAY(Text), nullable=False))
    starts_on: date
    ends_on: date | None = None
    phase_id: UUID | None = Field(None, foreign_key="phases.id", index=True)
    budget: dict[str, Any] | None = Field(None, sa_column=Column(JSONB(none_as_null=True)))
    targets: dict[str, Any] | None = Field(None, sa_column=Column(JSONB(none_as_null=True)))
    state: PartnershipState = Field(PartnershipState.DRAFT, sa_type=choice(PartnershipState), index=True)

    @property
    def party_ids(self) -> list[UUID]:
        return sorted({UUID(party["organisation_id"]) for party in self.parties})

    def sign(self) -> None:
        self.demand("sign")
        self.state = PartnershipState.SIGNED

    def activate(self) -> None:
        self.demand("activate")
        self.state = PartnershipState.ACTIVE

    def close(self) -> None:
        self.demand("close")
        self.state = PartnershipState.CLOSED
