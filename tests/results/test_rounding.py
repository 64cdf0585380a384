"""How exact figures are written: rounding is last, half away from zero."""

from fractions import Fraction

import pytest

from services.metrics_svc.results.calculation.rounding import (
    decimal_text,
    fraction_text,
    mean_text,
    per_cent,
    whole_money,
)


@pytest.mark.parametrize(
    ("fraction", "written"),
    [
        (Fraction(25, 30), 83),
        (Fraction(21, 30), 70),
        (Fraction(77, 120), 64),
        (Fraction(1, 200), 1),
        (Fraction(49, 10_000), 0),
        (Fraction(-1, 200), -1),
        (Fraction(-105, 1000), -11),
        (Fraction(0), 0),
        (Fraction(1), 100),
    ],
)
def test_per_cent_is_whole_half_away_from_zero(fraction: Fraction, written: int) -> None:
    assert per_cent(fraction) == written


@pytest.mark.parametrize(
    ("fraction", "written"), [(Fraction(25, 30), "5/6"), (Fraction(1), "1/1"), (Fraction(0, 7), "0/1")]
)
def test_fractions_have_lowest_terms_and_a_denominator(fraction: Fraction, written: str) -> None:
    assert fraction_text(fraction) == written


@pytest.mark.parametrize(
    ("mean", "written"),
    [
        (Fraction(-11, 100), "-0.110000000000"),
        (Fraction(18670), "18670.000000000000"),
        (Fraction(1, 3), "0.333333333333"),
        (Fraction(-2, 3), "-0.666666666667"),
        (Fraction(5, 10**13), "0.000000000001"),
        (Fraction(-5, 10**13), "-0.000000000001"),
        (Fraction(-4, 10**13), "0.000000000000"),
        (Fraction(10**15) + Fraction(1, 10**12), "1000000000000000.000000000001"),
    ],
)
def test_means_have_twelve_places_half_away_from_zero(mean: Fraction, written: str) -> None:
    assert mean_text(mean) == written


def test_money_is_in_whole_units_with_its_digits() -> None:
    assert whole_money(Fraction(18670)) == "18670.00"
    assert whole_money(Fraction(37341, 2)) == "18671.00"


@pytest.mark.parametrize(
    ("figure", "written"), [(Fraction(-171), "-171"), (Fraction(100), "100"), (Fraction(5, 2), "2.5")]
)
def test_sums_are_plain_decimals(figure: Fraction, written: str) -> None:
    assert decimal_text(figure) == written


def test_nothing_is_written_as_null() -> None:
    assert [write(None) for write in (per_cent, fraction_text, mean_text, whole_money)] == [None] * 4
