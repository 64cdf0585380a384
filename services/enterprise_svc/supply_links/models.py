from datetime import UTC, date, datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
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

    untold: ClassVar[frozenset[str]] = frozenset({"country"})

    buyer_id: UUID = Field(foreign_key="organisations.id", index=True)
    enterprise_id: UUID = Field(foreign_key="enterprises.id", index=True)
    country: str = Field(index=True)  # the enterprise's, for the fences
    tier: int
    since: date
    until: date | None = None
    state: SupplyLinkState = Field(SupplyLinkState.PROPOSED, sa_type=choice(SupplyLinkState), index=True)
    confirmed: bool = False

    def confirm(self) -> None:
        self.demand("confirm")
        self.state, self.confirmed = SupplyLinkState.CONFIRMED, True

    def end(self) -> None:
        """Today, unless it names an earlier last day."""
        self.demand("end")
        today = max(datetime.now(UTC).date(), self.since)
        self.until = min(self.until or today, today)
        self.state = SupplyLinkState.ENDED
