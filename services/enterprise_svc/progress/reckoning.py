"""How far a partnership has come: counted from plain facts, and what of it may be told to whoever is no staff."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from heapq import nlargest
from uuid import UUID

QUARTER = 3
CONTRIBUTORS = 3
ONE, TWO = Decimal("0.75"), Decimal("0.85")


@dataclass(frozen=True)
class Trained:
    """One enterprise that attended. `workforce` None: not known. `enough`: the small cell threshold of its country. `agrees`: it
    lets whoever asks count it wherever it is."""

    enterprise_id: UUID
    staff: int
    workforce: int | None
    reports: bool
    enough: int
    agrees: bool


@dataclass(frozen=True)
class Actuals:
    """What has been reached; None where it may not be told."""

    enterprises: int | None
    workers: int | None
    staff_trained: int | None
    reporting: int | None


NOTHING_TOLD = Actuals(None, None, None, None)


@dataclass(frozen=True)
class CostShare:
    """Somebody's part of one enterprise's fee."""

    payer_id: UUID
    enterprise_id: UUID
    amount: Decimal


@dataclass(frozen=True)
class Spending:
    committed: Decimal
    spent: Decimal


def last_quarters_end(today: date) -> date:
    """The last day of a quarter on or before `today`."""
    tomorrow = today + timedelta(days=1)
    first_month = (tomorrow.month - 1) // QUARTER * QUARTER + 1
    return tomorrow.replace(month=first_month, day=1) - timedelta(days=1)


def actuals_of(trained: Sequence[Trained]) -> Actuals:
    """All of it, for the programme's staff."""
    return Actuals(
        enterprises=len(trained),
        workers=sum(one.workforce or 0 for one in trained),
        staff_trained=sum(one.staff for one in trained),
        reporting=sum(one.reports for one in trained),
    )


def actuals_told_outside(trained: Sequence[Trained]) -> Actuals:
    """Counts of enough enterprises or of such as agree; the workforce only where no one or two of them make nearly all of it."""
    if not are_enough(trained, trained):
        return NOTHING_TOLD
    whole = actuals_of(trained)
    reporting = [one for one in trained if one.reports]
    silent = [one for one in trained if not one.reports]
    tells_reporting = are_enough(reporting, trained) and (not silent or are_enough(silent, trained))
    return Actuals(
        enterprises=whole.enterprises,
        workers=whole.workers if is_shared(trained) else None,
        staff_trained=whole.staff_trained,
        reporting=whole.reporting if tells_reporting else None,
    )


def are_enough(some: Sequence[Trained], of: Iterable[Trained]) -> bool:
    """By the highest threshold of the countries they are in. Nobody is not enough."""
    return bool(some) and (all(one.agrees for one in some) or len(some) >= max(one.enough for one in of))


def is_shared(trained: Sequence[Trained]) -> bool:
    """At least three contribute, none 75 % or more, no two 85 % or more; or all agree."""
    if all(one.agrees for one in trained):
        return True
    sizes = [one.workforce for one in trained if one.workforce]
    total = sum(sizes)
    two = nlargest(2, sizes)
    return len(sizes) >= CONTRIBUTORS and two[0] < ONE * total and sum(two) < TWO * total


def spending_of(shares: Iterable[CostShare], trained: set[UUID]) -> Spending:
    """Committed is what was agreed; spent, of that, what is owed for training that has been given."""
    known = list(shares)
    return Spending(
        committed=sum((one.amount for one in known), Decimal(0)),
        spent=sum((one.amount for one in known if one.enterprise_id in trained), Decimal(0)),
    )
