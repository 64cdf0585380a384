"""Rule 3: which readings stand for before and after, and the one value they have together."""

from fractions import Fraction
from typing import Any

import pytest

from services.metrics_svc.results.calculation.facts import Reading
from services.metrics_svc.results.calculation.windows import base_window, follow_up_window, value_of
from tests.results.plain import reading

FIRST = "2012-03"


def monthly(period: str, **changes: Any) -> Reading:
    return reading(period=period, point="monthly", **changes)


def periods(window: list[Reading]) -> list[str]:
    return [one.period for one in window]


def test_all_baselines_are_the_base_whenever_they_were() -> None:
    told = [reading(period="2011-01"), reading(period="2012-05"), monthly("2012-02")]
    assert periods(base_window(told, FIRST)) == ["2011-01", "2012-05"]


def test_without_a_baseline_the_three_months_before_the_first_are_the_base_as_far_as_they_exist() -> None:
    told = [monthly(period) for period in ("2011-11", "2011-12", "2012-02", "2012-03", "2012-04")]
    assert periods(base_window(told, FIRST)) == ["2011-12", "2012-02"]


def test_the_three_months_before_cross_the_year() -> None:
    told = [monthly(period) for period in ("2011-09", "2011-10", "2011-11", "2011-12", "2012-01")]
    assert periods(base_window(told, "2012-01")) == ["2011-10", "2011-11", "2011-12"]


def test_all_final_ones_are_the_follow_up() -> None:
    told = [reading(period="2012-08", point="final"), reading(period="2012-06", point="final"), monthly("2012-11")]
    assert periods(follow_up_window(told, FIRST)) == ["2012-06", "2012-08"]


def test_without_a_final_one_the_latest_three_months_are_the_follow_up_gaps_or_not() -> None:
    told = [monthly(period) for period in ("2012-12", "2012-04", "2012-07", "2012-05", "2012-03")]
    assert periods(follow_up_window(told, FIRST)) == ["2012-05", "2012-07", "2012-12"]


def test_the_month_of_the_first_day_is_in_neither_window() -> None:
    assert base_window([monthly(FIRST)], FIRST) == []
    assert follow_up_window([monthly(FIRST)], FIRST) == []


def test_a_window_is_pooled_and_not_a_mean_of_ratios() -> None:
    value = value_of([reading(numerator=1, denominator=10), reading(numerator=1, denominator=1000)])
    assert value is not None
    assert value.figure == Fraction(2, 1010) != (Fraction(1, 10) + Fraction(1, 1000)) / 2


def test_without_denominators_the_value_is_the_mean_of_the_numerators() -> None:
    value = value_of([reading(numerator="0.05", denominator=None), reading(numerator="0.02", denominator=None)])
    assert value is not None
    assert value.figure == Fraction(7, 200)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"denominator": 10}, {"denominator": None}),
        ({"production_unit": "pair"}, {"production_unit": "dozen"}),
        ({"production_unit": "pair"}, {"production_unit": None}),
        ({"unit": "kWh"}, {"unit": "kg"}),
        ({"unit": "CNY"}, {"unit": "USD"}),
    ],
)
def test_readings_that_do_not_belong_together_have_no_value(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert value_of([reading(**one), reading(**other)]) is None


def test_an_empty_window_has_no_value() -> None:
    assert value_of([]) is None


def test_production_units_are_compared_without_case_and_outer_spaces() -> None:
    assert value_of([reading(production_unit="Straße "), reading(production_unit=" STRASSE")]) is not None


@pytest.mark.parametrize(
    ("numerator", "unit", "base"),
    [
        ("1", "MWh", Fraction(1000)),
        ("3600", "MJ", Fraction(1000)),
        ("3.6", "GJ", Fraction(1000)),
        ("1000000", "Wh", Fraction(1000)),
        ("1", "t", Fraction(1000)),
        ("1000000", "g", Fraction(1000)),
        ("1000000", "l", Fraction(1000)),
        ("60000", "minutes", Fraction(1000)),
    ],
)
def test_units_are_converted_exactly(numerator: str, unit: str, base: Fraction) -> None:
    value = value_of([reading(numerator=numerator, denominator=1, unit=unit)])
    assert value is not None
    assert value.figure == base
