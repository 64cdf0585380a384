from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.enterprise_svc.models_base import Base
from shared.db import ResourceColumns, choice
from shared.states import Stateful


class SupplyLinkState(StrEnum):
    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    ENDED = "ended"


class SupplyLink(Base, ResourceColumns, Stateful, table=True):
    """That an enterprise supplies a buyer. It counts on a day between `since` and `until` when it was ever confirmed."""

    __tablename__ = "supply_links"
    __table_args__ = (
        UniqueConstraint("created_by", "external_ref", name="supply_links_external_ref"),
        Index("supply_links_ref", "external_ref"),
        Index("supply_links_days", "since", "until"),
    )
    verbs: ClassVar = {
        "confirm": {SupplyLinkState.PROPOSED},
        "end": {SupplyLinkState.PROPOSED, SupplyLinkState.CONFIRMED},
    }

    untold: ClassVar[frozenset[str]] = frozenset({"country", "outranked_from"})

    buyer_id: UUID = Field(foreign_key="organisations.id", index=True)
    enterprise_id: UUID = Field(foreign_key="enterprises.id", index=True)
    country: str = Field(index=True)  # the enterprise's, for the fences
    tier: int
    since: date
    until: date | None = None
    state: SupplyLinkState = Field(SupplyLinkState.PROPOSED, sa_type=choice(SupplyLinkState), index=True)
    confirmed: bool = False
    recorded_under: UUID | None = Field(None, index=True)
    # its state and last day before another link of the same two, which a merger brought together, made it end
    outranked_from: dict[str, Any] | None = Field(None, sa_column=Column(JSONB(none_as_null=True)))

    @property
    def stands(self) -> bool:
        """It lives, or would but for that other one."""
        over = self.until is not None and self.until < datetime.now(UTC).date()
        return self.outranked_from is not None or not (over or self.state == SupplyLinkState.ENDED)

    @property
    def standing(self) -> tuple[bool, bool, date, str]:
        """A confirmed one, then the enterprise's own, then the later."""
        return self.confirmed, self.recorded_under is None, self.since, str(self.id)

    def give_way(self) -> None:
        self.outranked_from = {"state": self.state.value, "until": self.until and self.until.isoformat()}
        self.end()

    def take_place_again(self) -> None:
        before = self.outranked_from or {}
        self.state, self.outranked_from = SupplyLinkState(before["state"]), None
        self.until = date.fromisoformat(before["until"]) if before["until"] else None

    def confirm(self) -> None:
        self.demand("confirm")
        self.state, self.confirmed = SupplyLinkState.CONFIRMED, True

    def end(self) -> None:
        """Today, unless it names an earlier last day."""
        self.demand("end")
        today = max(datetime.now(UTC).date(), self.since)
        self.until = min(self.until or today, today)
        self.state = SupplyLinkState.ENDED
