"""Every figure of a table over the whole lattice, so that it can be decided where it is shown.

They are named by their row: `KPI02` who reports, `KPI02#mean` what enters its mean, `JOB01P#gained` and `#lost` its sums,
`PRA02#gain` who said no before; `KPI01/annual` is the row of one recurrence. Those that hang on another come after it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from services.metrics_svc.publication.contributions import (
    MEMBER,
    Contributions,
    in_gained,
    in_lost,
    in_mean,
    one_and_the_same,
    said_no_before,
)
from services.metrics_svc.results.calculation.facts import RECURRENCES, SAVINGS, Indicator, Reading, Saving
from services.metrics_svc.results.calculation.months import month_of
from services.metrics_svc.results.calculation.outcomes import Outcome
from services.metrics_svc.results.calculation.savings import RatesMissing, of_recurrence, totals
from services.metrics_svc.results.calculation.table import OF_READINGS
from services.metrics_svc.suppression.cells import Cell
from services.metrics_svc.suppression.figures import Amount, Count, Figure
from services.metrics_svc.suppression.lattice import Lattice
from services.metrics_svc.suppression.pattern import Pattern, decide, opened

POPULATION, REPORTING = "population", "reporting"
Found = Mapping[Cell, Mapping[UUID, Outcome]]
Figures = dict[str, Figure]
Word = Mapping[str, Mapping[Cell, bool]]
NOTHING: Mapping[str, Set[Cell]] = {}
NOWHERE: frozenset[Cell] = frozenset()


@dataclass(frozen=True)
class LatticeEvidence:
    """`readings`: by indicator, enterprise and month of its first day, those that may stand in a window."""

    lattice: Lattice
    thresholds: Mapping[Cell, int]
    readings: Mapping[str, Mapping[tuple[UUID, str], Sequence[Reading]]]
    savings: Sequence[Saving]
    rates: Mapping[tuple[str, str], Decimal]


class Laid:
    """What each contributes, laid over the lattice. `figures`: to each figure; `found`: to each row, by its parts and cells."""

    def __init__(self, evidence: LatticeEvidence, indicators: Iterable[Indicator]) -> None:
        self.evidence, self.lattice = evidence, evidence.lattice
        trained = self.lattice.first_days
        self.found: dict[str, dict[str, Found]] = {POPULATION: {"": {cell: present(trained[cell]) for cell in trained}}}
        self.figures: Figures = {POPULATION: self.count(trained)}
        for indicator in sorted(indicators, key=lambda one: one.code):
            self.figures |= self.savings(indicator) if indicator.code == SAVINGS else self.readings(indicator)
        rows = [parts[""] for row, parts in self.found.items() if row != POPULATION]
        reporting = {cell: present(id for of in rows for id in of.get(cell, ())) for cell in trained}
        self.found[REPORTING] = {"": reporting}
        self.figures[REPORTING] = self.count(reporting)

    def contributions(self, row: str, cell: Cell) -> Contributions:
        """Only the parts that are there."""
        return {part: of[cell] for part, of in self.found.get(row, {}).items() if cell in of}

    def count(self, found: Mapping[Cell, Iterable[UUID]]) -> Count:
        return Count({cell: self.lattice.as_bits(ids) for cell, ids in found.items()}, self.evidence.thresholds)

    def amount(self, found: Mapping[Cell, Mapping[UUID, Fraction]]) -> Amount:
        numbers = self.lattice.numbers
        sizes = {cell: {numbers[id]: float(abs(size)) for id, size in of.items() if size} for cell, of in found.items()}
        return Amount(sizes)

    # --- indicators of readings ----------------------------------------------------------------------------

    def readings(self, indicator: Indicator) -> Figures:
        if indicator.aggregation not in OF_READINGS:
            return {}
        judge = OF_READINGS[indicator.aggregation]
        told = self.evidence.readings.get(indicator.code, {})
        outcomes = {key: judge(indicator, readings, key[1]) for key, readings in told.items()}
        judged = {key: outcome and one_and_the_same(outcome) for key, outcome in outcomes.items()}
        found = {cell: dict(chosen(days, judged)) for cell, days in self.lattice.first_days.items()}
        self.found[indicator.code] = {"": found}
        return {indicator.code: self.count(found)} | dict(self.beside(indicator, found))

    def beside(self, indicator: Indicator, found: Found) -> Iterator[tuple[str, Figure]]:
        """What a row says besides who reports and who improved."""
        code = indicator.code
        if indicator.aggregation == "sum":
            yield f"{code}#gained", self.amount(each(found, in_gained))
            yield f"{code}#lost", self.amount(each(found, in_lost))
        elif indicator.aggregation == "yes_share":
            no_before = each(found, lambda one: Fraction(said_no_before(one)) or None)
            yield f"{code}#gain", self.count(no_before)
        else:
            yield f"{code}#mean", self.mean(found)

    def mean(self, found: Found) -> Amount:
        return self.amount(each(found, in_mean))

    # --- savings -------------------------------------------------------------------------------------------

    def savings(self, indicator: Indicator) -> Figures:
        of: dict[UUID, list[Saving]] = defaultdict(list)
        for saving in self.evidence.savings:
            of[saving.enterprise_id].append(saving)
        inside = {cell: {id: of[id] for id in days if id in of} for cell, days in self.lattice.first_days.items()}
        over_all = {id: summed(told, self.evidence.rates) for id, told in of.items()}
        self.found[indicator.code] = {"": {cell: pick(ids, over_all) for cell, ids in inside.items()}}
        figures: Figures = {indicator.code: self.count(inside)}
        for recurrence in RECURRENCES:
            saved = {id: summed(of_recurrence(told, recurrence), self.evidence.rates) for id, told in of.items()}
            where = {cell for cell, told in inside.items() if is_present(recurrence, told)}
            found = {cell: pick(inside[cell], saved) for cell in where}
            self.found[indicator.code][recurrence] = found
            name = f"{indicator.code}/{recurrence}"
            figures |= {name: self.count(found), f"{name}#mean": self.mean(found)}
        return figures


def present(ids: Iterable[UUID]) -> dict[UUID, Outcome]:
    return dict.fromkeys(ids, MEMBER)


def chosen(
    days: Mapping[UUID, date], judged: Mapping[tuple[UUID, str], Outcome | None]
) -> Iterator[tuple[UUID, Outcome]]:
    for id, day in days.items():
        if (outcome := judged.get((id, month_of(day)))) is not None:
            yield id, outcome


def pick(ids: Iterable[UUID], saved: Mapping[UUID, Outcome | None]) -> dict[UUID, Outcome]:
    found = ((id, saved[id]) for id in ids)
    return {id: outcome for id, outcome in found if outcome is not None}


def each(found: Found, size_of: Callable[[Outcome], Fraction | None]) -> dict[Cell, dict[UUID, Fraction]]:
    sizes = {cell: {id: size_of(outcome) for id, outcome in of.items()} for cell, of in found.items()}
    return {cell: {id: size for id, size in of.items() if size is not None} for cell, of in sizes.items()}


def summed(savings: Sequence[Saving], rates: Mapping[tuple[str, str], Decimal]) -> Outcome | None:
    """None: no reporter. Where a rate is missing there is no table yet, but a reporter."""
    if not savings:
        return None
    try:
        return one_and_the_same(next(iter(totals(savings, rates).values())))
    except RatesMissing:
        return MEMBER


def is_present(recurrence: str, told: Mapping[UUID, Sequence[Saving]]) -> bool:
    return any(saving.recurrence == recurrence for savings in told.values() for saving in savings)


# --- deciding --------------------------------------------------------------------------------------------------


def decide_all(figures: Figures, word: Word, isolating: Mapping[str, Set[Cell]] = NOTHING) -> dict[str, Pattern]:
    """`isolating`: by figure, where it can't be told next to what was told before (`revisions`)."""
    patterns: dict[str, Pattern] = {}
    for name, figure in figures.items():
        barred = barred_by(figures, patterns, name, figure) | isolating.get(name, NOWHERE)
        patterns[name] = decide(figure, word.get(name, {}), barred)
    return patterns


def open_all(figures: Figures, patterns: Mapping[str, Pattern], consenting: int) -> dict[str, Pattern]:
    """With what consents add for whom they are given to."""
    agreed = {name: figure.agreed_to_by(consenting) for name, figure in figures.items()}
    found: dict[str, Pattern] = {}
    for name, figure in agreed.items():
        barred = barred_by(agreed, found, name, figure)
        found[name] = opened(figure, figures[name], patterns[name], barred)
    return found


def barred_by(figures: Figures, patterns: Mapping[str, Pattern], name: str, figure: Figure) -> frozenset[Cell]:
    """Where the row itself is hidden; and where those of the row whom a part of it leaves out are too few."""
    above = parent_of(name)
    if above is None:
        return frozenset()
    whole, shown = figures[above], patterns[above]
    hidden = {cell for cell in figure.members if cell not in shown}
    if isinstance(figure, Amount):
        return frozenset(hidden)
    rests = {cell: whole.members.get(cell, 0) & ~some for cell, some in figure.members.items()}
    return frozenset(hidden | {cell for cell, rest in rests.items() if not whole.is_open(cell, rest)})


def parent_of(name: str) -> str | None:
    if "#" in name:
        return name.partition("#")[0]
    return name.partition("/")[0] if "/" in name else None
