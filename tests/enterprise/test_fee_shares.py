"""What percentages make of an amount: nothing is lost, nothing is made, nobody is a unit off."""

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enterprise_svc.fees.splitting import parts_of


@pytest.mark.parametrize(
    ("amount", "percents", "digits", "parts"),
    [
        ("3000.00", ["50", "50"], 2, ["1500.00", "1500.00"]),
        ("100.00", ["33.33", "33.33", "33.34"], 2, ["33.33", "33.33", "33.34"]),
        ("0.05", ["50", "50"], 2, ["0.03", "0.02"]),  # equals: the first gets what is left
        ("100", ["33.3", "33.3", "33.4"], 0, ["33", "33", "34"]),
        ("1", ["25", "25", "25", "25"], 0, ["1", "0", "0", "0"]),
        ("10.01", ["12.5", "87.5"], 2, ["1.25", "8.76"]),
    ],
)
def test_what_is_left_goes_to_whom_rounding_took_most(
    amount: str, percents: list[str], digits: int, parts: list[str]
) -> None:
    found = parts_of(Decimal(amount), [Decimal(percent) for percent in percents], digits)
    assert [str(part) for part in found] == parts


@st.composite
def wholes(draw: st.DrawFn) -> list[Decimal]:
    """Percentages of up to twelve digits that add up to 100."""
    cuts = draw(st.lists(st.integers(1, 10**14 - 1), max_size=8, unique=True))
    edges = [0, *sorted(cuts), 10**14]
    return [Decimal(end - begin).scaleb(-12) for begin, end in pairwise(edges)]


@given(st.integers(1, 10**18 - 1), wholes(), st.sampled_from([0, 2, 3, 4]))
def test_the_parts_add_up_and_each_is_less_than_a_unit_off(units: int, percents: list[Decimal], digits: int) -> None:
    amount, unit = Decimal(units).scaleb(-digits), Fraction(1, 10**digits)
    parts = parts_of(amount, percents, digits)
    assert sum(map(Fraction, parts)) == Fraction(amount)
    for part, percent in zip(parts, percents, strict=True):
        assert part >= 0
        assert abs(Fraction(part) - Fraction(amount) * Fraction(percent) / 100) < unit
