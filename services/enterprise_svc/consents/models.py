from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Column, Index, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from services.enterprise_svc.models_base import Base
from shared.consents import ConsentScope
from shared.db import ResourceColumns, choice, now
from shared.states import Stateful

PUBLIC = "public"


class ConsentState(StrEnum):
    GRANTED = "granted"
    WITHDRAWN = "withdrawn"


class Consent(Base, ResourceColumns, Stateful, table=True):
    """An entry of the ledger: what an enterprise allows an organisation, or the public where there is no `grantee_id`.

    Nothing of it ever changes but that it is withdrawn, once: the application role has no right to more (see the migration).
    `country` is no part of it: it follows the enterprise. Nor is whose it is today: where the enterprise was merged it is the
    survivor's, `recorded_under` the id it was given for. It allows what was recorded under one of the ids in `covers`.
    """

    __tablename__ = "consents"
    __table_args__ = (
        UniqueConstraint("created_by", "external_ref", name="consents_external_ref"),
        Index("consents_ref", "external_ref"),
        Index("consents_of_enterprise", "enterprise_id", "grantee_id"),
        Index("consents_days", "since", "until"),
        Index("consents_covers", "covers", postgresql_using="gin"),
        {
            "info": {
                "stamped_in": ("version", "updated_at", "withdrawn_at", "country", "enterprise_id", "recorded_under")
            }
        },
    )
    untold: ClassVar[frozenset[str]] = frozenset({"country", "covers"})
    verbs: ClassVar = {"withdraw": {ConsentState.GRANTED}}

    enterprise_id: UUID = Field(foreign_key="enterprises.id")
    country: str = Field(index=True)  # the enterprise's, for the fences
    grantee_id: UUID | None = Field(None, foreign_key="organisations.id", index=True)
    scope: ConsentScope = Field(sa_type=choice(ConsentScope))
    purpose: str | None = None
    since: date
    until: date | None = None
    evidence: str | None = None
    withdrawn_at: datetime | None = None
    recorded_under: UUID | None = Field(None, index=True)
    covers: list[UUID] = Field(default_factory=list, sa_column=Column(ARRAY(Uuid), nullable=False))

    @property
    def present_state(self) -> ConsentState:
        return ConsentState.GRANTED if self.withdrawn_at is None else ConsentState.WITHDRAWN

    def withdraw(self) -> None:
        """Now: no read after this allows anything by it."""
        self.demand("withdraw")
        self.withdrawn_at = now()
