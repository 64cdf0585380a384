"""The published table follows from the record files, by the rules alone."""

from fractions import Fraction

import pytest

from tests.demo import figures

PHASE_ONE = "ref:synthetic-demo:phase:one"
LIANGLONOG = "ref:synthetic-demo:enterprise:coop-01"
CHINA_UNTIL, COOP_UNTIL, BSCI_UNTIL = "2013-12-31", "2012-12-31", "2014-05-31"


def china() -> set[str]:
    return figures.cycles_of(phase_id=PHASE_ONE, country="CN")


def partnership(key: str) -> set[str]:
    return figures.cycles_of(partnership_id=f"ref:synthetic-demo:partnership:{key}")


def mean(values: list[Fraction]) -> Fraction:
    return sum(values, Fraction()) / len(values)


def test_china_counts() -> None:
    attended = figures.attended(china(), CHINA_UNTIL)
    visits = [v for v in figures.rows("visits") if v["cycle"] in china() and v["done_on"] <= CHINA_UNTIL]
    assert len({row["enterprise"] for row in attended}) == 53
    assert len({(row["enterprise"], row["reference"]) for row in attended}) == 784
    assert len(visits) == 224


def test_some_people_came_to_two_modules() -> None:
    attended = figures.attended(china(), CHINA_UNTIL)
    assert len({(row["cycle"], row["enterprise"], row["reference"]) for row in attended}) > 784


@pytest.mark.parametrize(
    ("indicator", "improved", "mean_change"),
    [("KPI02", 21, Fraction(-11, 100)), ("KPI03", 15, None), ("KPI04", 9, Fraction(-13, 100))],
)
def test_china_changes(indicator: str, improved: int, mean_change: Fraction | None) -> None:
    changes = figures.changes(indicator, china(), CHINA_UNTIL)
    falls = [change for change in changes.values() if change is not None and change < 0]
    assert (len(falls), len(changes)) == (improved, 30)
    assert mean_change is None or mean(falls) == mean_change


@pytest.mark.parametrize("indicator", ["KPI02", "KPI03", "KPI04"])
def test_china_changes_vary_and_some_worsen(indicator: str) -> None:
    changes = [change for change in figures.changes(indicator, china(), CHINA_UNTIL).values() if change is not None]
    assert len(set(changes)) >= 10
    assert sum(change > 0 for change in changes) >= 5


def test_the_mean_of_monthly_ratios_would_give_other_figures() -> None:
    starts = figures.first_months(china(), CHINA_UNTIL)
    for enterprise, readings in figures.approved("KPI02", CHINA_UNTIL).items():
        after = figures.windows(readings, starts.get(enterprise, "9999-12"))[1]
        ratios = [Fraction(row["numerator"]) / Fraction(row["denominator"]) for row in after]
        assert len(after) < figures.WINDOW or mean(ratios) != figures.pooled(after)


def test_thirty_report_and_the_same_thirty_everywhere() -> None:
    reporting = [set(figures.changes(code, china(), CHINA_UNTIL)) for code in ("KPI02", "KPI03", "KPI04")]
    reporting.append(set(figures.saved_usd(china(), CHINA_UNTIL)))
    assert len(set().union(*reporting)) == 30


def test_china_savings() -> None:
    saved = figures.saved_usd(china(), CHINA_UNTIL)
    savers = [usd for usd in saved.values() if usd > 0]
    assert (len(savers), len(saved)) == (25, 30)
    assert mean(savers) == 18_670
    assert len(set(savers)) >= 20


def test_all_savings_have_one_recurrence() -> None:
    assert {row["recurrence"] for row in figures.rows("savings")} == {"one_off"}


def test_coop_trained_three() -> None:
    assert len(figures.first_months(partnership("coop"), COOP_UNTIL)) == 3


@pytest.mark.parametrize(("indicator", "change"), [("KPI10", Fraction(-30, 100)), ("KPI11", Fraction(10, 100))])
def test_lianglonog(indicator: str, change: Fraction) -> None:
    assert figures.changes(indicator, partnership("coop"), COOP_UNTIL) == {LIANGLONOG: change}


@pytest.mark.parametrize(
    ("item", "categories", "tally"),
    [
        ("relations", ("manager", "worker"), (34, 37)),
        ("costs", ("manager",), (6, 6)),
        ("environment", ("worker",), (29, 31)),
        ("efficiency", ("worker",), (27, 31)),
    ],
)
def test_interviews(item: str, categories: tuple[str, ...], tally: tuple[int, int]) -> None:
    assert figures.agreement(item, *categories) == tally


@pytest.mark.parametrize("indicator", ["KPI02", "KPI04", "KPI05", "KPI06F"])
def test_coop_improved_in_what_it_noted_without_figures(indicator: str) -> None:
    changes = figures.changes(indicator, partnership("coop"), COOP_UNTIL)
    assert len(changes) == 3
    assert sum(change is not None and change < 0 for change in changes.values()) >= 2


def test_bsci_keeps_within_its_targets() -> None:
    trained = figures.first_months(partnership("bsci"), BSCI_UNTIL)
    workers = {f"ref:{row['external_ref']}": int(row["workforce.total"]) for row in figures.rows("enterprises")}
    assert len(trained) == 10
    assert sum(workers[one] for one in trained) <= 2500


def test_the_three_scopes_share_no_enterprise() -> None:
    scopes = [
        set(figures.first_months(cycles, BSCI_UNTIL)) for cycles in (china(), *map(partnership, ("coop", "bsci")))
    ]
    assert sum(map(len, scopes)) == len(set().union(*scopes)) == 66
