from uuid import UUID

from pydantic import Field

from services.enterprise_svc.partnerships.schemas import PartnershipTargets
from shared.types import Answer, Day, Instant, Money

COMMITTED = "Agreed in fees that hold, as far as parties of the partnership bear them"
SPENT = "Of what is committed: owed for enterprises that have attended"


class ActualsOut(Answer):
    """Null where it may not be told."""

    enterprises: int | None = Field(description="That attended a cycle of the partnership")
    workers: int | None = Field(description="Employed by these enterprises, as far as their workforce is known")
    staff_trained: int | None = Field(description="Persons who attended")
    reporting: int | None = Field(description="Of these enterprises: with an approved observation or saving")


class PayerOut(Answer):
    """An organisation that bears parts of fees, a party or not."""

    payer_id: UUID
    committed: Money
    spent: Money | None


class ProgressOut(Answer):
    """Money is in the currency of the budget or, without one, of the fees; null where there is neither."""

    partnership_id: UUID
    as_of: Day = Field(
        description="Attendances up to this day count: today, or the last quarter's end for whoever is no staff"
    )
    fresh_as_of: Instant = Field(description="Everything told before this instant has been counted")
    nominated: int = Field(description="Enterprises that have been asked and have not answered")
    members: int = Field(description="Enterprises that have accepted")
    targets: PartnershipTargets | None
    actuals: ActualsOut
    suppressed: bool = Field(description="Something is null because it would tell of too few")
    budget: Money | None
    committed: Money | None = Field(description=COMMITTED)
    spent: Money | None = Field(description=SPENT)
    remaining: Money | None = Field(description="Budget less committed; negative when too much was agreed")
    fees: Money | None = Field(description="All that was agreed, whoever bears it: the enterprises, too")
    payers: list[PayerOut]
