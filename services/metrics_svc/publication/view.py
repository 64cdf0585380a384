"""What one audience is shown of one cell, as the patterns of its standing have it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from services.metrics_svc.publication.figures import POPULATION
from services.metrics_svc.publication.standings import Patterns, Standing
from services.metrics_svc.results.calculation.facts import SAVINGS, Options
from services.metrics_svc.results.calculation.table import Row, row_of
from services.metrics_svc.suppression.cells import Cell
from services.metrics_svc.suppression.told import NO_ROW, RowTold


@dataclass(frozen=True)
class View:
    """`isolated`: figures that would give few away next to what this audience has been told."""

    standing: Standing
    patterns: Patterns
    cell: Cell
    isolated: frozenset[str] = frozenset()

    def shows(self, name: str) -> bool:
        return self.cell in self.patterns.get(name, ()) and name not in self.isolated

    def waits(self, name: str) -> bool:
        return self.standing.waits(name, self.cell, self.isolated)

    def nothing_or_shows(self, name: str) -> bool:
        """What nobody contributes to is nothing, and may be said."""
        figure = self.standing.figures.get(name)
        return self.shows(name) or not (self.waits(name) or (figure and figure.members.get(self.cell)))

    def row(self, row: Row) -> RowTold:
        code = row.indicator.code
        name = f"{code}/{row.recurrence}" if row.recurrence else code
        if not (self.shows(code) and self.shows(name) and self.is_as_decided(row)):
            return NO_ROW
        amounts = all(map(self.nothing_or_shows, (f"{name}#mean", f"{name}#gained", f"{name}#lost")))
        return RowTold(trained=self.shows(POPULATION), amounts=amounts, gain=self.nothing_or_shows(f"{name}#gain"))

    def is_as_decided(self, row: Row) -> bool:
        """The row was computed apart from the lattice: it leaves only if the very same enterprises say the very same in it."""
        parts = self.standing.laid.contributions(row.indicator.code, self.cell)
        other = row_of(row.indicator, parts.get(row.recurrence or "", {}), row.trained, Options())
        figures = [(one.reporters, one.improved, one.total, one.gain) for one in (row, other)]
        return figures[0] == figures[1] and row.mean in (None, other.mean)

    def rows(self, rows: Iterable[Row]) -> list[tuple[Row, RowTold]]:
        """Where no savings are told of, neither is which recurrences there are."""
        told = [(row, self.row(row)) for row in rows]
        if self.shows(SAVINGS):
            return told
        first = next((number for number, (row, _) in enumerate(told) if row.indicator.code == SAVINGS), None)
        return [
            (replace(row, recurrence=None), how)
            for number, (row, how) in enumerate(told)
            if row.indicator.code != SAVINGS or number == first
        ]
