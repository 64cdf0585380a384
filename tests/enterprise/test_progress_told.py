"""What of a partnership's progress leaves the programme: pure rules."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from services.enterprise_svc.progress.reckoning import (
    NOTHING_TOLD,
    Actuals,
    Trained,
    actuals_of,
    actuals_told_outside,
    last_quarters_end,
)


def trained(**changes: Any) -> Trained:
    known: dict[str, Any] = {"staff": 4, "workforce": 100, "reports": True, "enough": 5, "agrees": False}
    return Trained(enterprise_id=uuid4(), **(known | changes))


@pytest.mark.parametrize(
    ("today", "end"),
    [
        (date(2012, 3, 30), date(2011, 12, 31)),
        (date(2012, 3, 31), date(2012, 3, 31)),
        (date(2012, 4, 1), date(2012, 3, 31)),
        (date(2012, 12, 31), date(2012, 12, 31)),
        (date(2012, 1, 1), date(2011, 12, 31)),
        (date(2012, 8, 15), date(2012, 6, 30)),
    ],
)
def test_a_quarter_ends_with_its_last_day(today: date, end: date) -> None:
    assert last_quarters_end(today) == end


def test_staff_are_told_everything() -> None:
    assert actuals_of([trained(), trained(workforce=None, reports=False)]) == Actuals(2, 100, 8, 1)
    assert actuals_of([]) == Actuals(0, 0, 0, 0)


def test_outside_few_are_told_of_only_if_they_agree() -> None:
    few = [trained() for _ in range(4)]
    assert actuals_told_outside(few) == actuals_told_outside([]) == NOTHING_TOLD
    assert actuals_told_outside([*few, trained()]) == Actuals(5, 500, 20, 5)
    assert actuals_told_outside([*few, trained(enough=6)]) == NOTHING_TOLD  # the highest threshold of its countries
    assert actuals_told_outside([trained(agrees=True) for _ in range(3)]) == Actuals(3, 300, 12, 3)
    assert actuals_told_outside([trained(agrees=True), trained()]) == NOTHING_TOLD


def test_who_did_not_report_is_not_told_by_who_did() -> None:
    many = [trained() for _ in range(9)]
    assert actuals_told_outside([*many, trained(reports=False)]).reporting is None
    assert actuals_told_outside([*many, *(trained(reports=False) for _ in range(5))]).reporting == 9
    assert actuals_told_outside([trained(reports=False), *many, trained(reports=False, agrees=True)]).reporting is None
    assert actuals_told_outside([*many, trained(reports=False, agrees=True)]).reporting == 9


def test_the_workforce_of_one_or_two_is_not_told_among_many() -> None:
    small = [trained(workforce=10) for _ in range(5)]
    assert actuals_told_outside([*small, trained(workforce=150)]).workers is None
    assert actuals_told_outside([*small, trained(workforce=149)]).workers == 199
    assert actuals_told_outside([*small, trained(workforce=150), trained(workforce=140)]).workers is None
    assert actuals_told_outside([trained(workforce=None) for _ in range(6)]).workers is None
