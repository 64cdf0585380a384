"""The published table follows from raw rows, by the rules alone: 53 trained, 30 who report, and the figures of a fact sheet."""

from fractions import Fraction

import pytest

from services.metrics_svc.results.calculation.facts import Evidence, Indicator, Reading
from services.metrics_svc.results.calculation.rounding import fraction_text, mean_text, per_cent, whole_money
from services.metrics_svc.results.calculation.table import enterprises_reporting
from tests.results.plain import DEFECTS, ENERGY, SAVINGS, both, evidence, row, rows, saving

MATERIAL = Indicator("KPI03", "Material usage", "kg", "lower", "share_and_mean")
TRAINED, REPORTING = 53, 30


def spread(count: int, mean: int) -> list[int]:
    """`count` different whole per cents around `mean`, with that mean."""
    around = [step for pair in range(1, count // 2 + 1) for step in (mean - pair, mean + pair)]
    return around + ([mean] if count % 2 else [])


def falls(indicator: str, improved: int, mean: int) -> list[Reading]:
    """The first `improved` enterprises fell by the mean on average, the others of the thirty rose."""
    per_cents = spread(improved, mean) + [7 + number for number in range(REPORTING - improved)]
    told = {"indicator": indicator, "production_unit": "piece", "denominator": 10_000}
    return [one for n, change in enumerate(per_cents, 1) for one in both(n, 1000, 1000 + 10 * change, **told)]


@pytest.fixture
def china() -> Evidence:
    readings = [*falls("KPI02", 21, -11), *falls("KPI03", 15, -20), *falls("KPI04", 9, -13)]
    amounts = [18_670 + 100 * step for step in range(-12, 13)] + [0] * 5
    return evidence(TRAINED, readings, [saving(n, amount=amount) for n, amount in enumerate(amounts, 1)])


def test_china_phase_one(china: Evidence) -> None:
    savings, defects, material, energy = rows(china, SAVINGS, DEFECTS, MATERIAL, ENERGY)
    assert [per_cent(one.share) for one in (savings, defects, material, energy)] == [83, 70, 50, 30]
    assert whole_money(savings.mean) == "18670.00"
    assert (per_cent(defects.mean), per_cent(energy.mean)) == (-11, -13)
    assert {per_cent(one.coverage) for one in (savings, defects, material, energy)} == {57}
    assert enterprises_reporting([savings, defects, material, energy]) == REPORTING


def test_china_phase_one_exactly(china: Evidence) -> None:
    savings, defects, material, energy = rows(china, SAVINGS, DEFECTS, MATERIAL, ENERGY)
    assert [fraction_text(one.share) for one in (savings, defects, material, energy)] == ["5/6", "7/10", "1/2", "3/10"]
    assert fraction_text(savings.coverage) == "30/53"
    assert mean_text(savings.mean) == "18670.000000000000"
    assert (mean_text(defects.mean), mean_text(energy.mean)) == ("-0.110000000000", "-0.130000000000")


def test_fifty_per_cent_can_not_come_from_all_who_were_trained(china: Evidence) -> None:
    shares = {per_cent(one.share) for one in rows(china, SAVINGS, DEFECTS, MATERIAL, ENERGY, denominator="trained")}
    assert shares == {47, 40, 28, 17}
    assert 50 not in {per_cent(Fraction(n, TRAINED)) for n in range(TRAINED + 1)}


def test_lianglonog() -> None:
    """Production cost down 30 per cent, output capacity up 10."""
    cost = Indicator("KPI10", "Production cost", "currency", "lower", "share_and_mean")
    capacity = Indicator("KPI11", "Output capacity", "units", "higher", "share_and_mean")
    told = [
        *both(1, 10, 7, indicator="KPI10", unit="CNY", production_unit="pair", denominator=10),
        *both(1, 100_000, 110_000, indicator="KPI11", denominator=None),
    ]
    assert [per_cent(row(evidence(1, told), one).mean) for one in (cost, capacity)] == [-30, 10]


def test_seventy_seven_of_a_hundred_and_twenty() -> None:
    told = [one for number in range(1, 78) for one in both(number, 50, 40)]
    assert per_cent(row(evidence(120, told)).coverage) == 64
