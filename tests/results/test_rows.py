"""Rules 4 to 7 on plain records: who reports, who improved, what enters a mean."""

from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from services.metrics_svc.results.calculation.facts import Indicator, Reading
from services.metrics_svc.results.calculation.savings import RatesMissing
from services.metrics_svc.results.calculation.table import enterprises_reporting
from tests.results.plain import (
    CASUAL,
    DEFECTS,
    ENERGY,
    FIVE_S,
    GRIEVANCES,
    JOBS,
    PRODUCTIVITY,
    SAVINGS,
    both,
    enterprise,
    evidence,
    reading,
    row,
    rows,
    saving,
)


def test_the_share_is_of_those_who_reported_and_coverage_says_how_many() -> None:
    found = row(evidence(5, [*both(1, 50, 40), *both(2, 50, 60)]))
    assert (found.share, found.coverage, found.trained) == (Fraction(1, 2), Fraction(2, 5), 5)


def test_the_share_may_be_asked_of_all_trained() -> None:
    found = row(evidence(5, [*both(1, 50, 40), *both(2, 50, 60)]), denominator="trained")
    assert (found.share, found.coverage) == (Fraction(1, 5), Fraction(2, 5))


def test_a_worsened_value_lowers_the_share_and_stays_out_of_the_mean() -> None:
    found = row(evidence(2, [*both(1, 50, 40), *both(2, 50, 100)]))
    assert (found.share, found.mean) == (Fraction(1, 2), Fraction(-1, 5))


def test_the_mean_may_be_asked_over_all_reporters() -> None:
    given = evidence(2, [*both(1, 50, 40), *both(2, 50, 100)])
    assert row(given, mean_over="reporters").mean == Fraction(2, 5)


def test_the_mean_is_not_weighted_by_size() -> None:
    given = evidence(2, [*both(1, 50, 40), *both(2, 5_000_000, 2_500_000, denominator=10**9)])
    assert row(given).mean == (Fraction(-1, 5) + Fraction(-1, 2)) / 2


@pytest.mark.parametrize(("after", "improved"), [(0, False), (5, False)])
def test_from_zero_equal_or_worse_is_no_improvement_of_a_thing_better_low(after: int, improved: bool) -> None:
    found = row(evidence(1, both(1, 0, after)), mean_over="reporters")
    assert (found.improved, len(found.reporters), found.mean) == (improved, 1, None)


def test_from_zero_better_is_an_improvement_that_enters_no_mean() -> None:
    given = evidence(1, both(1, 0, 5, indicator="KPI09"))
    for over in ("improvers", "reporters"):
        found = row(given, PRODUCTIVITY, mean_over=over)
        assert (found.share, found.mean) == (1, None)


def test_no_change_is_no_improvement() -> None:
    assert row(evidence(1, both(1, 50, 50))).improved == 0


def test_a_changed_production_unit_makes_no_reporter() -> None:
    before, after = both(1, 50, 40, production_unit="pair")
    changed = reading(numerator=40, point="final", period="2012-09", production_unit="dozen")
    assert row(evidence(1, [before, after])).reporters
    assert not row(evidence(1, [before, changed])).reporters


def test_a_changed_currency_makes_no_reporter() -> None:
    before, after = reading(unit="CNY"), reading(unit="USD", point="final", period="2012-09")
    assert not row(evidence(1, [before, after])).reporters


def test_one_window_in_other_units_is_converted() -> None:
    energy = {"indicator": "KPI04", "production_unit": "pair"}
    before = reading(numerator="1.5", unit="MWh", denominator=100, **energy)
    after = reading(numerator=1350, unit="kWh", denominator=100, point="final", period="2012-09", **energy)
    assert row(evidence(1, [before, after]), ENERGY).mean == Fraction(-1, 10)


def test_one_window_may_tell_ratios_and_the_other_numerators_and_denominators() -> None:
    before = reading(numerator="0.05", denominator=None)
    after = reading(numerator=30, denominator=1000, point="final", period="2012-09")
    assert row(evidence(1, [before, after])).mean == Fraction(-2, 5)


def test_a_missing_follow_up_makes_no_reporter() -> None:
    found = row(evidence(1, [reading()]))
    assert (found.reporters, found.share, found.coverage, found.mean) == (frozenset(), None, 0, None)


def test_no_reporters_of_all_trained_is_a_share_of_nothing() -> None:
    assert row(evidence(1), denominator="trained").share == 0


def test_none_trained_has_neither_share_nor_coverage() -> None:
    for denominator in ("reporters", "trained"):
        found = row(evidence(0, both(1, 50, 40)), denominator=denominator)
        assert (found.trained, found.share, found.coverage) == (0, None, None)


def test_a_month_that_has_not_ended_on_the_day_does_not_count() -> None:
    given = evidence(1, both(1, 50, 40))
    assert row(given, as_of=date(2012, 9, 30)).reporters
    assert not row(given, as_of=date(2012, 9, 29)).reporters


def test_rows_stand_in_order_of_code_also_without_reporters_and_rates_have_none() -> None:
    found = rows(evidence(1), FIVE_S, SAVINGS, ENERGY, JOBS, GRIEVANCES, DEFECTS)
    assert [one.indicator.code for one in found] == ["JOB01P", "KPI01", "KPI02", "KPI04", "PRA02"]


def test_reporting_at_all_is_reporting_in_one_row() -> None:
    found = rows(evidence(4, [*both(1, 50, 40), *both(2, 50, 40)], [saving(2), saving(3)]), DEFECTS, SAVINGS)
    assert enterprises_reporting(found) == 3


# --- savings ---------------------------------------------------------------------------------------------------


def test_savings_are_told_in_usd_at_the_rate_of_their_month() -> None:
    savings = [saving(amount=650, currency="CNY", month="2012-04"), saving(amount=630, currency="CNY", month="2012-05")]
    found = row(evidence(1, savings=savings, rates={("CNY", "2012-04"): "6.5", ("CNY", "2012-05"): "6.3"}), SAVINGS)
    assert (found.mean, found.recurrence) == (200, "one_off")


def test_nothing_saved_is_a_report_but_no_improvement_and_needs_no_rate() -> None:
    found = row(evidence(2, savings=[saving(1, amount=0, currency="CNY"), saving(2)]), SAVINGS)
    assert (found.share, found.mean) == (Fraction(1, 2), 100)


def test_zeros_count_in_the_mean_over_reporters() -> None:
    given = evidence(2, savings=[saving(1, amount=0), saving(2)])
    assert row(given, SAVINGS, mean_over="reporters").mean == 50


def test_all_missing_rates_are_named_and_only_of_those_in_scope() -> None:
    savings = [
        saving(1, currency="CNY", month="2012-05"),
        saving(1, currency="CNY", month="2012-04"),
        saving(1, currency="VND", month="2012-04"),
        saving(1, currency="INR", month="2012-12", amount=0),
        saving(9, currency="GHS", month="2012-04"),
    ]
    with pytest.raises(RatesMissing) as missing:
        rows(evidence(1, savings=savings, rates={("VND", "2012-05"): "20000"}), SAVINGS)
    assert missing.value.wanted == [("CNY", "2012-04"), ("CNY", "2012-05"), ("VND", "2012-04")]


def test_a_rate_of_a_month_after_the_day_is_not_missed() -> None:
    given = evidence(1, savings=[saving(currency="CNY", month="2012-05")])
    assert not row(given, SAVINGS, as_of=date(2012, 5, 30)).reporters


def test_both_recurrences_have_a_row_without_a_mean_over_both_and_one_each() -> None:
    savings = [saving(1, amount=100), saving(2, amount=1000, recurrence="annual"), saving(3, amount=0)]
    over_both, one_off, annual = rows(evidence(4, savings=savings), SAVINGS)
    assert (over_both.recurrence, over_both.share, over_both.mean) == (None, Fraction(2, 3), None)
    assert (one_off.recurrence, one_off.share, one_off.mean) == ("one_off", Fraction(1, 2), 100)
    assert (annual.recurrence, annual.share, annual.mean) == ("annual", Fraction(1, 2), 1000)


def test_a_zero_is_a_report_for_each_recurrence() -> None:
    savings = [saving(1), saving(2, recurrence="annual"), saving(3, amount=0, recurrence="annual")]
    _, one_off, annual = rows(evidence(3, savings=savings), SAVINGS)
    assert enterprise(3) in one_off.reporters & annual.reporters


# --- sums and practices ----------------------------------------------------------------------------------------


def job(number: int, change: int, **changes: Any) -> Reading:
    told = {"indicator": "JOB01P", "point": "final", "period": "2012-09", "denominator": None, "unit": "persons"}
    return reading(number, numerator=change, **(told | changes))


def test_jobs_are_summed_apart_by_sign() -> None:
    found = row(evidence(3, [job(1, 5), job(2, -7), job(3, 0)]), JOBS)
    assert found.total is not None
    assert (found.total.positive, found.total.negative, found.total.net) == (5, -7, -2)
    assert (len(found.reporters), found.improved, found.mean) == (3, 1, None)


def test_every_month_after_the_first_counts_in_a_sum() -> None:
    months = [job(1, 1, point="monthly", period=f"2012-{month:02}") for month in range(1, 13)]
    found = row(evidence(1, months), JOBS)
    assert found.total is not None
    assert found.total.positive == 9


def test_jobs_of_the_mid_term_evaluation() -> None:
    """120 trained, 77 reporting; +536 and -707; casual +72 and -9."""
    permanent = [job(number, 536 if number == 1 else -707 if number == 2 else 0) for number in range(1, 78)]
    casual = [job(number, 72 if number == 1 else -9, indicator="JOB01C") for number in (1, 2)]
    casual_row, permanent_row = rows(evidence(120, [*permanent, *casual]), JOBS, CASUAL)
    assert permanent_row.coverage == Fraction(77, 120)
    assert permanent_row.total is not None
    assert (permanent_row.total.positive, permanent_row.total.negative, permanent_row.total.net) == (536, -707, -171)
    assert casual_row.total is not None
    assert casual_row.total.net == 63


def practice(number: int, before: int | None, after: int | None) -> list[Reading]:
    told = {"indicator": "PRA02", "denominator": None, "unit": "yes_no"}
    said = [] if before is None else [reading(number, numerator=before, **told)]
    return said + ([] if after is None else [reading(number, numerator=after, point="final", period="2012-09", **told)])


def test_a_practice_is_yes_of_answered_after_and_gain_of_those_who_said_no_before() -> None:
    answers = [*practice(1, 0, 1), *practice(2, 0, 0), *practice(3, 1, 1), *practice(4, None, 1), *practice(5, 0, None)]
    found = row(evidence(6, answers), FIVE_S)
    assert (found.share, found.gain, found.coverage) == (Fraction(3, 4), Fraction(1, 2), Fraction(2, 3))


def test_nobody_without_the_practice_before_has_no_gain() -> None:
    assert row(evidence(1, practice(1, 1, 1)), FIVE_S).gain is None


def test_a_practice_is_what_was_said_last_in_its_window() -> None:
    told = {"indicator": "PRA02", "denominator": None, "unit": "yes_no", "point": "monthly"}
    answers = [
        reading(period=f"2012-{month:02}", numerator=answer, **told)
        for month, answer in ((1, 1), (2, 0), (6, 0), (8, 1))
    ]
    found = row(evidence(1, answers), FIVE_S)
    assert (found.improved, found.gain) == (1, 1)


def test_a_sum_is_told_in_the_unit_of_its_indicator() -> None:
    saved_energy = Indicator("X01", "Energy saved", "MWh", "higher", "sum")
    told = [job(n, 500, indicator="X01", unit=unit) for n, unit in ((1, "kWh"), (2, "MWh"))]
    total = row(evidence(2, told), saved_energy).total
    assert total is not None
    assert total.net == Fraction(1001, 2)
