"""What holds of every results table, whatever was reported."""

import random
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from math import gcd
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.metrics_svc.results.calculation.facts import Evidence, Options, Reading, Saving
from services.metrics_svc.results.calculation.rounding import fraction_text, mean_text, per_cent
from services.metrics_svc.results.calculation.windows import value_of
from services.metrics_svc.units import CONVERTIBLE
from tests.results.plain import DEFECTS, ENERGY, SAVINGS, both, enterprise, evidence, reading, row, rows, saving

TRAINED = 6
MONTHS = [f"{year}-{month:02}" for year in (2011, 2012, 2013) for month in range(1, 13)]

numbers = st.integers(1, TRAINED + 2)  # two of them were never trained
amounts = st.decimals(0, 10**6, places=2, allow_nan=False)
some_readings = st.lists(
    st.builds(
        reading,
        number=numbers,
        period=st.sampled_from(MONTHS),
        point=st.sampled_from(["baseline", "monthly", "monthly", "final"]),
        numerator=amounts,
        denominator=st.one_of(st.none(), st.decimals("0.01", 10**6, places=2), st.decimals(1, 100, places=0)),
        production_unit=st.sampled_from([None, "pair", "Pair ", "dozen"]),
        unit=st.sampled_from(["units", "units", "units", "kg"]),
    ),
    max_size=40,
    unique_by=lambda one: (one.enterprise_id, one.period, one.point),
)
some_savings = st.lists(
    st.builds(
        saving,
        number=numbers,
        month=st.sampled_from(MONTHS),
        amount=st.one_of(st.just(0), amounts),
        currency=st.sampled_from(["USD", "CNY"]),
        recurrence=st.sampled_from(["one_off", "annual"]),
    ),
    max_size=20,
)
RATES = {("CNY", month): f"6.{number + 1:02}" for number, month in enumerate(MONTHS)}
options = st.builds(
    Options,
    denominator=st.sampled_from(["reporters", "trained"]),
    mean_over=st.sampled_from(["improvers", "reporters"]),
)
simple_changes = st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 1000)), max_size=TRAINED)


def reported(readings: list[Reading], savings: list[Saving]) -> Evidence:
    return evidence(TRAINED, readings, savings, RATES)


def named(chosen: Options) -> dict[str, Any]:
    return {"denominator": chosen.denominator, "mean_over": chosen.mean_over}


def changes_of(pairs: list[tuple[int, int]]) -> list[Reading]:
    return [one for number, (before, after) in enumerate(pairs, 1) for one in both(number, before, after)]


@given(some_readings, some_savings, options)
def test_shares_and_coverage_lie_between_nothing_and_all(
    readings: list[Reading], savings: list[Saving], chosen: Options
) -> None:
    for found in rows(reported(readings, savings), DEFECTS, SAVINGS, **named(chosen)):
        assert found.improved <= len(found.reporters) <= found.trained == TRAINED
        assert found.coverage is not None
        for part in (found.share, found.coverage):
            assert part is None or 0 <= part <= 1
        assert (per_cent(found.share) is None) == (chosen.denominator == "reporters" and not found.reporters)


@given(some_readings, some_savings, options)
def test_exact_fractions_have_lowest_terms_and_say_what_the_rounded_ones_say(
    readings: list[Reading], savings: list[Saving], chosen: Options
) -> None:
    for found in rows(reported(readings, savings), DEFECTS, SAVINGS, **named(chosen)):
        for part in (found.share, found.coverage):
            if part is not None:
                above, below = map(int, (fraction_text(part) or "").split("/"))
                assert below > 0
                assert gcd(above, below) == 1
                assert abs(Fraction(above, below) * 100 - (per_cent(part) or 0)) <= Fraction(1, 2)


@given(some_readings, options)
def test_a_written_mean_is_within_half_of_its_last_place(readings: list[Reading], chosen: Options) -> None:
    mean = row(reported(readings, []), **named(chosen)).mean
    if mean is not None:
        written = Fraction(Decimal(mean_text(mean) or ""))
        assert abs(written - mean) <= Fraction(1, 2 * 10**12)


@given(some_readings, some_savings, options, st.randoms(use_true_random=False))
def test_the_order_in_which_records_are_read_changes_nothing(
    readings: list[Reading], savings: list[Saving], chosen: Options, chance: random.Random
) -> None:
    before = rows(reported(readings, savings), DEFECTS, SAVINGS, **named(chosen))
    chance.shuffle(readings)
    chance.shuffle(savings)
    assert rows(reported(readings, savings), DEFECTS, SAVINGS, **named(chosen)) == before


@given(some_readings, some_savings)
def test_one_who_was_trained_and_says_nothing_moves_coverage_and_nothing_else(
    readings: list[Reading], savings: list[Saving]
) -> None:
    fewer = rows(evidence(TRAINED + 2, readings, savings, RATES), DEFECTS, SAVINGS)
    more = rows(evidence(TRAINED + 3, readings, savings, RATES), DEFECTS, SAVINGS)
    for one, other in zip(fewer, more, strict=True):
        assert replace(other, trained=one.trained, coverage=one.coverage) == one
        assert one.coverage is not None
        assert other.coverage is not None
        assert other.coverage < one.coverage or not one.reporters


@given(some_readings, some_savings)
def test_one_who_was_not_trained_moves_nothing(readings: list[Reading], savings: list[Saving]) -> None:
    of_trained = [one for one in readings if one.enterprise_id <= enterprise(TRAINED)]
    savings_of_trained = [one for one in savings if one.enterprise_id <= enterprise(TRAINED)]
    assert rows(reported(readings, savings), DEFECTS, SAVINGS) == rows(
        reported(of_trained, savings_of_trained), DEFECTS, SAVINGS
    )


@given(simple_changes, st.integers(1, 1000))
def test_one_more_who_worsened_lowers_the_share_and_leaves_the_mean(pairs: list[tuple[int, int]], worse: int) -> None:
    without = row(evidence(TRAINED + 1, changes_of(pairs)))
    with_one = row(evidence(TRAINED + 1, [*changes_of(pairs), *both(TRAINED + 1, 50, 50 + worse)]))
    assert with_one.mean == without.mean
    assert (with_one.share or 0) < without.share if without.share else with_one.share == 0


@given(simple_changes)
def test_the_mean_over_improvers_lies_among_their_changes(pairs: list[tuple[int, int]]) -> None:
    found = row(evidence(TRAINED, changes_of(pairs)))
    falls = [Fraction(after, before) - 1 for before, after in pairs if after < before]
    assert found.improved == len(falls)
    assert found.mean == (sum(falls) / len(falls) if falls else None)


@given(simple_changes, st.integers(0, TRAINED - 1), st.integers(1, 1000))
def test_who_does_better_never_lowers_the_share(pairs: list[tuple[int, int]], who: int, by: int) -> None:
    better = [(before, max(0, after - by)) if n == who else (before, after) for n, (before, after) in enumerate(pairs)]
    worse, found = row(evidence(TRAINED, changes_of(pairs))), row(evidence(TRAINED, changes_of(better)))
    assert (found.share or 0) >= (worse.share or 0)
    assert found.reporters == worse.reporters


@given(st.lists(st.tuples(amounts, st.decimals("0.01", 10**6, places=2)), min_size=1, max_size=12))
def test_a_pooled_value_is_the_ratio_of_sums(pairs: list[tuple[Decimal, Decimal]]) -> None:
    value = value_of([reading(numerator=above, denominator=below) for above, below in pairs])
    assert value is not None
    assert value.figure * sum(Fraction(below) for _, below in pairs) == sum(Fraction(above) for above, _ in pairs)
    ratios = [Fraction(above) / Fraction(below) for above, below in pairs]
    assert min(ratios) <= value.figure <= max(ratios)


@given(simple_changes, st.sampled_from(["mass", "energy", "volume", "time"]), st.data())
def test_telling_the_same_in_other_units_changes_nothing(
    pairs: list[tuple[int, int]], family: str, data: st.DataObject
) -> None:
    units = CONVERTIBLE[family]
    base = next(unit for unit, factor in units.items() if factor == 1)
    told = [replace(one, indicator=ENERGY.code, unit=base) for one in changes_of(pairs)]
    retold = [in_unit(one, data.draw(st.sampled_from(sorted(units))), units) for one in told]
    assert row(evidence(TRAINED, retold), ENERGY) == row(evidence(TRAINED, told), ENERGY)


def in_unit(one: Reading, unit: str, units: dict[str, Fraction]) -> Reading:
    """The same reading in another unit of its family, where that is a decimal number; a fraction's denominator goes below."""
    above = Fraction(one.numerator) / units[unit]
    assert one.denominator is not None
    scale = above.denominator
    return replace(one, unit=unit, numerator=Decimal(above.numerator), denominator=one.denominator * scale)


@given(st.lists(amounts, min_size=1, max_size=TRAINED), st.decimals("0.001", 30_000, places=3))
def test_savings_in_another_currency_are_the_same_savings(amounts_usd: list[Decimal], rate: Decimal) -> None:
    usd = [saving(number, amount=amount) for number, amount in enumerate(amounts_usd, 1)]
    local = [replace(one, amount=one.amount * rate, currency="CNY") for one in usd]
    there = row(evidence(TRAINED, savings=local, rates={("CNY", "2012-05"): str(rate)}), SAVINGS)
    assert there == row(evidence(TRAINED, savings=usd), SAVINGS)


@given(some_readings)
def test_only_the_windows_matter(readings: list[Reading]) -> None:
    """A monthly reading of the first day's month, or of one after the day, is in no window."""
    outside = [reading(n, point="monthly", period=month) for n in (1, 2) for month in ("2012-03", "2014-01")]
    kept = [one for one in readings if not (one.point == "monthly" and one.period == "2012-03")]
    assert row(evidence(TRAINED, [*kept, *outside])) == row(evidence(TRAINED, kept))
