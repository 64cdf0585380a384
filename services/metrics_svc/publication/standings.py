"""How things stand on a day: the lattice with its figures and patterns, worked out once and kept while nothing changes."""

import asyncio
from collections.abc import Container, Iterable, Mapping, Sequence, Set
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
KEPT_DAYS, KEPT_AUDIENCES, KEPT_COMPARISONS = 8, 64, 200_000
Patterns = dict[str, Pattern]
Places = Mapping[str, Set[Cell]]  # by figure
Compared = dict[tuple[bytes, frozenset[str], bytes, Rule, bool], set[str]]  # what was told with what there is
Distinct = tuple[Cell, str, bytes, frozenset[str]]  # a cell, a row, who contributed what, what was said


@dataclass(frozen=True)
class Hearing:
    """Whoever asks: it has heard what everybody has, and what was told to its organisation alone. `agreed`: by whose consent."""

    organisation_id: UUID | None
    agreed: frozenset[UUID]


@dataclass
class Standing:
    """`patterns`: what everybody is shown; what consents add to it depends on who asks. `heard`: what everybody has been told, of
    whatever day, the first `heeded` vintages; `given`: what of it is still so; `isolating`: by figure, where it would tell of few
    next to that."""

    as_of: date
    seen: Seen
    laid: Laid
    word: Word
    compared: Compared = field(default_factory=dict)
    heard: Mapping[Distinct, ToldRow] = field(default_factory=dict)
    heeded: int = 0
    given: Word = field(default_factory=dict)
    isolating: Places = field(default_factory=dict)
    patterns: Patterns = field(init=False)
    _opened: dict[int, Patterns] = field(default_factory=dict)
    _digests: dict[tuple[str, Cell], bytes] = field(default_factory=dict)
    _isolated: dict[tuple[Hearing, Cell], tuple[int, frozenset[str]]] = field(default_factory=dict)
    _as_told: dict[tuple[str, Cell, bytes], bool] = field(default_factory=dict)
    _found: dict[Distinct, list[tuple[str, Cell]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        word = {name: {**self.given.get(name, {}), **self.word.get(name, {})} for name in self.figures}
        self.patterns = decide_all(self.figures, word, self.isolating)

    @property
    def lattice(self) -> Lattice:
        return self.laid.lattice

    @property
    def figures(self) -> Figures:
        return self.laid.figures

    def heeding(self, told: Sequence[ToldRow]) -> "Standing":
        """With what has been told since the last time. Another one, if that changes what is shown: who is told something
        meanwhile is told it as it was decided."""
        new = {(one.cell, one.row, one.digest, one.said): one for one in told if one.organisation_id is None}
        heard, heeded = {**self.heard, **new}, self.heeded + len(told)
        given = still_given(one for one in heard.values() if self.is_as_told(one))
        if all(cells.keys() <= self.patterns.get(name, NOTHING) for name, cells in given.items()):
            self.heard, self.heeded, self.given = heard, heeded, given
            return self.beside_all_heard()
        return replace(self, heard=heard, heeded=heeded, given=given, _opened={}).beside_all_heard()

    def beside_all_heard(self) -> "Standing":
        """Until nothing more has to be hidden: what is hidden for one thing told may have been told itself."""
        standing = self
        while (isolating := standing.isolated_beside_heard()) != standing.isolating:
            standing = replace(standing, isolating=isolating, _opened={})
        return standing

    def isolated_beside_heard(self) -> Places:
        found = {name: set(cells) for name, cells in self.isolating.items()}
        for distinct, one in self.heard.items():
            if not (self.is_as_told(one) and self.is_shown(one)):
                for name, cell in self.isolated_by(distinct, one):
                    found.setdefault(name, set()).add(cell)
        return found

    def is_shown(self, told: ToldRow) -> bool:
        """Shown as it was told: then the rules of one table have seen to all that lies beside it."""
        return all(told.cell in self.patterns.get(f"{told.row}{name}", (told.cell,)) for name in told.said)

    def isolated_by(self, distinct: Distinct, told: ToldRow) -> list[tuple[str, Cell]]:
        if distinct not in self._found:
            cells = self.lattice.first_days
            self._found[distinct] = [(name, cell) for cell in cells for name in self.isolated_in(cell, told)]
        return self._found[distinct]

    def isolated_for(self, hearing: Hearing, cell: Cell, told: Sequence[ToldRow]) -> frozenset[str]:
        """Figures of the cell that would give few away to an audience, next to all that it has been told."""
        if cell not in self.lattice.first_days:
            return NOTHING
        count, known = self._isolated.get((hearing, cell), (0, NOTHING))
        fresh = told[count:]
        heard = [one for one in fresh if one.organisation_id in (None, hearing.organisation_id)]
        aside = [one for one in heard if one.organisation_id or not self.is_as_told(one)]
        known |= {name for one in aside for name in self.isolated_in(cell, one, hearing.agreed)}
        self._isolated[hearing, cell] = count + len(fresh), known
        return known

    def isolated_in(self, cell: Cell, told: ToldRow, agreed: Set[UUID] = NOBODY) -> set[str]:
        """Figures of the cell that would give few away, next to what was told of it or of one that somebody is in, too."""
        now = self.laid.contributions(told.row, cell)
        if cell != told.cell and are_strangers(now, told.contributions):
            return set()
        apart = cell != told.cell and cell not in told.cell.containers and told.cell not in cell.containers
        rule = self.rule(cell, told.cell, agreed)
        key = told.digest, told.said, self.digest(told.row, cell), rule, apart
        if key not in self.compared:
            self.compared[key] = isolating(told.contributions, now, told.said, rule, are_apart=apart)
        return {f"{told.row}{name}" for name in self.compared[key]}

    def rule(self, cell: Cell, other: Cell, agreed: Set[UUID] = NOBODY) -> Rule:
        thresholds = self.laid.evidence.thresholds
        return Rule(max(thresholds.get(cell, 0), thresholds.get(other, 0)), agreed)

    def is_as_told(self, told: ToldRow) -> bool:
        key = told.row, told.cell, told.digest
        if key not in self._as_told:
            self._as_told[key] = self.laid.contributions(told.row, told.cell) == told.contributions
        return self._as_told[key]

    def digest(self, row: str, cell: Cell) -> bytes:
        if (row, cell) not in self._digests:
            self._digests[row, cell] = digest(self.laid.contributions(row, cell))
        return self._digests[row, cell]

    def patterns_for(self, agreeing: Iterable[UUID]) -> Patterns:
        consenting = self.lattice.as_bits(agreeing)
        if not consenting:
            return self.patterns
        opened = self._opened.get(consenting)
        if opened is None:
            opened = open_all(self.figures, self.patterns, consenting)
            if len(self._opened) >= KEPT_AUDIENCES:
                self._opened.clear()
            self._opened[consenting] = opened
        return opened

    def word_on(self, cell: Cell) -> dict[str, bool]:
        """Of each figure that somebody contributes to there. What only waits for more to change is not hidden for good."""
        told = [name for name, figure in self.figures.items() if figure.members.get(cell)]
        return {name: cell in self.patterns[name] for name in told if not self.waits(name, cell)}

    def waits(self, name: str, cell: Cell, isolated: Container[str] = NOTHING) -> bool:
        """Whether it is enough by itself and not shown only because it, what it hangs on, or a cell beside it would tell of few
        next to what was told."""
        parent, figure = parent_of(name), self.figures.get(name)
        if parent is not None and self.waits(parent, cell, isolated):
            return True
        hidden = name in isolated or (bool(self.isolating.get(name)) and cell not in self.patterns.get(name, ()))
        return hidden and figure is not None and figure.is_open(cell, figure.members.get(cell, 0))


def still_given(told: Iterable[ToldRow]) -> Word:
    """Shown before anything else: whoever has been told it has it."""
    given: dict[str, dict[Cell, bool]] = {}
    for one in told:
        for name in one.said:
            given.setdefault(f"{one.row}{name}", {})[one.cell] = True
    return given


def are_strangers(some: Contributions, others: Contributions) -> bool:
    return some.get("", NO_ONE).keys().isdisjoint(others.get("", NO_ONE).keys())


class Standings:
    """Of the days last asked for. One is laid at a time: the second who asks finds it done."""

    def __init__(self) -> None:
        self.vintages = Vintages()
        self._kept: dict[date, Standing] = {}
        self._compared: Compared = {}  # most rows are the same when a lattice is laid again
        self._laying = asyncio.Lock()

    async def on(self, connection: AsyncConnection, as_of: date) -> tuple[Standing, int]:
        """With the number of the last that has been told and was heeded."""
        async with self._laying:
            kept = self._kept.pop(as_of, None)
            if kept is None or not await queries.is_unchanged(connection, kept.seen):
                kept = await lay(connection, as_of, self._compared)
            if len(self._compared) > KEPT_COMPARISONS:
                self._compared.clear()
            await self.vintages.catch_up(connection)
            if told := self.vintages.told[kept.heeded :]:
                kept = await asyncio.to_thread(kept.heeding, told)
            self._kept[as_of] = kept
            while len(self._kept) > KEPT_DAYS:
                self._kept.pop(next(iter(self._kept)))
            return kept, self.vintages.last


async def lay(connection: AsyncConnection, as_of: date, compared: Compared) -> Standing:
    seen = await queries.look(connection)
    indicators = await all_indicators(connection)
    evidence = await queries.lattice_evidence(connection, as_of, indicators)
    word = await word_of(connection, as_of)
    # much arithmetic: beside the event loop
    return await asyncio.to_thread(lambda: Standing(as_of, seen, Laid(evidence, indicators), word, compared))
