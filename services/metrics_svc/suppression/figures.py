"""What a figure is made of in every cell, and when a set of contributors is enough for it to be told.

Sets of enterprises are integers, one bit an enterprise: unions and differences of thousands cost next to nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from heapq import nlargest
from typing import Protocol, Self

from services.metrics_svc.suppression.cells import Cell, bits_of

CONTRIBUTORS = 3
ONE, TWO = 0.75, 0.85
LITTLE = 1e-9  # by so much less, so that no rounding lets a share pass


class Figure(Protocol):
    """`members`: whose facts the figure of a cell is made of. `consenting`: who allows to be counted wherever it is.

    `weight` is how much of the figure `some` of a cell's members make, `demand` how far the figure of a hidden cell must be
    from being told, and `is_open` whether `some` of them may be told of together: enough, nobody, or all agree.
    """

    @property
    def members(self) -> Mapping[Cell, int]: ...
    @property
    def consenting(self) -> int: ...
    def weight(self, cell: Cell, some: int) -> float: ...
    def demand(self, cell: Cell, some: int) -> float: ...
    def is_open(self, cell: Cell, some: int) -> bool: ...
    def agreed_to_by(self, consenting: int) -> "Figure": ...


@dataclass(frozen=True)
class Count:
    """Of enterprises. `thresholds`: how many are enough, by cell."""

    members: Mapping[Cell, int]
    thresholds: Mapping[Cell, int]
    consenting: int = 0

    def weight(self, cell: Cell, some: int) -> float:
        return some.bit_count()

    def demand(self, cell: Cell, some: int) -> float:
        return self.thresholds[cell]

    def is_open(self, cell: Cell, some: int) -> bool:
        return not some & ~self.consenting or some.bit_count() >= self.thresholds[cell]

    def agreed_to_by(self, consenting: int) -> Self:
        return replace(self, consenting=consenting)


@dataclass(frozen=True)
class Amount:
    """A sum or mean of what each contributes. `sizes`: by cell and enterprise, all of them above 0."""

    sizes: Mapping[Cell, Mapping[int, float]]
    consenting: int = 0
    members: Mapping[Cell, int] = field(init=False)

    def __post_init__(self) -> None:
        sets = {cell: sum(1 << number for number in sizes) for cell, sizes in self.sizes.items()}
        object.__setattr__(self, "members", sets)

    def weight(self, cell: Cell, some: int) -> float:
        return sum(self._sizes(cell, some))

    def demand(self, cell: Cell, some: int) -> float:
        """What the largest contributes: it could as well be nothing."""
        return max(self._sizes(cell, some & ~self.consenting))

    def is_open(self, cell: Cell, some: int) -> bool:
        return not some & ~self.consenting or is_shared(self._sizes(cell, some))

    def agreed_to_by(self, consenting: int) -> Self:
        return replace(self, consenting=consenting)

    def _sizes(self, cell: Cell, some: int) -> list[float]:
        sizes = self.sizes[cell]
        return [sizes[number] for number in bits_of(some)]


def is_shared(sizes: list[float]) -> bool:
    """At least three contribute, none 75 % or more, no two 85 % or more."""
    if len(sizes) < CONTRIBUTORS:
        return False
    total = sum(sizes) * (1 - LITTLE)
    first, second = nlargest(2, sizes)
    return first < ONE * total and first + second < TWO * total
