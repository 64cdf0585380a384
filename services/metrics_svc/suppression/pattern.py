"""Which cells of a figure are shown: by the rules first, then fewer, until no hidden one can be had by subtraction.

Everything is decided in one order, so that the same facts and the same word given before always give the same pattern.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field

from services.metrics_svc.suppression.cells import Cell, Kind
from services.metrics_svc.suppression.crossings import LITTLE, Crossing, Target
from services.metrics_svc.suppression.figures import Figure

Pattern = frozenset[Cell]
NOTHING_TOLD: Mapping[Cell, bool] = {}


@dataclass
class Decision:
    """`told`: what has been said of a cell before: what was hidden stays hidden, what was shown is shown as long as it may be.
    `barred`: cells that are hidden for another reason."""

    figure: Figure
    told: Mapping[Cell, bool] = field(default_factory=dict)
    barred: Container[Cell] = ()
    shown: set[Cell] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.members = self.figure.members
        self.twins = defaultdict[int, list[Cell]](list)
        for cell, some in self.members.items():
            self.twins[some].append(cell)

    def in_order(self) -> list[Cell]:
        """The larger stays, and whole columns and rows before crossings; what was shown before any of them."""

        def place(cell: Cell) -> tuple[bool, int, bool, Cell]:
            return not self.told.get(cell), -self.members[cell].bit_count(), cell.is_crossed, cell

        return sorted((cell for cell, some in self.members.items() if some), key=place)

    # --- by the rules --------------------------------------------------------------------------------------

    def choose(self) -> None:
        for cell in self.in_order():
            if cell not in self.barred and self.told.get(cell, True) and self.may_be_shown(cell, self.figure):
                self.shown.add(cell)
        for cell in [one for one in self.shown if not self.twins_of(one) <= self.shown]:
            self.shown.discard(cell)

    def may_be_shown(self, cell: Cell, figure: Figure) -> bool:
        """Enough in it, and nobody or enough in the rest of whatever contains it: in the lattice, or as it happens."""
        some = self.members[cell]
        rests = ((one, self.members.get(one, 0) & ~some) for one in cell.containers)
        if not (figure.is_open(cell, some) and all(figure.is_open(one, rest) for one, rest in rests)):
            return False
        return all(figure.is_open(larger, rest) for larger, rest in self.differences(cell, some))

    def differences(self, cell: Cell, some: int) -> Iterator[tuple[Cell, int]]:
        """Between this and what is shown, where one holds the other: what is left of the larger."""
        for other in self.shown:
            others = self.members[other]
            both = some & others
            if both == some:
                yield other, others & ~some
            elif both == others:
                yield cell, some & ~others

    def twins_of(self, cell: Cell) -> set[Cell]:
        """Cells of the very same contributors: one tells of all."""
        return set(self.twins[self.members[cell]])

    # --- by subtraction ------------------------------------------------------------------------------------

    def hide_more(self, free: Set[Cell] | None = None) -> None:
        """Hides cells, of `free` if that is given, until all that is hidden is kept. Hiding never uncovers anything."""
        waiting = list(Kind)
        while waiting:
            kind = waiting.pop(0)
            hidden = self.hide_more_of(kind, free)
            # twins lie in other kinds too
            waiting += sorted({Kind(one.kind) for one in hidden if one.kind not in ("", kind, *waiting)})

    def hide_more_of(self, kind: Kind, free: Set[Cell] | None) -> set[Cell]:
        before = set(self.shown)
        crossing = Crossing(self.figure, kind, self.shown)
        waiting = list(crossing.targets(self.shown))
        while waiting:
            waiting += self.cover(crossing, waiting.pop(0), free)
        return before - self.shown

    def cover(self, crossing: Crossing, target: Target, free: Set[Cell] | None) -> list[Target]:
        """Gives what must be kept besides, since it is hidden now."""
        more: list[Target] = []
        while (width := crossing.width(target)) < target.demand * (1 - LITTLE):
            hidden = self.hide_one(crossing, target, free, width)
            if not hidden:
                break
            crossed = (one for one in sorted(hidden) if one in crossing.movable or one in crossing.columns)
            more += filter(None, map(crossing.target, crossed))
        return more

    def hide_one(self, crossing: Crossing, target: Target, free: Set[Cell] | None, width: float) -> set[Cell]:
        """The least that widens it, with its twins; if none does alone, the least."""
        near = [one for one in crossing.beside(target) if one in self.shown and (free is None or one in free)]
        candidates = sorted(dict.fromkeys(near), key=self.loss) or sorted(
            free & self.shown if free else (), key=self.loss
        )
        losses = {one: self.twins_of(one) & self.shown for one in candidates}
        helping = (one for one in losses.values() if crossing.width_without(one, target) > width)
        hidden = next(helping, None) or next(iter(losses.values()), set[Cell]())
        self.shown -= hidden
        crossing.hide(hidden)
        return hidden

    def loss(self, cell: Cell) -> tuple[bool, bool, float, Cell]:
        """Least of all what was shown before, under whichever name."""
        told = any(self.told.get(twin) for twin in self.twins_of(cell))
        return told, not cell.is_crossed, self.members[cell].bit_count(), cell


def decide(figure: Figure, told: Mapping[Cell, bool] = NOTHING_TOLD, barred: Container[Cell] = ()) -> Pattern:
    """The cells that are shown to everybody."""
    decision = Decision(figure, told, barred)
    decision.choose()
    decision.hide_more()
    return frozenset(decision.shown)


def opened(figure: Figure, without: Figure, shown: Iterable[Cell], barred: Container[Cell] = ()) -> Pattern:
    """`shown`, and what consents add to it: cells whose contributors all agree, and those that only the lack of consents kept
    from being shown (`without` is the figure without any). What nobody agreed to stays as well kept as it was."""
    base = frozenset(shown)
    decision = Decision(figure, barred=barred, shown=set(base))
    for cell in decision.in_order():
        if cell in decision.shown or cell in barred or not decision.may_be_shown(cell, figure):
            continue
        all_agree = not decision.members[cell] & ~figure.consenting
        if all_agree or not decision.may_be_shown(cell, without):
            decision.shown.add(cell)
    if free := frozenset(decision.shown) - base:
        decision.hide_more(free)
    return frozenset(decision.shown)
