from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Self
from uuid import UUID

from sqlalchemy import Column, Index, Text, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field
from sqlmodel.ext.asyncio.session import AsyncSession

from services.enterprise_svc.models_base import Base
from shared.db import ResourceColumns, choice, now, uuid7
from shared.errors import NotFound
from shared.states import Stateful


class EnterpriseState(StrEnum):
    REGISTERED = "registered"
    ELIGIBLE = "eligible"
    INELIGIBLE = "ineligible"
    ENROLLED = "enrolled"
    ACTIVE = "active"
    DORMANT = "dormant"
    COMPLETED = "completed"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"


WORDS = "string_to_array(searchable, ' '::text)"  # whole ones: an index knows them better than by their parts
DEAD = frozenset({EnterpriseState.WITHDRAWN, EnterpriseState.CLOSED})
LIVING = frozenset(EnterpriseState) - DEAD
NOT_YET_ACTIVE = frozenset({EnterpriseState.REGISTERED, EnterpriseState.ELIGIBLE, EnterpriseState.ENROLLED})


class Enterprise(Base, ResourceColumns, Stateful, table=True):
    """A small or medium enterprise that may be trained.

    `identifiers` are written `scheme:value`; no two enterprises carry the same. `searchable` holds all names in the form
    in which they are searched. `attended`: an attendance of its people is known, whatever its state was when it came.
    `assessed_by_hand`: somebody has said whether it is eligible, so that its size no longer does.

    One that was merged into another keeps its row as it was, and nobody is answered it: its id is read as the other's.
    `taken_over` is what the other took over of it; `merged_from` names all that are read as this one.
    """

    __tablename__ = "enterprises"
    __table_args__ = (
        UniqueConstraint("created_by", "external_ref", name="enterprises_external_ref"),
        Index("enterprises_ref", "external_ref"),
        # each filter with the orders of the list: a page is read off, however many match
        Index("enterprises_country_created", "country", "created_at"),
        Index("enterprises_country_updated", "country", "updated_at"),
        Index("enterprises_state_created", "state", "created_at"),
        Index("enterprises_state_updated", "state", "updated_at"),
        Index("enterprises_country_state", "country", "state", "created_at"),
        Index("enterprises_isic", "isic", "created_at", postgresql_ops={"isic": "text_pattern_ops"}),
        Index("enterprises_isic_updated", "isic", "updated_at"),
        Index("enterprises_division_created", text('"left"(isic::text, 2)'), "created_at"),
        Index("enterprises_division_updated", text('"left"(isic::text, 2)'), "updated_at"),
        Index("enterprises_identifiers", "identifiers", postgresql_using="gin"),
        Index(
            "enterprises_searchable",
            "searchable",
            postgresql_using="gin",
            postgresql_ops={"searchable": "gin_trgm_ops"},
        ),
        Index("enterprises_words", text(WORDS), postgresql_using="gin"),
    )
    untold: ClassVar[frozenset[str]] = frozenset(
        {"searchable", "attended", "assessed_by_hand", "merged_at", "taken_over"}
    )
    verbs: ClassVar = {
        "assess": {EnterpriseState.REGISTERED, EnterpriseState.ELIGIBLE, EnterpriseState.INELIGIBLE},
        "enrol": {EnterpriseState.ELIGIBLE},
        "suspend": {EnterpriseState.ENROLLED, EnterpriseState.ACTIVE},
        "resume": {EnterpriseState.DORMANT},
        "complete": {EnterpriseState.ACTIVE},
        "withdraw": LIVING,
        "close": LIVING,
        "merge": frozenset(EnterpriseState),
    }

    legal_name: str = Field(index=True)
    country: str
    local_name: str | None = None
    trade_names: list[str] = Field(default_factory=list, sa_column=Column(ARRAY(Text), nullable=False))
    subdivision: str | None = None
    address: dict[str, Any] | None = Field(None, sa_column=Column(JSONB(none_as_null=True)))
    location: dict[str, Any] | None = Field(None, sa_column=Column(JSONB(none_as_null=True)))
    isic: str | None = None
    languages: list[str] = Field(default_factory=list, sa_column=Column(ARRAY(Text), nullable=False))
    identifiers: list[str] = Field(default_factory=list, sa_column=Column(ARRAY(Text), nullable=False))
    workforce: dict[str, Any] | None = Field(None, sa_column=Column(JSONB(none_as_null=True)))
    state: EnterpriseState = Field(EnterpriseState.REGISTERED, sa_type=choice(EnterpriseState))
    reason: str | None = None
    searchable: str
    attended: bool = False
    assessed_by_hand: bool = False
    merged_into: UUID | None = Field(None, foreign_key="enterprises.id", index=True)
    merged_at: datetime | None = None
    merged_from: list[UUID] = Field(
        default_factory=list, sa_column=Column(ARRAY(Uuid), nullable=False, server_default="{}")
    )
    taken_over: dict[str, Any] | None = Field(None, sa_column=Column(JSONB(none_as_null=True)))

    @classmethod
    def there(cls, found: Self | None) -> Self:
        return super().there(found).unless_merged()

    @classmethod
    async def for_change(cls, session: AsyncSession, id: UUID) -> Self:
        return (await super().for_change(session, id)).unless_merged()

    def unless_merged(self) -> Self:
        """What it is read as is said by `mergers.redirect`, at the door."""
        if self.merged_into is not None:
            raise NotFound()
        return self

    @property
    def possible_actions(self) -> list[str]:
        return [*super().possible_actions, *(["unmerge"] if self.merged_from else [])]

    @property
    def workforce_total(self) -> int | None:
        return self.workforce["total"] if self.workforce else None

    def assess(self, eligible: bool, reason: str | None) -> None:
        self.demand("assess")
        self.assessed_by_hand = True
        self._decide(eligible, reason)

    def assess_by_size(self, objection: str | None) -> None:
        """The country's band of sizes decides as long as nobody has, and until it takes part."""
        if "assess" in self.possible_actions and not self.assessed_by_hand:
            self._decide(objection is None, objection)

    def _decide(self, eligible: bool, reason: str | None) -> None:
        active_or_eligible = EnterpriseState.ACTIVE if self.attended else EnterpriseState.ELIGIBLE
        self.state = active_or_eligible if eligible else EnterpriseState.INELIGIBLE
        self.reason = reason

    def enrol(self) -> None:
        self.demand("enrol")
        self.state = EnterpriseState.ENROLLED

    def attend(self) -> bool:
        """Its first attendance is known; True when this makes it active."""
        self.attended = True
        activated = self.state in NOT_YET_ACTIVE
        if activated:
            self.state = EnterpriseState.ACTIVE
        return activated

    def suspend(self) -> None:
        self.demand("suspend")
        self.state = EnterpriseState.DORMANT

    def resume(self) -> None:
        """Back to where it was: active if it has attended, even if word of that came meanwhile."""
        self.demand("resume")
        self.state = EnterpriseState.ACTIVE if self.attended else EnterpriseState.ENROLLED

    def complete(self) -> None:
        self.demand("complete")
        self.state = EnterpriseState.COMPLETED

    def withdraw(self, reason: str) -> None:
        self.demand("withdraw")
        self.state, self.reason = EnterpriseState.WITHDRAWN, reason

    # --- mergers ---

    def take_over(self, other: "Enterprise") -> None:
        """`other` is the same enterprise: what it is known by, and that it has attended, is this one's from now on."""
        schemes = {identifier.partition(":")[0] for identifier in self.identifiers}
        news = [identifier for identifier in other.identifiers if identifier.partition(":")[0] not in schemes]
        other.taken_over = {"identifiers": news, "attended": self.attended, "state": self.state}
        self.identifiers = [*self.identifiers, *news]
        self.merged_from = [*self.merged_from, other.id, *other.merged_from]
        if other.attended and not self.attended:
            self.attend()
        other.taken_over["state_after"] = self.state

    def merge_into(self, survivor: "Enterprise") -> None:
        self.merged_into, self.merged_at = survivor.id, now()

    def give_back(self, other: "Enterprise") -> None:
        """The undoing of `take_over`, as far as nothing else has happened to the same since."""
        taken = other.taken_over or {}
        if self.attended != taken["attended"]:
            self.attended = taken["attended"]
            if self.state == taken["state_after"]:
                self.state = EnterpriseState(taken["state"])

    def forget_identifiers(self, numbers: Collection[str]) -> None:
        """They are another's, and so not this one's to take back either."""
        self.identifiers = [one for one in self.identifiers if one not in numbers]
        if taken := self.taken_over:
            self.taken_over = taken | {"identifiers": [one for one in taken["identifiers"] if one not in numbers]}

    def disown(self, ids: Collection[UUID]) -> None:
        self.merged_from = [id for id in self.merged_from if id not in ids]

    def stand_alone(self) -> None:
        self.merged_into = self.merged_at = self.taken_over = None

    def close(self, reason: str) -> None:
        self.demand("close")
        self.state, self.reason = EnterpriseState.CLOSED, reason


class IdentifierClaim(Base, table=True):
    """Which enterprise had which identifier, from when to when; at any time one enterprise has it."""

    __tablename__ = "identifier_claims"
    __table_args__ = (
        Index("identifier_claims_held", "identifier", unique=True, postgresql_where=text("until is null")),
        Index("identifier_claims_past", "identifier"),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    identifier: str
    enterprise_id: UUID = Field(foreign_key="enterprises.id", index=True)
    since: datetime = Field(default_factory=now)
    until: datetime | None = None
