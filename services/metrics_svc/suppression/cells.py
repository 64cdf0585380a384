"""The fixed lattice: each country, phase, partnership, buyer and ISIC division, and each country with one of the others."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What countries are crossed with."""

    PHASE = "phase"
    PARTNERSHIP = "partnership"
    BUYER = "buyer"
    DIVISION = "division"


@dataclass(frozen=True, order=True)
class Cell:
    """A country, or a `key` of a `kind`, or both crossed; what is not said is empty."""

    country: str = ""
    kind: str = ""
    key: str = ""

    @property
    def is_crossed(self) -> bool:
        return bool(self.country and self.kind)

    @property
    def column(self) -> "Cell":
        return Cell(kind=self.kind, key=self.key)

    @property
    def row(self) -> "Cell":
        return Cell(country=self.country)

    @property
    def containers(self) -> tuple["Cell", ...]:
        return (self.row, self.column) if self.is_crossed else ()

    def __str__(self) -> str:
        return f"{self.country}/{self.kind}/{self.key}"


def bits_of(members: int) -> Iterator[int]:
    """The numbers of those in a set that is written as bits."""
    while members:
        lowest = members & -members
        yield lowest.bit_length() - 1
        members ^= lowest
