"""Random programmes: enterprises in countries, divisions, phases, partnerships, and supplying buyers."""

from collections import defaultdict
from collections.abc import Sequence

from hypothesis import strategies as st

from services.metrics_svc.suppression.cells import Cell, Kind
from services.metrics_svc.suppression.figures import Amount, Count

K = 5
Enterprise = tuple[str, list[tuple[Kind, str]]]  # its country, and the columns it lies in


@st.composite
def enterprises(draw: st.DrawFn) -> list[Enterprise]:
    """Up to four crowds of a few at once: cells near the threshold are what matters."""
    countries = [f"C{n}" for n in range(draw(st.integers(1, 4)))]
    kinds = draw(st.lists(st.sampled_from(list(Kind)), min_size=1, max_size=2, unique=True))
    keys = {kind: [f"{kind}{n}" for n in range(draw(st.integers(1, 4)))] for kind in kinds}
    crowds = draw(st.lists(crowd(countries, keys), min_size=1, max_size=14))
    return [one for size, one in crowds for _ in range(size)]


@st.composite
def crowd(draw: st.DrawFn, countries: Sequence[str], keys: dict[Kind, list[str]]) -> tuple[int, Enterprise]:
    columns: list[tuple[Kind, str]] = []
    for kind, known in keys.items():
        most = 1 if kind is Kind.DIVISION else 2
        columns += [(kind, key) for key in draw(st.lists(st.sampled_from(known), max_size=most, unique=True))]
    return draw(st.integers(1, 9)), (draw(st.sampled_from(countries)), columns)


def cells_of(enterprise: Enterprise) -> list[Cell]:
    country, columns = enterprise
    alone = [Cell(kind=kind, key=key) for kind, key in columns]
    return [Cell(country), *alone, *(Cell(country, kind, key) for kind, key in columns)]


def counted(world: Sequence[Enterprise], consenting: int = 0, threshold: int = K) -> Count:
    members: dict[Cell, int] = defaultdict(int)
    for number, one in enumerate(world):
        for cell in cells_of(one):
            members[cell] |= 1 << number
    return Count(dict(members), dict.fromkeys(members, threshold), consenting)


def added_up(world: Sequence[Enterprise], sizes: Sequence[int], consenting: int = 0) -> Amount:
    """What is 0 contributes nothing."""
    contributed: dict[Cell, dict[int, float]] = defaultdict(dict)
    for number, one in enumerate(world):
        for cell in cells_of(one):
            contributed[cell] |= {number: float(sizes[number])} if sizes[number] else {}
    return Amount(dict(contributed), consenting)
