"""Savings in USD, at the rate of their own month."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from services.metrics_svc.results.calculation.facts import USD, Recurrence, Saving
from services.metrics_svc.results.calculation.outcomes import Outcome

Rates = Mapping[tuple[str, str], Decimal]


class RatesMissing(Exception):
    """There is no table without them: `wanted` are (currency, month), sorted."""

    def __init__(self, wanted: Iterable[tuple[str, str]]) -> None:
        self.wanted = sorted(wanted)
        super().__init__("exchange rates are missing")


def need_rates(savings: Iterable[Saving]) -> set[tuple[str, str]]:
    """Of which currencies and months; USD and nothing need no rate."""
    return {(one.currency, one.month) for one in savings if one.amount and one.currency != USD}


def refuse_missing_rates(savings: Iterable[Saving], rates: Rates) -> None:
    if missing := need_rates(savings) - rates.keys():
        raise RatesMissing(missing)


def in_usd(saving: Saving, rates: Rates) -> Fraction:
    if not saving.amount or saving.currency == USD:
        return Fraction(saving.amount)
    return Fraction(saving.amount) / Fraction(rates[saving.currency, saving.month])


def totals(savings: Iterable[Saving], rates: Rates) -> dict[UUID, Outcome]:
    """Whoever was asked is a reporter, also with a total of 0."""
    saved: dict[UUID, Fraction] = defaultdict(Fraction)
    for one in savings:
        saved[one.enterprise_id] += in_usd(one, rates)
    return {enterprise_id: Outcome(total > 0, total) for enterprise_id, total in saved.items()}


def of_recurrence(savings: Iterable[Saving], recurrence: Recurrence) -> list[Saving]:
    """An answer of 0 is an answer to both."""
    return [one for one in savings if one.recurrence == recurrence or not one.amount]
