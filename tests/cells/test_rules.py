"""The rules themselves, against what they say word by word."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from itertools import combinations
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.metrics_svc.publication.errors import ScopeNotOffered
from services.metrics_svc.publication.offered import offered_cell
from services.metrics_svc.results.calculation.facts import Indicator, Options
from services.metrics_svc.results.schemas import PracticeRowOut, ResultsQuery, SumRowOut, row_out
from services.metrics_svc.suppression.cells import Cell, Kind, bits_of
from services.metrics_svc.suppression.figures import is_shared
from services.metrics_svc.suppression.pattern import decide, opened
from services.metrics_svc.suppression.respondents import may_be_told
from services.metrics_svc.suppression.told import NO_ROW, RowTold
from shared.auth import Principal
from tests.cells.worlds import Enterprise, K, added_up, counted, enterprises
from tests.results.plain import DEFECTS, FIVE_S, JOBS, both, evidence, row

PHASE = (Kind.PHASE, "one")
NO_AMOUNTS = RowTold(amounts=False)
TODAY, QUARTER = date(2013, 1, 15), date(2012, 12, 31)
sizes_of = st.lists(st.one_of(st.integers(1, 100), st.sampled_from([1000, 3000, 8500])), max_size=8)


# --- counts ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("count", "is_shown"), [(0, False), (1, False), (K - 1, False), (K, True), (K + 1, True)])
def test_the_threshold_itself_is_enough(count: int, is_shown: bool) -> None:
    world: list[Enterprise] = [("C0", [])] * count
    assert (Cell("C0") in decide(counted(world))) is is_shown


@pytest.mark.parametrize(("rest", "is_shown"), [(0, True), (1, False), (K - 1, False), (K, True)])
def test_the_rest_of_what_contains_it_is_nobody_or_enough(rest: int, is_shown: bool) -> None:
    world: list[Enterprise] = [("C0", [PHASE])] * 9 + [("C0", [])] * rest
    shown = decide(counted(world))
    assert Cell("C0") in shown
    assert (Cell("C0", *PHASE) in shown) is is_shown


@settings(max_examples=300, deadline=None, derandomize=True)
@given(enterprises())
def test_nothing_is_shown_against_the_words_of_the_rule(world: list[Enterprise]) -> None:
    figure = counted(world)
    for cell in decide(figure):
        some = figure.members[cell]
        assert some.bit_count() >= K
        for container in cell.containers:
            assert (figure.members[container] & ~some).bit_count() not in range(1, K)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(enterprises())
def test_the_order_in_which_facts_come_changes_nothing(world: list[Enterprise]) -> None:
    figure = counted(world)
    backwards = replace(figure, members=dict(reversed(figure.members.items())))
    assert decide(figure) == decide(backwards)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(enterprises())
def test_the_word_given_gives_the_same_pattern_again(world: list[Enterprise]) -> None:
    figure = counted(world)
    shown = decide(figure)
    assert decide(figure, {cell: cell in shown for cell in figure.members}) == shown


def test_what_was_hidden_stays_hidden_when_it_has_grown() -> None:
    grown: list[Enterprise] = [("C0", [PHASE])] * 7 + [("C0", [])] * 7
    assert Cell(kind=Kind.PHASE, key="one") not in decide(counted(grown), {Cell("C0", *PHASE): False})
    assert Cell(kind=Kind.PHASE, key="one") in decide(counted(grown))


def test_what_was_shown_is_hidden_when_it_has_shrunk() -> None:
    shrunk: list[Enterprise] = [("C0", [])] * 4
    assert not decide(counted(shrunk), {Cell("C0"): True})


# --- consents --------------------------------------------------------------------------------------------------


def test_a_cell_whose_contributors_all_agree_is_shown() -> None:
    world: list[Enterprise] = [("C0", [PHASE])] * 3
    without, all_agree, two_agree = counted(world), counted(world, 0b111), counted(world, 0b011)
    assert opened(all_agree, without, decide(without)) == set(without.members)
    assert not opened(two_agree, without, decide(without))


def test_a_cell_is_shown_when_the_rest_that_it_would_uncover_agrees() -> None:
    world: list[Enterprise] = [("C0", [PHASE])] * 9 + [("C0", [])] * 3
    without, rest_agrees = counted(world), counted(world, 0b111 << 9)
    assert Cell("C0", *PHASE) not in decide(without)
    assert Cell("C0", *PHASE) in opened(rest_agrees, without, decide(without))


def test_consents_do_not_open_what_is_hidden_for_the_word_given() -> None:
    world: list[Enterprise] = [("C0", [])] * 9 + [("C1", [])] * 9
    without, some_agree = counted(world), counted(world, 0b1)
    base = decide(without, {Cell("C0"): False})
    assert opened(some_agree, without, base) == {Cell("C1")}


# --- amounts ---------------------------------------------------------------------------------------------------


def is_dominated(sizes: Sequence[int]) -> bool:
    """Every pair tried."""
    total = sum(sizes)
    alone = any(Fraction(one, total) >= Fraction(75, 100) for one in sizes)
    together = any(Fraction(one + other, total) >= Fraction(85, 100) for one, other in combinations(sizes, 2))
    return len(sizes) < 3 or alone or together


@settings(max_examples=1000, deadline=None, derandomize=True)
@given(sizes_of)
def test_dominance_is_what_trying_every_pair_finds(sizes: list[int]) -> None:
    assert is_shared([float(size) for size in sizes]) is not is_dominated(sizes)


@pytest.mark.parametrize(
    ("sizes", "is_enough"),
    [
        ([1, 1], False),
        ([1, 1, 1], True),
        ([75, 13, 12], False),
        ([74, 10, 16], False),
        ([50, 35, 15], False),
        ([50, 34, 16], True),
    ],
)
def test_three_contribute_none_with_75_and_no_two_with_85_per_cent(sizes: list[float], is_enough: bool) -> None:
    assert is_shared(sizes) is is_enough


@settings(max_examples=500, deadline=None, derandomize=True)
@given(enterprises(), st.data())
def test_no_amount_shown_and_no_difference_of_two_is_dominated(world: list[Enterprise], data: st.DataObject) -> None:
    sizes = data.draw(st.lists(st.sampled_from([0, 1, 10, 50, 900]), min_size=len(world), max_size=len(world)))
    figure = added_up(world, sizes)
    shown = decide(figure)

    def dominated(some: int) -> bool:
        return bool(some) and is_dominated([sizes[number] for number in bits_of(some)])

    sets = [figure.members[cell] for cell in shown]
    assert not [some for some in sets if dominated(some)]
    assert not [one for one in sets for other in sets if other & ~one == 0 and dominated(one & ~other)]


# --- respondents -----------------------------------------------------------------------------------------------


@given(st.integers(0, 12), st.integers(0, 12))
def test_no_category_of_respondents_can_be_had_by_subtraction(managers: int, workers: int) -> None:
    total = managers + workers
    shown = {count for count, of in ((managers, total), (workers, total), (total, total)) if may_be_told(count, of, K)}
    assert not [one for one in shown if one < K]
    if total in shown:
        assert not [one for one in shown if total - one in range(1, K)]


# --- what is offered -------------------------------------------------------------------------------------------

ORGANISATION = uuid4()
BUYER = Principal("b", "b", "buyer", frozenset(), organisation_id=ORGANISATION)
DONOR = Principal("d", "d", "donor", frozenset(), organisation_id=ORGANISATION)


def asked(principal: Principal = DONOR, as_of: date = QUARTER, **parameters: object) -> Cell:
    return offered_cell(ResultsQuery.model_validate(parameters), principal, as_of, TODAY)


def test_a_country_one_other_scope_or_both_are_offered() -> None:
    phase_id = str(uuid4())
    assert asked(country="CN") == Cell("CN")
    assert asked(phase_id=phase_id) == Cell(kind=Kind.PHASE, key=phase_id)
    assert asked(country="CN", partnership_id=phase_id) == Cell("CN", Kind.PARTNERSHIP, phase_id)
    assert asked(country="CN", isic="14", denominator="trained") == Cell("CN", Kind.DIVISION, "14")
    assert asked(BUYER, buyer_id=str(ORGANISATION)) == Cell(kind=Kind.BUYER, key=str(ORGANISATION))


@pytest.mark.parametrize("day", ["2012-03-31", "2012-06-30", "2012-09-30", "2012-12-31"])
def test_quarters_that_are_over_are_offered(day: str) -> None:
    assert asked(as_of=date.fromisoformat(day), country="CN") == Cell("CN")


@pytest.mark.parametrize("day", ["2012-12-30", "2012-02-29", "2012-01-31", "2013-03-31", "2013-01-15"])
def test_other_days_are_not(day: str) -> None:
    with pytest.raises(ScopeNotOffered) as refused:
        asked(as_of=date.fromisoformat(day), country="CN")
    assert [place.parameter for place in refused.value.errors] == ["as_of"]


@pytest.mark.parametrize(
    ("principal", "parameters"),
    [
        (DONOR, {}),
        (DONOR, {"phase_id": str(uuid4()), "partnership_id": str(uuid4())}),
        (DONOR, {"phase_id": str(uuid4()), "isic": "14", "country": "CN"}),
        (DONOR, {"buyer_id": str(ORGANISATION)}),
        (BUYER, {"buyer_id": str(uuid4())}),
        (DONOR, {"isic": "1"}),
        (DONOR, {"isic": "1410"}),
        (DONOR, {"country": "CN", "module": "M1"}),
        (DONOR, {"country": "CN", "enterprise_id": str(uuid4())}),
        (DONOR, {"country": "CN", "mean_over": "reporters"}),
    ],
)
def test_other_scopes_are_not(principal: Principal, parameters: dict[str, str]) -> None:
    with pytest.raises(ScopeNotOffered):
        asked(principal, **parameters)


# --- how it is written -----------------------------------------------------------------------------------------


def test_where_the_trained_are_not_told_nothing_tells_of_them() -> None:
    figures = row(evidence(8, both(1, 50, 40)))
    over_trained = row_out(figures, RowTold(trained=False), Options(denominator="trained"))
    assert (over_trained.trained, over_trained.coverage, over_trained.share) == (None, None, None)
    assert (over_trained.exact.share, over_trained.exact.coverage) == (None, None)
    over_reporters = row_out(figures, RowTold(trained=False), Options())
    assert (over_reporters.reporters, over_reporters.share, over_reporters.suppressed) == (1, 100, False)


def test_sums_and_gains_that_are_not_told_are_null() -> None:
    moved = both(1, 1, 2, indicator="JOB01P", unit="persons")
    sums = row_out(row(evidence(1, moved), JOBS), NO_AMOUNTS, Options())
    assert isinstance(sums, SumRowOut)
    assert (sums.sum, sums.reporters) == (None, 1)
    gain = row_out(row(evidence(1, both(1, 0, 1, indicator="PRA02")), FIVE_S), RowTold(gain=False), Options())
    assert isinstance(gain, PracticeRowOut)
    assert (gain.gain, gain.exact.gain, gain.share) == (None, None, 100)


@pytest.mark.parametrize("indicator", [DEFECTS, JOBS, FIVE_S])
def test_a_suppressed_row_has_no_figure(indicator: Indicator) -> None:
    said = row_out(row(evidence(), indicator), NO_ROW, Options()).model_dump()
    named = {"indicator": indicator.code, "name": indicator.name, "unit": indicator.unit, "suppressed": True}
    assert {name: value for name, value in said.items() if value is not None and name != "exact"} == named
    assert not any(said["exact"].values())
