"""What one audience is shown of one cell, as the patterns of its standing have it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from services.metrics_svc.publication.figures import POPULATION
from services.metrics_svc.publication.standings import Patterns, Standing
from services.metrics_svc.results.calculation.facts import SAVINGS
from services.metrics_svc.results.calculation.table import Row
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
        if not (self.shows(code) and self.shows(name) and self.is_as_decided(name, row)):
            return NO_ROW
        amounts = all(map(self.nothing_or_shows, (f"{name}#mean", f"{name}#gained", f"{name}#lost")))
        return RowTold(trained=self.shows(POPULATION), amounts=amounts, gain=self.nothing_or_shows(f"{name}#gain"))

    def is_as_decided(self, name: str, row: Row) -> bool:
        """The row was computed apart from the lattice: it leaves only if it is of the very same enterprises."""
        return self.standing.lattice.as_bits(row.reporters) == self.standing.figures[name].members.get(self.cell, 0)

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
