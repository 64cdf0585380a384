from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field

from services.training_svc.models_base import Base
from shared.db import ResourceColumns, choice
from shared.errors import WrongState
from shared.states import Stateful


class VisitState(StrEnum):
    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    DONE = "done"
    REPORTED = "reported"
    APPROVED = "approved"
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"


PLANNED = (VisitState.PROPOSED, VisitState.CONFIRMED)
AMENDABLE = (*PLANNED, VisitState.DONE)
TOOK_PLACE = (VisitState.DONE, VisitState.REPORTED, VisitState.APPROVED)


class Visit(Base, ResourceColumns, Stateful, table=True):
    """A visit to one enterprise of a cycle; `sequence` 1 is the first there.

    One is superseded when a merger brings two with the same number together. `outranked_from` is its state before.
    """

    __tablename__ = "visits"
    __table_args__ = (
        UniqueConstraint("created_by", "external_ref", name="visits_external_ref"),
        Index(
            "visits_sequence",
            *("cycle_id", "enterprise_id", "sequence"),
            unique=True,
            postgresql_where=text("state <> 'superseded'"),
        ),
    )
    # what happened may be recorded without having been planned; what was returned is done again
    verbs: ClassVar = {
        "confirm": [VisitState.PROPOSED],
        "reschedule": [VisitState.CONFIRMED],
        "done": PLANNED,
        "report": [VisitState.DONE],
        "approve": [VisitState.REPORTED],
        "return": [VisitState.REPORTED],
        "cancel": PLANNED,
    }
    operations: ClassVar = {"done": "visit_took_place"}
    untold: ClassVar = frozenset({"outranked_from"})

    cycle_id: UUID = Field(foreign_key="cycles.id")
    enterprise_id: UUID = Field(index=True)
    trainer_id: UUID | None = Field(default=None, foreign_key="trainers.id", index=True)
    sequence: int
    planned_on: date | None = Field(default=None, index=True)
    done_on: date | None = Field(default=None, index=True)
    report: str | None = None
    state: VisitState = Field(default=VisitState.PROPOSED, sa_type=choice(VisitState), index=True)

    recorded_under: UUID | None = Field(default=None, index=True)
    outranked_from: str | None = None

    @property
    def standing(self) -> tuple[bool, bool, bool]:
        """What took place, then what was not cancelled, then the enterprise's own."""
        state = self.outranked_from or self.state
        return state in TOOK_PLACE, state != VisitState.CANCELLED, self.recorded_under is None

    def give_way(self) -> None:
        if self.outranked_from is None:
            self.state, self.outranked_from = VisitState.SUPERSEDED, self.state.value

    def take_place_again(self) -> None:
        if self.outranked_from is not None:
            self.state, self.outranked_from = VisitState(self.outranked_from), None

    @property
    def key(self) -> tuple[UUID, UUID, int]:
        return self.cycle_id, self.enterprise_id, self.sequence

    def says(self, given: Mapping[str, Any]) -> bool:
        return all(getattr(self, name) == value for name, value in given.items())

    @property
    def amendable(self) -> bool:
        return self.state in AMENDABLE

    def refuse_amending_after_report(self) -> None:
        if not self.amendable:
            raise WrongState(self.state, self.allowed_actions)

    def take_place(self, done_on: date) -> None:
        self.done_on, self.state = done_on, VisitState.DONE
