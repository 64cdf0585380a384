"""How far what is hidden can be told from what is shown, where countries are crossed with one kind.

Countries are rows, the keys of the kind columns; enterprises of a country outside all of them lie in no column. Whatever is shown
fixes a sum. Another world with the same sums comes from this one by moving members along a circle: out of a hidden crossing into
another one of the same country, on in its column to another country, and back. What can be moved at most, up and down, is a
maximum flow. It counts only moves that an outsider can't rule out who knows which crossings there are and who lies in several
columns at once: those stay. That a country has members in no column is known where it is shown; a hidden one may have any number.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from math import inf

from services.metrics_svc.suppression.cells import Cell
from services.metrics_svc.suppression.figures import Figure

Arcs = list[dict[int, float]]  # by number of the node: to which others how much may go
GROUND = 0
LITTLE = 1e-9  # sums of amounts are told in floats


@dataclass(frozen=True)
class Target:
    """What must not be told too exactly: a hidden crossing, a hidden column, or those of a country in no column (`rest`)."""

    cell: Cell
    demand: float
    rest: bool = False


class Crossing:
    """With all of `shown` shown; `hide` and `show` change that."""

    def __init__(self, figure: Figure, kind: str, shown: Set[Cell]) -> None:
        self.figure = figure
        members = figure.members
        self.crossed = sorted(cell for cell, some in members.items() if cell.is_crossed and cell.kind == kind and some)
        self.columns = dict.fromkeys(cell.column for cell in self.crossed)
        once, twice = dict[Cell, int](), dict[Cell, int]()
        for cell in self.crossed:
            twice[cell.row] = twice.get(cell.row, 0) | (once.get(cell.row, 0) & members[cell])
            once[cell.row] = once.get(cell.row, 0) | members[cell]
        self.rests = {row: members.get(row, 0) & ~some for row, some in sorted(once.items())}
        self.movable = {cell: figure.weight(cell, members[cell] & ~twice[cell.row]) for cell in self.crossed}
        self.outside = {row: figure.weight(row, rest) if rest else 0 for row, rest in self.rests.items()}
        self.nodes = {cell: number for number, cell in enumerate([*self.rests, *self.columns], start=1)}
        self.arcs: Arcs = [{} for _ in range(len(self.nodes) + 1)]
        everything = {*self.crossed, *self.nodes}
        self.show(everything & shown)
        self.hide(everything - shown)

    def hide(self, cells: Iterable[Cell]) -> None:
        """A row may give to a column without end and take back what is there. What no sum holds is joined to the ground."""
        for cell in cells:
            if cell in self.movable:
                join(self.arcs, *self.ends(cell), self.movable[cell], inf)
            elif cell in self.nodes:
                join(self.arcs, *self.ends(cell), inf, inf)

    def show(self, cells: Iterable[Cell]) -> None:
        for cell in cells:
            if cell in self.movable or cell in self.columns:
                part(self.arcs, *self.ends(cell))
            elif cell in self.rests:
                join(self.arcs, *self.ends(cell), self.outside[cell], inf if self.outside[cell] else 0)

    def ends(self, cell: Cell) -> tuple[int, int]:
        """More of it flows from the second to the first."""
        return (self.nodes[cell.column], self.nodes[cell.row]) if cell.is_crossed else (GROUND, self.nodes[cell])

    # --- what must be kept ---------------------------------------------------------------------------------

    def targets(self, shown: Set[Cell]) -> Iterator[Target]:
        for cell in [*self.crossed, *self.columns]:
            if cell not in shown and (target := self.target(cell)):
                yield target
        for row, rest in self.rests.items():
            if row in shown and not self.figure.is_open(row, rest):
                yield Target(row, self.figure.demand(row, rest), rest=True)

    def target(self, cell: Cell) -> Target | None:
        """None where there is nothing to keep: nobody, or all agree."""
        some = self.figure.members.get(cell, 0)
        return Target(cell, self.figure.demand(cell, some)) if some & ~self.figure.consenting else None

    def beside(self, target: Target) -> list[Cell]:
        """Whatever, once hidden, may hide the target better: crossings of its row and column; then row and column themselves."""
        cell = target.cell
        ends = [cell.row] if target.rest else list(cell.containers)
        near = [one for one in self.crossed if one != cell and (one.row in ends or one.column in (cell, *ends))]
        return [*near, *(ends if ends else [one.row for one in near])]

    # --- how far it can be moved ---------------------------------------------------------------------------

    def width(self, target: Target) -> float:
        """From the least to the most it may be, as far as that is at most what is demanded."""
        cell, enough = target.cell, target.demand
        start, end = self.ends(cell)
        own = self.outside[cell] if target.rest else self.movable.get(cell, inf)
        there, back = self.arcs[start][end], self.arcs[end][start]
        join(self.arcs, start, end, 0, 0)
        up = carried(self.arcs, start, end, enough)
        down = carried(self.arcs, end, start, min(enough - up, own))
        join(self.arcs, start, end, there, back)
        return up + down

    def width_without(self, cells: Set[Cell], target: Target) -> float:
        """What it would be with these hidden too."""
        self.hide(cells)
        width = self.width(target)
        self.show(cells)
        return width


def join(arcs: Arcs, one: int, other: int, there: float, back: float) -> None:
    arcs[one][other], arcs[other][one] = there, back


def part(arcs: Arcs, one: int, other: int) -> None:
    arcs[one].pop(other, None)
    arcs[other].pop(one, None)


def carried(arcs: Arcs, start: int, end: int, enough: float) -> float:
    """The maximum flow, or `enough` if that is less."""
    left = Left(arcs)
    total = 0.0
    while total < enough and (path := way(arcs, left, start, end)):
        share = min(enough - total, *(left.over(*step) for step in path))
        left.carry(path, share)
        total += share
    return total


class Left:
    """What may still go, after what has gone."""

    def __init__(self, arcs: Arcs) -> None:
        self.arcs, self.gone = arcs, dict[tuple[int, int], float]()

    def over(self, one: int, other: int) -> float:
        return self.arcs[one][other] - self.gone.get((one, other), 0)

    def carry(self, path: list[tuple[int, int]], share: float) -> None:
        for one, other in path:
            self.gone[one, other] = self.gone.get((one, other), 0) + share
            self.gone[other, one] = -self.gone[one, other]


def way(arcs: Arcs, left: Left, start: int, end: int) -> list[tuple[int, int]]:
    """One of the shortest that can still carry something; empty if there is none."""
    came = {start: start}
    waiting = deque([start])
    while waiting:
        here = waiting.popleft()
        if end in arcs[here] and left.over(here, end) > LITTLE:
            return [*steps_to(here, came), (here, end)]
        for there in arcs[here]:
            if there not in came and left.over(here, there) > LITTLE:
                came[there] = here
                waiting.append(there)
    return []


def steps_to(here: int, came: dict[int, int]) -> list[tuple[int, int]]:
    steps = []
    while came[here] != here:
        steps.append((came[here], here))
        here = came[here]
    return steps[::-1]
