from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field

from services.enterprise_svc.fees.models import FeeState
from shared.pagination import ListQuery, each
from shared.types import (
    Answer,
    DecimalIn,
    ExternalRef,
    Id,
    Input,
    Money,
    Resource,
    Text,
    decimal_text,
    positive,
    refuse,
    refuse_at,
)

HUNDRED = Decimal(100)
BUYER, SUPPLIER = "018f0c5e-7f00-7000-8000-00000000000b", "018f0c5e-7f00-7000-8000-00000000000c"  # of the example


def of_a_whole(percent: Decimal) -> Decimal:
    if percent > HUNDRED:
        raise refuse("out_of_range", f"percent ({decimal_text(percent)}) is more than 100.")
    return positive(percent).normalize()


class CostShare(Input):
    payer_id: Id = Field(description="An organisation, or the enterprise itself")
    percent: Annotated[DecimalIn, AfterValidator(of_a_whole)] = Field(examples=["50"])


def adding_up(shares: Sequence[CostShare]) -> Sequence[CostShare]:
    if len({share.payer_id for share in shares}) < len(shares):
        raise refuse("duplicate", "Somebody pays twice here; add the two percentages up.")
    if (total := sum(share.percent for share in shares)) != HUNDRED:
        raise refuse("not_a_whole", f"The percentages add up to {decimal_text(Decimal(total))}, not to 100.")
    return shares


def more_than_nothing(amount: Money) -> Money:
    if amount.amount <= 0:
        raise refuse_at("amount", "out_of_range", "The number must be greater than 0.")
    return amount


class AgreeFee(Input):
    """What the training of one enterprise costs, and who pays which part: the percentages add up to 100."""

    enterprise_id: Id
    amount: Annotated[Money, AfterValidator(more_than_nothing)] = Field(
        examples=[{"amount": "3000.00", "currency": "USD"}], description="In the currency of the partnership's budget"
    )
    shares: Annotated[list[CostShare], AfterValidator(adding_up)] = Field(
        min_length=1,
        max_length=100,
        examples=[[{"payer_id": id, "percent": "50"} for id in (BUYER, SUPPLIER)]],
        description="The percentages add up to 100",
    )
    external_ref: ExternalRef | None = None


class CancelFee(Input):
    reason: Text = Field(examples=["Agreed with another partnership"])


class KnownShare(Answer):
    """`amount`: the part in money. The parts of a fee add up to it, to the last unit of its currency."""

    payer_id: UUID
    percent: DecimalIn
    amount: Money


class FeeOut(Resource):
    partnership_id: UUID
    enterprise_id: UUID
    amount: Money
    shares: list[KnownShare]
    state: FeeState
    reason: str | None = Field(description="Why it was cancelled")
    external_ref: str | None
    allowed_actions: list[str]


class FeeQuery(ListQuery):
    enterprise_id: Annotated[str | None, each(Id)] = None
    payer_id: Annotated[str | None, each(Id)] = None
    state: Annotated[str | None, each(FeeState)] = None
