"""What an outsider can work out: linear programming over all worlds that agree with everything published.

The outsider knows which crossings exist and who lies in several columns at once, and whether a country that is shown has members
in no column; no number that is not published.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Set
from math import inf
from typing import Any

import numpy
from scipy.optimize import linprog

from services.metrics_svc.suppression.cells import Cell, Kind, bits_of
from services.metrics_svc.suppression.figures import Figure

# country, kind, columns its members lie in -> how much of the figure
Classes = dict[tuple[str, str, frozenset[str]], float]


def classes_of(figure: Figure, shown: Set[Cell]) -> Classes:
    found: Classes = {}
    for kind in Kind:
        for row in {cell.row for cell in figure.members if cell.is_crossed and cell.kind == kind}:
            columns: dict[int, set[str]] = defaultdict(set)
            for cell, some in figure.members.items():
                if cell.row == row and cell.kind == kind:
                    for number in bits_of(some):
                        columns[number].add(cell.key)
                    found[row.country, kind, frozenset({cell.key})] = 0.0
            if row not in shown:
                found[row.country, kind, frozenset()] = 0.0
            for number in bits_of(figure.members[row]):
                name = row.country, str(kind), frozenset(columns[number])
                found[name] = found.get(name, 0.0) + figure.weight(row, 1 << number)
    return found


class Audit:
    def __init__(self, figure: Figure, shown: Set[Cell]) -> None:
        self.figure, self.shown = figure, shown
        self.classes = classes_of(figure, shown)
        rows = sorted(cell for cell in figure.members if not cell.kind)
        self.place = {name: number for number, name in enumerate([*self.classes, *rows])}
        self.sums, self.totals = self._equations(rows)

    def _equations(self, rows: list[Cell]) -> tuple[Any, list[float]]:
        """All columns of a country make the country, in each kind; and what is published."""
        sums, totals = [], []
        for row in rows:
            for kind in Kind:
                if any(name[:2] == (row.country, kind) for name in self.classes):
                    sums.append(self.vector(Cell(row.country), kind) - self.unit(row))
                    totals.append(0.0)
        for cell in self.shown:
            sums.append(self.of(cell))
            totals.append(self.truth(cell))
        return numpy.array(sums), totals

    def truth(self, cell: Cell) -> float:
        return self.figure.weight(cell, self.figure.members[cell])

    def unit(self, row: Cell) -> Any:
        found = numpy.zeros(len(self.place))
        found[self.place[row]] = 1
        return found

    def of(self, cell: Cell) -> Any:
        """The cell as a sum of unknowns."""
        return self.vector(cell, cell.kind) if cell.kind else self.unit(cell)

    def vector(self, cell: Cell, kind: str) -> Any:
        found = numpy.zeros(len(self.place))
        for country, of_kind, columns in self.classes:
            if of_kind == kind and cell.country in ("", country) and (not cell.key or cell.key in columns):
                found[self.place[country, of_kind, columns]] = 1
        return found

    def bounds(self, cell: Cell) -> tuple[float, float]:
        aim = self.of(cell)
        return self._extreme(aim), -self._extreme(-aim)

    def _extreme(self, aim: Any) -> float:
        if not len(self.sums):
            return 0.0 if aim.sum() > 0 else -inf
        answer = linprog(aim, A_eq=self.sums, b_eq=self.totals, bounds=(0, None), method="highs")
        if answer.status in (3, 4):
            return -inf
        assert answer.status == 0, answer.message
        return float(answer.fun)

    def hidden(self) -> Iterator[Cell]:
        """What somebody has not agreed to and is not shown."""
        for cell, some in sorted(self.figure.members.items()):
            if cell not in self.shown and some & ~self.figure.consenting:
                yield cell

    def too_narrow(self) -> Mapping[Cell, tuple[float, float, float]]:
        """Cells that can be told more exactly than is demanded: from, to, demanded."""
        found = {}
        for cell in self.hidden():
            least, most = self.bounds(cell)
            demand = self.figure.demand(cell, self.figure.members[cell])
            if most - least < demand * (1 - 1e-6):
                found[cell] = least, most, demand
        return found


def differences(figure: Figure, shown: Set[Cell]) -> Iterator[tuple[Cell, Cell]]:
    """Pairs of published cells whose difference tells of too few."""
    for larger in shown:
        for smaller in shown:
            some, others = figure.members[smaller], figure.members[larger]
            if not some & ~others and not figure.is_open(larger, others & ~some):
                yield larger, smaller
