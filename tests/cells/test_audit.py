"""Published patterns of random programmes, audited by linear programming, which the program itself does not use."""

import numpy
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from services.metrics_svc.suppression.cells import Cell, Kind
from services.metrics_svc.suppression.pattern import decide, opened
from tests.cells.audit import Audit, differences
from tests.cells.worlds import Enterprise, K, added_up, counted, enterprises

# five hundred random programmes for each claim; not shrunk: each example asks for dozens of linear programs
thorough = settings(
    max_examples=500,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
brief = settings(thorough, max_examples=150)


@thorough
@given(enterprises())
def test_no_hidden_count_can_be_told_closer_than_the_threshold(world: list[Enterprise]) -> None:
    figure = counted(world)
    shown = decide(figure)
    assert not Audit(figure, shown).too_narrow()
    assert not list(differences(figure, shown))


@thorough
@given(enterprises(), st.data())
def test_no_hidden_amount_can_be_told_closer_than_what_its_largest_contributes(
    world: list[Enterprise], data: st.DataObject
) -> None:
    sizes = data.draw(st.lists(st.integers(0, 60), min_size=len(world), max_size=len(world)))
    figure = added_up(world, sizes)
    shown = decide(figure)
    assert not Audit(figure, shown).too_narrow()
    assert not list(differences(figure, shown))


@brief
@given(enterprises(), st.data())
def test_what_some_agree_to_uncovers_nobody_else(world: list[Enterprise], data: st.DataObject) -> None:
    agreed = data.draw(st.sets(st.sampled_from(sorted({country for country, _ in world}))))
    consenting = sum(1 << number for number, (country, _) in enumerate(world) if country in agreed)
    without, figure = counted(world), counted(world, consenting)
    base = decide(without)
    shown = opened(figure, without, base)
    assert base <= shown
    assert not Audit(figure, shown).too_narrow()
    assert not list(differences(figure, shown))


@brief
@given(enterprises(), enterprises())
def test_what_was_told_before_late_data_stays_hidden_and_kept(early: list[Enterprise], late: list[Enterprise]) -> None:
    first = counted(early)
    before = decide(first)
    told = {cell: cell in before for cell in first.members}
    figure = counted([*early, *late])
    shown = decide(figure, told)
    assert not {cell for cell, was_shown in told.items() if not was_shown} & shown
    assert not Audit(figure, shown).too_narrow()
    assert not list(differences(figure, shown))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(enterprises())
def test_the_audit_sees_what_the_threshold_alone_would_uncover(world: list[Enterprise]) -> None:
    """The auditor audited: wherever it finds nothing, the values can't be solved for either."""
    figure = counted(world)
    shown = {cell for cell, some in figure.members.items() if some.bit_count() >= K}
    audit = Audit(figure, shown)
    narrow = audit.too_narrow()
    for cell in audit.hidden():
        known = len(audit.sums) and numpy.linalg.matrix_rank(audit.sums) == numpy.linalg.matrix_rank(
            numpy.vstack([audit.sums, audit.of(cell)])
        )
        assert not known or cell in narrow


def test_the_audit_goes_red_when_only_the_threshold_is_held() -> None:
    one, two = (Kind.PHASE, "one"), (Kind.PHASE, "two")
    world: list[Enterprise] = [("C0", [one])] * 9 + [("C0", [two])] * 2 + [("C1", [two])] * 7
    figure = counted(world)
    shown = {cell for cell, some in figure.members.items() if some.bit_count() >= K}
    assert Cell("C0", *two) in Audit(figure, shown).too_narrow()
    assert list(differences(figure, shown))
