"""From what was counted to what is answered."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from services.enterprise_svc.partnerships.models import Partnership
from services.enterprise_svc.progress.queries import Facts, shares_of
from services.enterprise_svc.progress.reckoning import (
    Actuals,
    CostShare,
    actuals_of,
    actuals_told_outside,
    spending_of,
)
from services.enterprise_svc.progress.schemas import PayerOut, ProgressOut
from shared.types import Money


def progress_out(
    partnership: Partnership, facts: Facts, *, as_of: date, fresh_as_of: datetime, outside: bool
) -> ProgressOut:
    actuals = actuals_told_outside(facts.trained) if outside else actuals_of(facts.trained)
    figures = {
        "partnership_id": partnership.id,
        "as_of": as_of,
        "fresh_as_of": fresh_as_of,
        "nominated": facts.nominated,
        "members": facts.members,
        "targets": partnership.targets,
        "actuals": actuals,
        "suppressed": None in vars(actuals).values(),
        "budget": partnership.budget,
    }
    return ProgressOut.model_validate(figures | money_of(partnership, facts, actuals))


def money_of(partnership: Partnership, facts: Facts, actuals: Actuals) -> dict[str, object]:
    """`spent` tells how many were trained: it is told where that is."""
    purse = Purse.of(partnership, facts)
    if purse is None:
        return {"committed": None, "spent": None, "remaining": None, "fees": None, "payers": []}
    trained = {one.enterprise_id for one in facts.trained} if actuals.enterprises is not None else None
    shares = shares_of(facts.fees)
    parties = set(partnership.party_ids)
    committed, spent = purse.spending([share for share in shares if share.payer_id in parties], trained)
    return {
        "committed": committed,
        "spent": spent,
        "remaining": purse.left_of(partnership, committed),
        "fees": purse.money(share.amount for share in shares),
        "payers": [purse.payer(id, shares, trained) for id in sorted(facts.organisation_ids)],
    }


class Purse:
    """Sums in one currency."""

    def __init__(self, currency: str) -> None:
        self.currency = currency

    @classmethod
    def of(cls, partnership: Partnership, facts: Facts) -> "Purse | None":
        known = [partnership.budget] if partnership.budget else [fee.amount for fee in facts.fees]
        return cls(known[0]["currency"]) if known else None

    def money(self, amounts: Iterable[Decimal]) -> Money:
        return Money(amount=sum(amounts, Decimal(0)), currency=self.currency)

    def spending(self, shares: Iterable[CostShare], trained: set[UUID] | None) -> tuple[Money, Money | None]:
        spending = spending_of(shares, trained or set())
        return self.money([spending.committed]), None if trained is None else self.money([spending.spent])

    def left_of(self, partnership: Partnership, committed: Money) -> Money | None:
        if partnership.budget is None:
            return None
        return self.money([Decimal(partnership.budget["amount"]), -committed.amount])

    def payer(self, id: UUID, shares: Iterable[CostShare], trained: set[UUID] | None) -> PayerOut:
        committed, spent = self.spending([share for share in shares if share.payer_id == id], trained)
        return PayerOut(payer_id=id, committed=committed, spent=spent)
