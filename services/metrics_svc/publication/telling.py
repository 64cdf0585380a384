"""One cell told to one audience: each row as it is now; as it was told, where a revision would tell of few; or not at all."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from uuid import UUID

from services.metrics_svc.publication.figures import POPULATION, REPORTING
from services.metrics_svc.publication.revisions import GAIN, isolating
from services.metrics_svc.publication.standings import Hearing, Standing
from services.metrics_svc.publication.view import View
from services.metrics_svc.publication.vintages import ToldRow, Vintages
from services.metrics_svc.results.calculation.facts import RECURRENCES, SAVINGS, Indicator, Options
from services.metrics_svc.results.calculation.table import Row, row_of, rows_of_savings
from services.metrics_svc.results.queries import Results
from services.metrics_svc.suppression.told import NO_ROW, RowTold

OF_TRAINED = ("enterprises_trained", "staff_trained", "visits")
OF_REPORTING = ("enterprises_reporting",)
Told = tuple[Row, RowTold]


@dataclass(frozen=True)
class Population:
    """The counts above a table; None: not told."""

    enterprises_trained: int | None = None
    staff_trained: int | None = None
    visits: int | None = None
    enterprises_reporting: int | None = None

    @classmethod
    def of(cls, results: Results) -> "Population":
        return cls(**{name: getattr(results, name) for name in (*OF_TRAINED, *OF_REPORTING)})


@dataclass
class Telling:
    """`everybody`: what is shown without anybody's consent; `view`: what this audience is shown. `new`: what is told here for the
    first time, to be written down before it is."""

    everybody: View
    view: View
    vintages: Vintages
    hearing: Hearing
    options: Options
    new: list[ToldRow] = field(default_factory=list)

    @property
    def standing(self) -> Standing:
        return self.view.standing

    def rows(self, rows: Iterable[Row]) -> list[Told]:
        by_code: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            by_code[row.indicator.code].append(row)
        return [told for code, of in by_code.items() for told in self._rows_of(code, of)]

    def _rows_of(self, code: str, rows: Sequence[Row]) -> list[Told]:
        told = self.view.rows(rows)
        if self.view.shows(code):
            if any(one.reporters for _, one in told):
                self._note(code, (said_of(self.everybody.rows(rows)), said_of(told)), {"trained": rows[0].trained})
            return told
        earlier = self._earlier(code)
        return told if earlier is None else rows_as_told(rows[0].indicator, earlier, self.options)

    def population(self, results: Results) -> Population:
        return Population(
            **self._counts(POPULATION, results, OF_TRAINED), **self._counts(REPORTING, results, OF_REPORTING)
        )

    def _counts(self, name: str, results: Results, counts: Sequence[str]) -> Mapping[str, int]:
        if self.view.shows(name):
            numbers = {count: getattr(results, count) for count in counts}
            self._note(name, ({""} if self.everybody.shows(name) else set(), {""}), numbers)
            return numbers
        earlier = self._earlier(name)
        return {} if earlier is None else earlier.numbers

    def _earlier(self, row: str) -> ToldRow | None:
        """What everybody was told of it, if only that keeps it from being told as it is now, and if it may be told still."""
        if not self.view.waits(row):
            return None
        told = self.vintages.newest.get((self.standing.as_of, self.view.cell, None, row))
        return told if told and self._may_be_repeated(told) else None

    def _may_be_repeated(self, told: ToldRow) -> bool:
        """It was of enough as the country sees it today, and what this audience alone has heard leaves nobody alone beside it."""
        rule = self.standing.rule(told.cell, told.cell, self.hearing.agreed)
        own = [one for one in self.vintages.of(self.hearing.organisation_id) if one.row == told.row]
        found = (isolating(one.contributions, told.contributions, one.said, rule) for one in own)
        return rule.allows(told.contributions[""].keys()) and not any(found)

    def _note(self, row: str, said: tuple[set[str], set[str]], numbers: Mapping[str, int]) -> None:
        to_all, to_us = said
        if to_all:
            self._note_for(self.everybody, None, row, to_all, numbers)
        if to_us != to_all:
            self._note_for(self.view, self.hearing.organisation_id, row, to_us, numbers)

    def _note_for(
        self, view: View, audience: UUID | None, row: str, said: set[str], numbers: Mapping[str, int]
    ) -> None:
        contributions, digest = self.standing.laid.contributions(row, view.cell), self.standing.digest(row, view.cell)
        shown = numbers if row in (POPULATION, REPORTING) or view.shows(POPULATION) else {}
        told = ToldRow(self.standing.as_of, view.cell, audience, row, frozenset(said), shown, contributions, digest)
        if told.is_more_than(self.vintages.newest.get(told.place)):
            self.new.append(told)


def said_of(told: Iterable[Told]) -> set[str]:
    return {name for row, one in told for name in said_of_row(row, one)}


def said_of_row(row: Row, told: RowTold) -> Iterator[str]:
    if told.reporters:
        part = f"/{row.recurrence}" if row.recurrence else ""
        yield from ("", part)
        yield from (f"{part}{name}" for name in amounts_in(row) if told.amounts)
        if told.gain and row.indicator.aggregation == "yes_share":
            yield f"{part}{GAIN}"


def amounts_in(row: Row) -> tuple[str, ...]:
    return ("#gained", "#lost") if row.total is not None else ("#mean",)


def rows_as_told(indicator: Indicator, earlier: ToldRow, options: Options) -> list[Told]:
    trained, parts = earlier.numbers.get("trained"), earlier.contributions
    row = partial(row_of, indicator, trained=trained or 0, options=options)
    if indicator.code != SAVINGS:
        rows = [row(parts[""])]
    else:
        rows = rows_of_savings(row, parts[""], {one: parts[one] for one in RECURRENCES if one in parts})
    return [(one, as_told(one, earlier.said, trained is not None)) for one in rows]


def as_told(row: Row, said: frozenset[str], trained: bool) -> RowTold:
    part = f"/{row.recurrence}" if row.recurrence else ""
    if part not in said:
        return NO_ROW
    amounts = all(f"{part}{name}" in said for name in amounts_in(row))
    return RowTold(trained=trained, amounts=amounts, gain=f"{part}{GAIN}" in said)
