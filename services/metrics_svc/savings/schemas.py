from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from services.metrics_svc.records.schemas import ApproveMany, RecordFilter, RecordQuery, SentState, VersionedResource
from services.metrics_svc.savings.models import Recurrence, Saving
from shared.pagination import any_of
from shared.references import Reference
from shared.types import Currency, ExternalRef, Id, Input, Money, Month, Text, refuse


def not_negative(money: Money) -> Money:
    if money.amount < 0:
        raise refuse("out_of_range", "A saving is 0 or more.")
    return money


class SavingContent(Input):
    """An enterprise may save several times in a month: `reference` tells the savings apart."""

    month: Month
    amount: Annotated[Money, AfterValidator(not_negative)]
    recurrence: Recurrence
    reference: Text | None = Field(
        None, description="Your own word for this saving, for instance a number of an action"
    )

    def columns(self) -> dict[str, Any]:
        """As columns of the table, where a left-out reference is ''."""
        values = self.model_dump(exclude={"amount"}) | {"reference": self.reference or ""}
        return values | {"amount": self.amount.amount, "currency": self.amount.currency}


class SavingRow(SavingContent):
    """A row of an import; the key is enterprise, month, recurrence and reference."""

    enterprise_id: Reference
    state: SentState = "submitted"
    external_ref: ExternalRef | None = None


class AmendSaving(SavingContent):
    """What identifies a saving stays: enterprise, month, recurrence, reference."""

    enterprise_id: Id
    external_ref: ExternalRef | None = None

    @classmethod
    def present(cls, saving: Saving) -> "AmendSaving":
        """The body that would make `saving` as it is."""
        same = {name: getattr(saving, name) for name in ("enterprise_id", "month", "recurrence", "external_ref")}
        return cls(amount=saving.money, reference=saving.reference or None, **same)


class RecordSaving(AmendSaving):
    """What an enterprise saved. An approved 0 means: asked, and there was none."""

    state: SentState = "submitted"


class SavingOut(VersionedResource):
    enterprise_id: Id
    month: str
    amount: Money = Field(validation_alias="money")
    recurrence: Recurrence
    reference: Annotated[str | None, BeforeValidator(lambda reference: reference or None)]


class SavingFilter(RecordFilter):
    month: any_of(Month) | None = None
    recurrence: any_of(Recurrence) | None = None
    reference: Text | None = None
    currency: any_of(Currency) | None = None


class SavingQuery(SavingFilter, RecordQuery):
    pass


class ApproveSavings(ApproveMany[SavingFilter]):
    pass
