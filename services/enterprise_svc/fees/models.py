from enum import StrEnum
from typing import Any, ClassVar, Self
from uuid import UUID

from sqlalchemy import Column, Index, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.enterprise_svc.models_base import Base
from shared.db import ResourceColumns, choice
from shared.errors import Forbidden, NotFound, WrongState
from shared.states import Stateful


class FeeState(StrEnum):
    AGREED = "agreed"
    CANCELLED = "cancelled"


class Fee(Base, ResourceColumns, Stateful, table=True):
    """What the training of one enterprise costs within a partnership, and who bears which part of it.

    `shares`: `[{"payer_id", "percent", "amount": {"amount", "currency"}}]`, the amounts adding up to `amount`. A payer is an
    organisation or the enterprise itself.
    """

    __tablename__ = "fees"
    __table_args__ = (
        UniqueConstraint("partnership_id", "created_by", "external_ref", name="fees_external_ref"),
        Index("fees_ref", "external_ref"),
        Index("fees_parties", "party_ids", postgresql_using="gin"),
        Index("fees_shares", "shares", postgresql_using="gin"),
    )
    untold: ClassVar[frozenset[str]] = frozenset({"country", "party_ids"})
    verbs: ClassVar = {"cancel": {FeeState.AGREED}}

    partnership_id: UUID = Field(foreign_key="partnerships.id", index=True)
    enterprise_id: UUID = Field(foreign_key="enterprises.id", index=True)
    country: str = Field(index=True)  # the enterprise's, for the fences
    # the partnership's parties, for the fences
    party_ids: list[UUID] = Field(default_factory=list, sa_column=Column(ARRAY(Uuid), nullable=False))
    amount: dict[str, str] = Field(sa_column=Column(JSONB, nullable=False))
    shares: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    state: FeeState = Field(FeeState.AGREED, sa_type=choice(FeeState), index=True)
    reason: str | None = None
    recorded_under: UUID | None = Field(None, index=True)

    def follow_payer(self, before: UUID) -> None:
        """What the enterprise bears itself it bears under its id of today, not that of `before`."""
        old, new = str(before), str(self.enterprise_id)
        self.shares = [share | {"payer_id": new} if share["payer_id"] == old else share for share in self.shares]

    @classmethod
    async def of(cls, session: AsyncSession, partnership_id: UUID, id: UUID) -> Self:
        """The fee `id` of that partnership; `NotFound` if it has none."""
        found = (await session.exec(select(cls).where(cls.id == id, cls.partnership_id == partnership_id))).first()
        if found is None:
            raise NotFound()
        return found

    @classmethod
    async def of_for_change(cls, session: AsyncSession, partnership_id: UUID, id: UUID) -> Self:
        """The same, locked; `Forbidden` if it may only be seen."""
        here = select(cls).where(cls.id == id, cls.partnership_id == partnership_id)
        found = (await session.exec(here.with_for_update())).first()
        if found is None:
            await cls.of(session, partnership_id, id)
            raise Forbidden()
        return found

    def demand_agreed(self) -> None:
        if self.state != FeeState.AGREED:
            raise WrongState(self.state, self.allowed_actions)

    def cancel(self, reason: str) -> None:
        self.demand("cancel")
        self.state, self.reason = FeeState.CANCELLED, reason
