"""How good the matching is: precision, recall and F1 over labelled pairs.

`python -m tests.matching` prints them; `registry()` here and `febrl()` in `persons` give them to whoever prints them elsewhere.
"""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from services.enterprise_svc.matching.likeness.blocking import Sought
from services.enterprise_svc.matching.likeness.decision import possible_duplicate
from services.enterprise_svc.matching.likeness.facts import facts_of

PAIRS = Path(__file__).with_name("pairs.csv")


@dataclass(frozen=True)
class Score:
    """Of the pairs called one: how many are. Of those that are one: how many were found."""

    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong)

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed)

    @property
    def f1(self) -> float:
        return 2 * self.right / (2 * self.right + self.wrong + self.missed)

    def __str__(self) -> str:
        return f"precision {self.precision:.3f}  recall {self.recall:.3f}  F1 {self.f1:.3f}"


# --- enterprises -----------------------------------------------------------------------------------------------


@dataclass
class Enterprise:
    """One side of a pair: what `matching.likeness` asks of an enterprise."""

    legal_name: str
    country: str
    local_name: str | None = None
    trade_names: list[str] = field(default_factory=list)
    subdivision: str | None = None
    address: dict[str, Any] | None = None
    location: dict[str, Any] | None = None
    identifiers: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Labelled:
    same: bool
    kind: str
    a: Enterprise
    b: Enterprise

    @property
    def is_called_same(self) -> bool:
        return possible_duplicate(facts_of(self.a), facts_of(self.b)) is not None

    @property
    def share_a_key(self) -> bool:
        """Whether the one would be looked at when the other comes; by an identifier it is found without keys."""
        known = set(self.a.identifiers) & set(self.b.identifiers)
        return bool(known or set(Sought.of(self.a).keys) & set(Sought.of(self.b).keys_around))


def pairs() -> Iterator[Labelled]:
    with PAIRS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield Labelled(row["same"] == "yes", row["kind"], side(row, "a"), side(row, "b"))


def side(row: dict[str, str], letter: str) -> Enterprise:
    latitude, _, longitude = row[f"{letter}_point"].partition(",")
    address = {"city": row[f"{letter}_city"], "street": row[f"{letter}_street"]}
    return Enterprise(
        legal_name=row[f"{letter}_name"],
        country=row.get(f"{letter}_country") or row["country"],
        local_name=row[f"{letter}_local"] or None,
        address={name: value for name, value in address.items() if value} or None,
        location={"latitude": latitude, "longitude": longitude} if longitude else None,
        identifiers=[row[f"{letter}_id"]] if row[f"{letter}_id"] else [],
    )


def registry(labelled: Iterable[Labelled] | None = None) -> Score:
    """As a `POST` would find them: a pair counts as called one when it shares a key, and the decision says so."""
    judged = [(one.same, one.share_a_key and one.is_called_same) for one in labelled or pairs()]
    return Score(judged.count((True, True)), judged.count((False, True)), judged.count((True, False)))
