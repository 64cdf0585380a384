"""When a consent is live, asked in every form in which it is asked."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from shared.consents import ConsentScope, live_on, scopes_allowing


@dataclass
class Consent:
    since: date = date(2012, 3, 1)
    until: date | None = None
    withdrawn_at: datetime | None = None


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        ("2012-02-29T23:59:59.999999+00:00", False),
        ("2012-03-01T00:00:00+00:00", True),
        ("2012-12-31T23:59:59.999999+00:00", True),
        ("2013-01-01T00:00:00+00:00", False),
        ("2013-01-01T07:59:00+08:00", True),  # in UTC it is still the last day
    ],
)
def test_both_days_belong_to_it(instant: str, expected: bool) -> None:
    assert live_on(Consent(until=date(2012, 12, 31)), at(instant)) is expected


def test_without_a_last_day_it_does_not_end() -> None:
    assert live_on(Consent(), at("2999-01-01T00:00:00+00:00"))


def test_from_the_instant_of_its_withdrawal_it_allows_nothing() -> None:
    withdrawn = at("2012-06-30T08:15:00+00:00")
    consent = Consent(withdrawn_at=withdrawn)
    assert live_on(consent, withdrawn - timedelta(microseconds=1))
    assert not live_on(consent, withdrawn)


def test_an_instant_is_one_wherever_its_clock_hangs() -> None:
    consent = Consent(withdrawn_at=at("2012-06-30T08:15:00+00:00"))
    assert not live_on(consent, datetime(2012, 6, 30, 16, 15, tzinfo=timezone(timedelta(hours=8))))


def test_each_scope_allows_what_those_before_it_do() -> None:
    aggregate, identified, case_study = ConsentScope
    assert scopes_allowing(aggregate) == [aggregate, identified, case_study]
    assert scopes_allowing(identified) == [identified, case_study]
    assert scopes_allowing(case_study) == [case_study]
