"""How things stand on a day: the lattice with its figures and patterns, worked out once and kept while nothing changes."""

import asyncio
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from services.metrics_svc.publication import queries
from services.metrics_svc.publication.contributions import Contributions
from services.metrics_svc.publication.figures import Figures, Laid, Word, decide_all, open_all, parent_of
from services.metrics_svc.publication.queries import Seen
from services.metrics_svc.publication.revisions import Rule, isolating
from services.metrics_svc.publication.told import word_of
from services.metrics_svc.publication.vintages import ToldRow, Vintages, digest
from services.metrics_svc.results.calculation.outcomes import Outcome
from services.metrics_svc.results.queries import all_indicators
from services.metrics_svc.suppression.cells import Cell
from services.metrics_svc.suppression.lattice import Lattice
from services.metrics_svc.suppression.pattern import Pattern

NOBODY: frozenset[UUID] = frozenset()
NOTHING: frozenset[str] = frozenset()
NO_ONE: Mapping[UUID, Outcome] = {}
KEPT_DAYS, KEPT_AUDIENCES = 8, 64
Patterns = dict[str, Pattern]


@dataclass(frozen=True)
class Hearing:
    """Whoever asks: it has heard what everybody has, and what was told to its organisation alone. `agreed`: by whose consent."""

    organisation_id: UUID | None
    agreed: frozenset[UUID]


@dataclass
class Standing:
    """`patterns`: what everybody is shown; what consents add to it depends on who asks. `isolating`: by figure, where it would
    tell of few next to what has been told; `heeded`: next to how much of that."""

    as_of: date
    seen: Seen
    laid: Laid
    word: Word
    isolating: Mapping[str, Set[Cell]] = field(default_factory=dict)
    heeded: int = 0
    patterns: Patterns = field(init=False)
    _opened: dict[int, Patterns] = field(default_factory=dict)
    _digests: dict[tuple[str, Cell], bytes] = field(default_factory=dict)
    _isolated: dict[tuple[Hearing, Cell], tuple[int, frozenset[str]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.patterns = decide_all(self.figures, self.word, self.isolating)

    @property
    def lattice(self) -> Lattice:
        return self.laid.lattice

    @property
    def figures(self) -> Figures:
        return self.laid.figures

    def heeding(self, told: Sequence[ToldRow]) -> "Standing":
        """With what has been told since the last time, of whatever day. Another one, if that hides more: who is told something
        meanwhile is told it as it was decided."""
        distinct = {(one.cell, one.row, one.digest, one.said): one for one in told if one.organisation_id is None}
        isolating = {name: set(cells) for name, cells in self.isolating.items()}
        for name, cell in (place for one in distinct.values() for place in self.isolated_by(one)):
            isolating.setdefault(name, set()).add(cell)
        heeded = self.heeded + len(told)
        if isolating == self.isolating:
            self.heeded = heeded
            return self
        return replace(self, isolating=isolating, heeded=heeded, _opened={})

    def isolated_by(self, told: ToldRow) -> Iterator[tuple[str, Cell]]:
        if not self.is_as_told(told):
            for cell in self.lattice.first_days:
                yield from ((name, cell) for name in self.isolated_in(cell, told))

    def isolated_for(self, hearing: Hearing, cell: Cell, told: Sequence[ToldRow]) -> frozenset[str]:
        """Figures of the cell that would give few away to an audience, next to all that it has been told."""
        if cell not in self.lattice.first_days:
            return NOTHING
        count, known = self._isolated.get((hearing, cell), (0, NOTHING))
        heard = [one for one in told[count:] if one.organisation_id in (None, hearing.organisation_id)]
        found = ((one, self.isolated_in(cell, one, hearing.agreed)) for one in heard)
        more = {name for one, names in found if names and not self.is_as_told(one) for name in names}
        self._isolated[hearing, cell] = len(told), known | more
        return known | more

    def isolated_in(self, cell: Cell, told: ToldRow, agreed: Set[UUID] = NOBODY) -> set[str]:
        """Figures of the cell that would give few away, next to what was told of it or of one that somebody is in, too."""
        thresholds = self.laid.evidence.thresholds
        rule = Rule(max(thresholds[cell], thresholds.get(told.cell, 0)), agreed)
        now = self.laid.contributions(told.row, cell)
        if cell != told.cell and are_strangers(now, told.contributions):
            return set()
        names = isolating(told.contributions, now, told.said, rule, of_one_cell=cell == told.cell)
        return {f"{told.row}{name}" for name in names}

    def is_as_told(self, told: ToldRow) -> bool:
        """Where it still is, the rules of one table have seen to it."""
        return self.laid.contributions(told.row, told.cell) == told.contributions

    def digest(self, row: str, cell: Cell) -> bytes:
        if (row, cell) not in self._digests:
            self._digests[row, cell] = digest(self.laid.contributions(row, cell))
        return self._digests[row, cell]

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
        """Of each figure that somebody contributes to there. What only waits for more to change is not hidden for good."""
        told = [
            name for name, figure in self.figures.items() if figure.members.get(cell) and not self.waits(name, cell)
        ]
        return {name: cell in self.patterns[name] for name in told}

    def waits(self, name: str, cell: Cell, isolated: Container[str] = NOTHING) -> bool:
        """Whether it, or what it hangs on, is enough by itself but would tell of few next to what was told."""
        parent, figure = parent_of(name), self.figures.get(name)
        if parent is not None and self.waits(parent, cell, isolated):
            return True
        alone = name in isolated or cell in self.isolating.get(name, ())
        return alone and figure is not None and figure.is_open(cell, figure.members.get(cell, 0))


def are_strangers(some: Contributions, others: Contributions) -> bool:
    return some.get("", NO_ONE).keys().isdisjoint(others.get("", NO_ONE).keys())


class Standings:
    """Of the days last asked for. One is laid at a time: the second who asks finds it done."""

    def __init__(self) -> None:
        self.vintages = Vintages()
        self._kept: dict[date, Standing] = {}
        self._laying = asyncio.Lock()

    async def on(self, connection: AsyncConnection, as_of: date) -> tuple[Standing, int]:
        """With the number of the last that has been told and was heeded. `connection` has not read anything yet: its snapshot is
        as late as any that was laid from."""
        async with self._laying:
            kept = self._kept.pop(as_of, None)
            if kept is None or not await queries.is_unchanged(connection, kept.seen):
                kept = await lay(connection, as_of)
            await self.vintages.catch_up(connection)
            if told := self.vintages.told[kept.heeded :]:
                kept = await asyncio.to_thread(kept.heeding, told)
            self._kept[as_of] = kept
            while len(self._kept) > KEPT_DAYS:
                self._kept.pop(next(iter(self._kept)))
            return kept, self.vintages.last


async def lay(connection: AsyncConnection, as_of: date) -> Standing:
    seen = await queries.look(connection)
    indicators = await all_indicators(connection)
    evidence = await queries.lattice_evidence(connection, as_of, indicators)
    word = await word_of(connection, as_of)
    # much arithmetic: beside the event loop
    return await asyncio.to_thread(lambda: Standing(as_of, seen, Laid(evidence, indicators), word))
