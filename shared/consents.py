"""When a consent is live and what it allows: one rule for every service that reads by it.

live_on(consent, instant)                  # one row at hand
select(...).where(*live(ConsentView, at))  # the same, asked of the database
"""

from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Date, cast, func, or_


class ConsentScope(StrEnum):
    """Each allows what those before it allow, and more."""

    AGGREGATE = "aggregate"  # may count in cells below the threshold
    IDENTIFIED_KPI = "identified_kpi"  # and name and figures to the grantee
    CASE_STUDY = "case_study"  # and publication by name


class Grant(Protocol):
    """A consent as the registry keeps it, or a copy."""

    since: date
    until: date | None
    withdrawn_at: datetime | None


def live_on(consent: Grant, instant: datetime) -> bool:
    """From the beginning of its first day to the end of its last (days of UTC), and not from its withdrawal on."""
    day = instant.astimezone(UTC).date()
    begun, over = consent.since <= day, consent.until is not None and consent.until < day
    return begun and not over and (consent.withdrawn_at is None or instant < consent.withdrawn_at)


def live(model: Any, instant: datetime) -> list[ColumnElement[bool]]:
    """`live_on` as conditions on a table with the columns of a `Grant`."""
    day = instant.astimezone(UTC).date()
    return [
        model.since <= day,
        or_(model.until.is_(None), model.until >= day),
        or_(model.withdrawn_at.is_(None), model.withdrawn_at > instant),
    ]


def live_now(model: Any) -> list[ColumnElement[bool]]:
    """`live` at the moment of the statement, by the database's clock: what is withdrawn is so, whatever any clock says."""
    today = cast(func.timezone("UTC", func.now()), Date)
    return [model.since <= today, or_(model.until.is_(None), model.until >= today), model.withdrawn_at.is_(None)]


def shown_to(model: Any, organisation_id: Any) -> ColumnElement[bool]:
    """Whether it lets `organisation_id` see name and figures: it was given that, or everybody may be told."""
    given = (model.grantee_id == organisation_id) & model.scope.in_(scopes_allowing(ConsentScope.IDENTIFIED_KPI))
    return or_(given, model.grantee_id.is_(None) & (model.scope == ConsentScope.CASE_STUDY))


def scopes_allowing(scope: ConsentScope) -> list[ConsentScope]:
    """Those that allow at least what `scope` does."""
    scopes = list(ConsentScope)
    return scopes[scopes.index(scope) :]
