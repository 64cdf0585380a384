"""Who lies in which cell on a day, and since when."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID

from services.metrics_svc.suppression.cells import Cell, Kind

Links = Mapping[UUID, Set[UUID]]


class Attended(NamedTuple):
    """An enterprise's first attendance in cycles of one phase and partnership."""

    enterprise_id: UUID
    country: str
    division: str | None
    phase_id: UUID | None
    partnership_id: UUID | None
    first_day: date


@dataclass(frozen=True)
class Lattice:
    """`first_days`: of whoever was trained in a cell. `numbers`: each enterprise's bit."""

    first_days: Mapping[Cell, Mapping[UUID, date]]
    numbers: Mapping[UUID, int]
    countries: Mapping[UUID, str]

    def as_bits(self, ids: Iterable[UUID]) -> int:
        return sum(1 << self.numbers[id] for id in ids if id in self.numbers)

    def thresholds(self, policies: Mapping[str, int], default: int) -> dict[Cell, int]:
        """The highest of the countries in each cell."""
        return {
            cell: max(policies.get(self.countries[id], default) for id in days)
            for cell, days in self.first_days.items()
        }


def lattice_of(attended: Iterable[Attended], buyers: Links, parties: Links) -> Lattice:
    """`buyers`: by enterprise, whom it supplies; `parties`: by partnership."""
    days: dict[Cell, dict[UUID, date]] = defaultdict(dict)
    countries: dict[UUID, str] = {}
    for one in attended:
        countries[one.enterprise_id] = one.country
        for cell in set(cells_of(one, buyers, parties)):
            known = days[cell].get(one.enterprise_id, one.first_day)
            days[cell][one.enterprise_id] = min(known, one.first_day)
    return Lattice(days, {id: number for number, id in enumerate(sorted(countries))}, countries)


def cells_of(one: Attended, buyers: Links, parties: Links) -> Iterator[Cell]:
    yield Cell(one.country)
    for kind, key in columns_of(one, buyers, parties):
        yield Cell(kind=kind, key=key)
        yield Cell(one.country, kind, key)


def columns_of(one: Attended, buyers: Links, parties: Links) -> Iterator[tuple[Kind, str]]:
    if one.phase_id:
        yield Kind.PHASE, str(one.phase_id)
    if one.partnership_id:
        yield Kind.PARTNERSHIP, str(one.partnership_id)
        yield from ((Kind.BUYER, str(id)) for id in parties.get(one.partnership_id, ()))
    yield from ((Kind.BUYER, str(id)) for id in buyers.get(one.enterprise_id, ()))
    if one.division:
        yield Kind.DIVISION, one.division
