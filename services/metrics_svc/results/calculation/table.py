"""The rows of a results table."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from functools import partial
from uuid import UUID

from services.metrics_svc.results.calculation import outcomes
from services.metrics_svc.results.calculation.facts import (
    RECURRENCES,
    SAVINGS,
    Evidence,
    Indicator,
    Options,
    Reading,
    Recurrence,
    Saving,
)
from services.metrics_svc.results.calculation.months import last_whole_month, month_of
from services.metrics_svc.results.calculation.outcomes import Movement, Outcome, Practice
from services.metrics_svc.results.calculation.savings import of_recurrence, refuse_missing_rates, totals

Outcomes = Mapping[UUID, Outcome]
OF_READINGS: dict[str, Callable[[Indicator, Sequence[Reading], str], Outcome | None]] = {
    "share_and_mean": outcomes.change,
    "sum": outcomes.movement,
    "yes_share": outcomes.practice,
}


@dataclass(frozen=True)
class Sum:
    positive: Fraction
    negative: Fraction

    @property
    def net(self) -> Fraction:
        return self.positive + self.negative


@dataclass(frozen=True)
class Row:
    """All figures exact; `reporters` by name, so that a reader of the row can say who stands behind it."""

    indicator: Indicator
    trained: int
    reporters: frozenset[UUID]
    improved: int
    share: Fraction | None
    coverage: Fraction | None
    mean: Fraction | None = None
    recurrence: Recurrence | None = None
    total: Sum | None = None
    gain: Fraction | None = None


@dataclass(frozen=True)
class Table:
    """The table of one population on one day."""

    evidence: Evidence
    as_of: date
    options: Options = field(default_factory=Options)

    def rows(self, indicators: Iterable[Indicator]) -> list[Row]:
        """In order of code. Raises `RatesMissing`."""
        readings = self._readings()
        rows: list[Row] = []
        for indicator in sorted(indicators, key=lambda one: one.code):
            if indicator.code == SAVINGS:
                rows += self._savings_rows(indicator)
            elif indicator.aggregation in OF_READINGS:
                rows.append(self._row_of_readings(indicator, readings.get(indicator.code, {})))
        return rows

    def _readings(self) -> Mapping[str, Mapping[UUID, list[Reading]]]:
        """By indicator and enterprise: of the population, and old enough."""
        last = last_whole_month(self.as_of)
        found: dict[str, dict[UUID, list[Reading]]] = defaultdict(lambda: defaultdict(list))
        for one in self.evidence.readings:
            if one.enterprise_id in self.evidence.first_days and one.period <= last:
                found[one.indicator][one.enterprise_id].append(one)
        return found

    def _row_of_readings(self, indicator: Indicator, readings: Mapping[UUID, list[Reading]]) -> Row:
        judge = OF_READINGS[indicator.aggregation]
        judged = {id: judge(indicator, told, month_of(self.evidence.first_days[id])) for id, told in readings.items()}
        return self._row(indicator, {id: outcome for id, outcome in judged.items() if outcome is not None})

    def _savings_rows(self, indicator: Indicator) -> list[Row]:
        savings = self._savings()
        present = [one for one in RECURRENCES if any(saving.recurrence == one for saving in savings)]
        apart = {one: totals(of_recurrence(savings, one), self.evidence.rates) for one in present}
        return rows_of_savings(partial(self._row, indicator), totals(savings, self.evidence.rates), apart)

    def _savings(self) -> list[Saving]:
        last = last_whole_month(self.as_of)
        savings = [
            one for one in self.evidence.savings if one.enterprise_id in self.evidence.first_days and one.month <= last
        ]
        refuse_missing_rates(savings, self.evidence.rates)
        return savings

    def _row(self, indicator: Indicator, found: Outcomes) -> Row:
        return row_of(indicator, found, len(self.evidence.first_days), self.options)


def row_of(indicator: Indicator, found: Outcomes, trained: int, options: Options) -> Row:
    """`trained`: how many of them could have reported."""
    improved = sum(outcome.improved for outcome in found.values())
    return Row(
        indicator=indicator,
        trained=trained,
        reporters=frozenset(found),
        improved=improved,
        share=part(improved, trained if options.denominator == "trained" else len(found)),
        coverage=part(len(found), trained),
        mean=mean_of(found.values(), options),
        total=sum_of(found.values()) if indicator.aggregation == "sum" else None,
        gain=gain_of(found.values()) if indicator.aggregation == "yes_share" else None,
    )


def rows_of_savings(
    row: Callable[[Outcomes], Row], over_all: Outcomes, apart: Mapping[Recurrence, Outcomes]
) -> list[Row]:
    """One row; where both recurrences are reported, one over all without a mean (they don't add up), then one of each."""
    if len(apart) < len(RECURRENCES):
        return [replace(row(over_all), recurrence=next(iter(apart), None))]
    return [replace(row(over_all), mean=None), *(replace(row(of), recurrence=one) for one, of in apart.items())]


def part(above: int, below: int) -> Fraction | None:
    return Fraction(above, below) if below else None


def mean_of(found: Iterable[Outcome], options: Options) -> Fraction | None:
    """Unweighted, over the improvers or over all reporters."""
    over_all = options.mean_over == "reporters"
    sizes = [one.size for one in found if one.size is not None and (one.improved or over_all)]
    return sum(sizes, Fraction()) / len(sizes) if sizes else None


def sum_of(found: Iterable[Outcome]) -> Sum:
    told = [one for one in found if isinstance(one, Movement)]
    return Sum(sum((one.gained for one in told), Fraction()), sum((one.lost for one in told), Fraction()))


def gain_of(found: Iterable[Outcome]) -> Fraction | None:
    """Of those who said no before and were asked after: who says yes now."""
    without = [one for one in found if isinstance(one, Practice) and one.before is False]
    return part(sum(one.improved for one in without), len(without))


def enterprises_reporting(rows: Iterable[Row]) -> int:
    """Those who are a reporter in at least one row."""
    return len(frozenset[UUID]().union(*(row.reporters for row in rows)))
