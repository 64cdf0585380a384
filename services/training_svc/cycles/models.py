from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, Index, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import query_expression
from sqlmodel import Field

from services.training_svc.cycles.errors import CycleCancelled
from services.training_svc.models_base import Base
from shared.db import ResourceColumns, choice
from shared.errors import WrongState
from shared.states import Stateful


class CycleState(StrEnum):
    DRAFT = "draft"
    PLANNED = "planned"
    OPEN = "open"
    CONFIRMED = "confirmed"
    IN_CLASSROOM = "in_classroom"
    VISITS = "visits"
    REPORTING = "reporting"
    CLOSED = "closed"
    CANCELLED = "cancelled"


BEFORE_START = (CycleState.DRAFT, CycleState.PLANNED, CycleState.OPEN, CycleState.CONFIRMED)


class Cycle(Base, ResourceColumns, Stateful, table=True):
    """One module given to a group of enterprises: the days in the classroom, then the visits."""

    __tablename__ = "cycles"
    __table_args__ = (
        UniqueConstraint("created_by", "external_ref", name="cycles_external_ref"),
        Index("cycles_enterprise_ids", "enterprise_ids", postgresql_using="gin"),
        Index("cycles_co_trainer_ids", "co_trainer_ids", postgresql_using="gin"),
        Index("cycles_days", "first_day", "last_day"),
    )
    verbs: ClassVar = {
        "plan": [CycleState.DRAFT],
        "open": [CycleState.PLANNED],
        "confirm": [CycleState.OPEN],
        "start": [CycleState.CONFIRMED],
        "begin-visits": [CycleState.IN_CLASSROOM],
        "begin-reporting": [CycleState.VISITS],
        "close": [CycleState.REPORTING],
        "cancel": BEFORE_START,
    }
    operations: ClassVar = {
        "begin-visits": "begin_visits_of_cycle",
        "begin-reporting": "begin_reporting_of_cycle",
    }
    untold: ClassVar = frozenset({"enterprise_ids", "recorded_enterprises", "first_day", "last_day"})

    module: str = Field(foreign_key="modules.code", index=True)
    variant: str
    country: str = Field(index=True)
    phase_id: UUID | None = Field(default=None, index=True)
    partnership_id: UUID | None = Field(default=None, index=True)
    provider_id: UUID | None = Field(default=None, index=True)
    enterprises: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    classroom: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    lead_trainer_id: UUID | None = Field(default=None, foreign_key="trainers.id", index=True)
    co_trainer_ids: list[UUID] = Field(sa_column=Column(ARRAY(Uuid), nullable=False))
    supervisor_id: UUID | None = Field(default=None, foreign_key="trainers.id", index=True)
    state: CycleState = Field(default=CycleState.DRAFT, sa_type=choice(CycleState), index=True)
    # computed from `enterprises` and `classroom`, for filters
    enterprise_ids: list[UUID] = Field(sa_column=Column(ARRAY(Uuid), nullable=False))
    first_day: date | None = None
    last_day: date | None = None
    # `enterprises` as they were named, where one of them has been merged into another since
    recorded_enterprises: list[dict[str, Any]] | None = Field(None, sa_column=Column(JSONB(none_as_null=True)))

    @property
    def named_enterprises(self) -> list[dict[str, Any]]:
        return self.enterprises if self.recorded_enterprises is None else self.recorded_enterprises

    @property
    def recorded_ids(self) -> list[UUID] | None:
        named = self.recorded_enterprises
        return None if named is None else [UUID(one["enterprise_id"]) for one in named]

    def name_enterprises(self, named: list[dict[str, Any]], homes: Mapping[UUID, UUID]) -> None:
        """As `named`, each read as what it is now and once; of two that are one by now its own entry counts, filled from the
        other's.
        """
        present: dict[UUID, dict[str, Any]] = {}
        for one in sorted(named, key=lambda one: UUID(one["enterprise_id"]) in homes):
            id = homes.get(UUID(one["enterprise_id"]), UUID(one["enterprise_id"]))
            first = present.setdefault(id, one | {"enterprise_id": str(id)})
            first["baseline_on"] = first["baseline_on"] or one["baseline_on"]
        order = [homes.get(id, id) for id in (UUID(one["enterprise_id"]) for one in named)]
        self.enterprise_ids = list(dict.fromkeys(order))
        self.enterprises = [present[id] for id in self.enterprise_ids]
        self.recorded_enterprises = None if self.enterprises == named else named

    def rename_enterprises(self, homes: Mapping[UUID, UUID]) -> None:
        """Its enterprises were amended: those that were named by an older id stay so named."""
        named, present = self.named_enterprises, self.enterprises
        own = {one["enterprise_id"] for one in named}
        told: list[dict[str, Any]] = []
        for one in present:
            old = [other for other in named if str(homes.get(UUID(other["enterprise_id"]))) == one["enterprise_id"]]
            alone = one["enterprise_id"] in own or not old
            told += [one, *old] if alone else [other | {"baseline_on": one["baseline_on"]} for other in old]
        self.name_enterprises(told, homes)

    if TYPE_CHECKING:
        ids_in_sight: list[UUID] | None  # no column: see below

    @property
    def enterprises_in_sight(self) -> list[dict[str, Any]]:
        """Of its enterprises those that whoever asks may see; none unless the query says which (`queries.in_sight`)."""
        seen = {str(id) for id in self.ids_in_sight or ()}
        return [one for one in self.enterprises if one["enterprise_id"] in seen]

    @property
    def days(self) -> list[date]:
        return [date.fromisoformat(day["date"]) for day in self.classroom]

    def is_none_of_its_days(self, day: date) -> str:
        """In words, for whoever believed so."""
        named = ", ".join(str(one) for one in self.days)
        return f"date ({day}) is none of the classroom days of the cycle ({named or 'it names none'})."

    @property
    def without_baseline(self) -> list[int]:
        """Places of the enterprises that name no baseline day."""
        return [n for n, enterprise in enumerate(self.enterprises) if not enterprise["baseline_on"]]

    def refuse_amending_after_start(self) -> None:
        if self.state not in BEFORE_START:
            raise WrongState(self.state, self.allowed_actions)

    def refuse_if_cancelled(self) -> None:
        if self.state == CycleState.CANCELLED:
            raise CycleCancelled()


# of `enterprise_ids` those that whoever asks may see, where a query works it out
Cycle.ids_in_sight = query_expression()  # type: ignore[assignment]
