"""What each enterprise contributes to a row: kept, so that two tellings of it can be compared and the earlier one repeated."""

import json
from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from hashlib import sha256
from typing import Any
from uuid import UUID
from weakref import WeakValueDictionary

from services.metrics_svc.results.calculation.outcomes import Movement, Outcome, Practice

# by part of the row: "" is the row over all, besides it savings have one of each recurrence
Contributions = Mapping[str, Mapping[UUID, Outcome]]
MEMBER = Outcome(improved=False)  # who is counted and says nothing
_known: WeakValueDictionary[Outcome, Outcome] = WeakValueDictionary()


def one_and_the_same(outcome: Outcome) -> Outcome:
    """For equal outcomes the same object: they are compared by the million, and kept for as long as a table."""
    return _known.setdefault(outcome, outcome)


def in_mean(one: Outcome) -> Fraction | None:
    return one.size if one.improved else None


def in_gained(one: Outcome) -> Fraction | None:
    return one.gained if isinstance(one, Movement) else None


def in_lost(one: Outcome) -> Fraction | None:
    return one.lost if isinstance(one, Movement) else None


def said_no_before(one: Outcome) -> bool:
    return isinstance(one, Practice) and one.before is False


# --- as they are stored ----------------------------------------------------------------------------------------


def written(contributions: Contributions) -> dict[str, dict[str, list[Any]]]:
    """Exact: fractions as text. In one order, so that the same contributions have the same digest."""
    return {part: {str(id): list_of(of[id]) for id in sorted(of)} for part, of in sorted(contributions.items())}


def list_of(one: Outcome) -> list[Any]:
    said = [one.improved, None if one.size is None else str(one.size)]
    if isinstance(one, Movement):
        return [*said, str(one.gained), str(one.lost)]
    return [*said, one.before] if isinstance(one, Practice) else said


def read(document: Mapping[str, Mapping[str, list[Any]]]) -> Contributions:
    return {
        part: {id_of(id): one_and_the_same(outcome_of(*said)) for id, said in of.items()}
        for part, of in document.items()
    }


@lru_cache(100_000)
def id_of(text: str) -> UUID:
    return UUID(text)


def outcome_of(improved: bool, size: str | None, *more: Any) -> Outcome:
    exact = None if size is None else Fraction(size)
    match more:
        case [gained, lost]:
            return Movement(improved, exact, Fraction(gained), Fraction(lost))
        case [before]:
            return Practice(improved, exact, before)
    return Outcome(improved, exact)


def digest_of(document: Mapping[str, Any]) -> bytes:
    return sha256(json.dumps(document).encode()).digest()
