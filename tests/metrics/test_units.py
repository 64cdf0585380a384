"""The algebra of units, by itself."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as some

from services.metrics_svc.units import CONVERTIBLE, FAMILIES, TAKEN, UnknownUnit, check_unit, factor, family


@pytest.mark.parametrize(
    ("unit", "base_units"),
    [
        ("g", Fraction(1, 1000)),
        ("kg", Fraction(1)),
        ("t", Fraction(1000)),
        ("Wh", Fraction(1, 1000)),
        ("kWh", Fraction(1)),
        ("MWh", Fraction(1000)),
        ("MJ", Fraction(1000, 3600)),
        ("GJ", Fraction(1_000_000, 3600)),
        ("l", Fraction(1, 1000)),
        ("m3", Fraction(1)),
        ("minutes", Fraction(1, 60)),
        ("hours", Fraction(1)),
        ("units", Fraction(1)),
        ("CNY", Fraction(1)),
    ],
)
def test_each_unit_converts_exactly(unit: str, base_units: Fraction) -> None:
    assert factor(unit) == base_units


@given(some.sampled_from(sorted(FAMILIES)), some.sampled_from(sorted(FAMILIES)))
def test_units_share_a_family_exactly_when_they_stand_in_one_row(one: str, other: str) -> None:
    together = any({one, other} <= units.keys() for units in CONVERTIBLE.values())
    assert (family(one) == family(other)) == together


def test_two_currencies_are_not_of_one_family() -> None:
    assert family("CNY") == "currency:CNY"
    assert family("CNY") != family("USD")


@pytest.mark.parametrize("code", ["KPI03", "KPI05"])
@pytest.mark.parametrize("unit", ["g", "kg", "t"])
def test_a_mass_may_be_in_any_unit_of_mass(code: str, unit: str) -> None:
    check_unit(code, unit)


@pytest.mark.parametrize(
    ("code", "unit"),
    [
        ("KPI03", "kWh"),
        ("KPI03", "KG"),
        ("KPI04", "kwh"),
        ("KPI02", "kg"),
        ("KPI09", "hours"),
        ("KPI10", "XYZ"),
        ("KPI11", "USD"),
        ("KPI13", "t"),
        ("KPI18", "days"),
        ("JOB01P", "workers"),
        ("PRA01", "units"),
        ("PRA01", ""),
    ],
)
def test_another_unit_is_refused_and_the_right_ones_are_named(code: str, unit: str) -> None:
    with pytest.raises(UnknownUnit, match=code):
        check_unit(code, unit)


def test_labour_productivity_is_in_units_or_in_a_currency() -> None:
    check_unit("KPI09", "units")
    check_unit("KPI09", "CNY")


def test_every_kpi_practice_and_job_indicator_has_its_units() -> None:
    expected = {"KPI06F", "KPI06I", "KPI15M", "KPI15I", "KPI16R", "KPI16T", "KPI17", "KPI18", "JOB01P", "JOB01C"}
    expected |= {f"KPI{number:02}" for number in (2, 3, 4, 5, *range(7, 15))} | {
        f"PRA0{number}" for number in range(1, 8)
    }
    assert TAKEN.keys() == expected


@pytest.mark.parametrize(
    ("declared", "sent"), [("kg", "t"), ("currency", "CNY"), ("USD", "CNY"), ("guest-nights", "guest-nights")]
)
def test_a_new_indicator_takes_its_own_unit_and_what_converts_into_it(declared: str, sent: str) -> None:
    check_unit("OWN01", sent, declared)


def test_a_new_indicator_takes_no_other_unit() -> None:
    with pytest.raises(UnknownUnit, match="guest-nights"):
        check_unit("OWN01", "units", "guest-nights")
