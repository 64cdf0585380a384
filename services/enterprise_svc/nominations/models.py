from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Self
from uuid import UUID

from sqlalchemy import Column, Index, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.enterprise_svc.models_base import Base
from shared.db import ResourceColumns, choice, now
from shared.errors import NotFound
from shared.states import Stateful


class NominationState(StrEnum):
    SENT = "sent"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


OPEN = (NominationState.SENT, NominationState.ACCEPTED)


class Nomination(Base, ResourceColumns, Stateful, table=True):
    """An enterprise is asked to take part in a partnership; one that accepts is a member.

    What nobody has answered by `expires_at` has expired: from that instant on, whenever it comes to be written down.
    """

    __tablename__ = "nominations"
    __table_args__ = (
        UniqueConstraint("partnership_id", "created_by", "external_ref", name="nominations_external_ref"),
        Index("nominations_ref", "external_ref"),
        Index(
            "nominations_open",
            "partnership_id",
            "enterprise_id",
            unique=True,
            postgresql_where=text("state in ('sent', 'accepted')"),
        ),
        Index("nominations_parties", "party_ids", postgresql_using="gin"),
        Index("nominations_expiring", "expires_at", postgresql_where=text("state = 'sent'")),
    )
    untold: ClassVar[frozenset[str]] = frozenset({"country", "party_ids", "outranked_from"})
    verbs: ClassVar = {
        "accept": {NominationState.SENT},
        "decline": {NominationState.SENT},
        "cancel": {NominationState.SENT},
    }

    partnership_id: UUID = Field(foreign_key="partnerships.id", index=True)
    enterprise_id: UUID = Field(foreign_key="enterprises.id", index=True)
    country: str = Field(index=True)  # the enterprise's, for the fences
    # the partnership's parties, for the fences
    party_ids: list[UUID] = Field(default_factory=list, sa_column=Column(ARRAY(Uuid), nullable=False))
    state: NominationState = Field(NominationState.SENT, sa_type=choice(NominationState), index=True)
    expires_at: datetime
    recorded_under: UUID | None = Field(None, index=True)
    # its state before another one of the same two, which a merger brought together, made it void
    outranked_from: str | None = None

    @property
    def stands(self) -> bool:
        return self.outranked_from is not None or self.state in OPEN

    @property
    def standing(self) -> tuple[bool, bool, str]:
        """An accepted one, then the enterprise's own, then the later."""
        accepted = (self.outranked_from or self.state) == NominationState.ACCEPTED
        return accepted, self.recorded_under is None, str(self.id)

    def give_way(self) -> None:
        self.state, self.outranked_from = NominationState.CANCELLED, self.state.value

    def take_place_again(self) -> None:
        self.state, self.outranked_from = NominationState(self.outranked_from or self.state), None

    @property
    def present_state(self) -> NominationState:
        return self.state_at(now())

    def state_at(self, instant: datetime) -> NominationState:
        overdue = self.state == NominationState.SENT and self.expires_at <= instant
        return NominationState.EXPIRED if overdue else self.state

    @classmethod
    async def of(cls, session: AsyncSession, partnership_id: UUID, id: UUID, *, lock: bool = False) -> Self:
        """The nomination `id` of that partnership; `NotFound` if it has none."""
        statement = select(cls).where(cls.id == id, cls.partnership_id == partnership_id)
        found = (await session.exec(statement.with_for_update() if lock else statement)).first()
        if found is None:
            raise NotFound()
        return found

    def accept(self) -> None:
        self.demand("accept")
        self.state = NominationState.ACCEPTED

    def decline(self) -> None:
        self.demand("decline")
        self.state = NominationState.DECLINED

    def cancel(self) -> None:
        self.demand("cancel")
        self.state = NominationState.CANCELLED

    def expire(self) -> None:
        self.state = NominationState.EXPIRED
