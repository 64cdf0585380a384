"""How things stand on a day: the lattice with its figures and patterns, worked out once and kept while nothing changes."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from services.metrics_svc.publication import queries
from services.metrics_svc.publication.figures import (
    POPULATION,
    REPORTING,
    Figures,
    LatticeEvidence,
    Word,
    decide_all,
    figures_of,
    open_all,
)
from services.metrics_svc.publication.queries import Seen
from services.metrics_svc.publication.told import word_of
from services.metrics_svc.results.calculation.facts import SAVINGS, Indicator
from services.metrics_svc.results.calculation.table import Row
from services.metrics_svc.results.queries import all_indicators
from services.metrics_svc.suppression.cells import Cell
from services.metrics_svc.suppression.lattice import Lattice
from services.metrics_svc.suppression.pattern import Pattern
from services.metrics_svc.suppression.told import NO_ROW, PopulationTold, RowTold

KEPT_DAYS, KEPT_AUDIENCES = 8, 64
Patterns = dict[str, Pattern]


@dataclass
class Standing:
    """`patterns`: what everybody is shown; what consents add to it depends on who asks."""

    seen: Seen
    lattice: Lattice
    figures: Figures
    patterns: Patterns
    _opened: dict[int, Patterns] = field(default_factory=dict)

    def patterns_for(self, agreeing: Iterable[UUID]) -> Patterns:
        consenting = self.lattice.as_bits(agreeing)
        if not consenting:
            return self.patterns
        if consenting not in self._opened:
            while len(self._opened) >= KEPT_AUDIENCES:
                self._opened.pop(next(iter(self._opened)))
            self._opened[consenting] = open_all(self.figures, self.patterns, consenting)
        return self._opened[consenting]

    def word_on(self, cell: Cell) -> dict[str, bool]:
        """Of each figure that somebody contributes to there."""
        told = (name for name, figure in self.figures.items() if figure.members.get(cell))
        return {name: cell in self.patterns[name] for name in told}


@dataclass(frozen=True)
class View:
    """What one audience is shown of one cell."""

    standing: Standing
    patterns: Patterns
    cell: Cell

    def shows(self, name: str) -> bool:
        return self.cell in self.patterns.get(name, ())

    def nothing_or_shows(self, name: str) -> bool:
        """What nobody contributes to is nothing, and may be said."""
        figure = self.standing.figures.get(name)
        return figure is None or not figure.members.get(self.cell) or self.shows(name)

    @property
    def population(self) -> PopulationTold:
        return PopulationTold(trained=self.shows(POPULATION), reporting=self.shows(REPORTING))

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


class Standings:
    """Of the days last asked for. One is laid at a time: the second who asks finds it done."""

    def __init__(self) -> None:
        self._kept: dict[date, Standing] = {}
        self._laying = asyncio.Lock()

    async def on(self, connection: AsyncConnection, as_of: date) -> Standing:
        """`connection` has not read anything yet: its snapshot is as late as any that was laid from."""
        async with self._laying:
            kept = self._kept.pop(as_of, None)
            if kept is None or not await queries.is_unchanged(connection, kept.seen):
                kept = await lay(connection, as_of)
            self._kept[as_of] = kept
            while len(self._kept) > KEPT_DAYS:
                self._kept.pop(next(iter(self._kept)))
            return kept


async def lay(connection: AsyncConnection, as_of: date) -> Standing:
    seen = await queries.look(connection)
    indicators = await all_indicators(connection)
    evidence = await queries.lattice_evidence(connection, as_of, indicators)
    word = await word_of(connection, as_of)
    # much arithmetic: beside the event loop
    return await asyncio.to_thread(work_out, seen, evidence, indicators, word)


def work_out(seen: Seen, evidence: LatticeEvidence, indicators: Iterable[Indicator], word: Word) -> Standing:
    figures = figures_of(evidence, indicators)
    return Standing(seen, evidence.lattice, figures, decide_all(figures, word))
