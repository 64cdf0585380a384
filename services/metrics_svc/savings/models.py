from decimal import Decimal
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Index, Numeric, UniqueConstraint, text
from sqlmodel import Field

from services.metrics_svc.models_base import Base
from services.metrics_svc.records.versions import Facts, RecordState, VersionedColumns
from shared.db import choice
from shared.events.metrics import (
    SavingAmended,
    SavingApproved,
    SavingRecorded,
    SavingReturned,
    SavingSubmitted,
    SavingSuperseded,
)
from shared.types import Money

KEY = ("enterprise_id", "month", "recurrence", "reference")


class Recurrence(StrEnum):
    """One-off savings and savings of a year are never added."""

    ONE_OFF = "one_off"
    ANNUAL = "annual"


class Saving(Base, VersionedColumns, table=True):
    """What an enterprise saved; an approved 0 means that it was asked and saved nothing. No `reference` is ''."""

    __tablename__ = "savings"
    __table_args__ = (
        UniqueConstraint(*KEY, "revision", "recorded_under", name="savings_key", postgresql_nulls_not_distinct=True),
        # two approved versions would count twice
        Index("savings_one_approved", *KEY, unique=True, postgresql_where=text("state = 'approved'")),
        UniqueConstraint("created_by", "external_ref", name="savings_external_ref"),
        # filters that let many through, in the orders of the list
        Index("savings_state_created", "state", "created_at"),
        Index("savings_state_updated", "state", "updated_at"),
        Index("savings_month_created", "month", "created_at"),
    )
    KEY: ClassVar = KEY
    CONTENT: ClassVar = ("amount", "currency")
    APPROVING: ClassVar = "approve_saving"
    FACTS: ClassVar = Facts(
        recorded=SavingRecorded,
        amended=SavingAmended,
        moved={
            RecordState.SUBMITTED: SavingSubmitted,
            RecordState.APPROVED: SavingApproved,
            RecordState.RETURNED: SavingReturned,
            RecordState.SUPERSEDED: SavingSuperseded,
        },
    )

    enterprise_id: UUID
    month: str
    amount: Decimal = Field(sa_type=Numeric)
    currency: str
    recurrence: Recurrence = Field(sa_type=choice(Recurrence))
    reference: str = ""

    @property
    def money(self) -> Money:
        return Money(amount=self.amount, currency=self.currency)
