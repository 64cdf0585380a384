"""What would be told of few if a figure were told again after something has changed, of the same cell or of one near it.

Two tellings that are subtracted leave what has changed between them. So the changed must be nobody or enough, as in one table;
what an amount has changed by must not be of one or two. That holds on one day, when a report comes late, and between two days.
"""

from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from uuid import UUID

from services.metrics_svc.publication.contributions import Contributions, in_gained, in_lost, in_mean, said_no_before
from services.metrics_svc.results.calculation.outcomes import Outcome
from services.metrics_svc.suppression.figures import is_shared

AMOUNTS: Mapping[str, Callable[[Outcome], Fraction | None]] = {
    "#mean": in_mean,
    "#gained": in_gained,
    "#lost": in_lost,
}
GAIN = "#gain"
OF_NOBODY: Mapping[UUID, Outcome] = {}


@dataclass(frozen=True)
class Change:
    """Of one part of a row, from one telling to another."""

    before: Mapping[UUID, Outcome]
    now: Mapping[UUID, Outcome]

    @cached_property
    def moved(self) -> set[UUID]:
        """Who is in both and contributes something else."""
        both = self.before.keys() & self.now.keys()
        # equal ones are the same object (`one_and_the_same`), which is seen faster
        return {id for id in both if self.before[id] is not self.now[id] and self.before[id] != self.now[id]}

    @cached_property
    def changed(self) -> set[UUID]:
        return (self.before.keys() ^ self.now.keys()) | self.moved

    @cached_property
    def is_net(self) -> bool:
        """Each holds whom the other does not, and nobody moved: of two cells the difference is one of strangers."""
        return (
            not self.moved and bool(self.before.keys() - self.now.keys()) and bool(self.now.keys() - self.before.keys())
        )

    def by(self, added: Callable[[Outcome], Fraction | None]) -> dict[UUID, Fraction]:
        """How much each adds more or less than before."""
        found = {id: self._of(self.now, id, added) - self._of(self.before, id, added) for id in self.changed}
        return {id: abs(size) for id, size in found.items() if size}

    @staticmethod
    def _of(told: Mapping[UUID, Outcome], id: UUID, added: Callable[[Outcome], Fraction | None]) -> Fraction:
        return (added(told[id]) if id in told else None) or Fraction()

    def without(self) -> set[UUID]:
        """Whoever said no before, where that or what it says now has changed."""
        told = (self.before, self.now)
        return {id for id in self.changed if any(id in of and said_no_before(of[id]) for of in told)}


@dataclass(frozen=True)
class Rule:
    """`enough`: how many there must be. `agreed`: who lets itself be counted wherever it is."""

    enough: int
    agreed: Set[UUID] = frozenset()

    def allows(self, changed: Set[UUID]) -> bool:
        return not changed - self.agreed or len(changed) >= self.enough

    def allows_amounts(self, sizes: Mapping[UUID, Fraction]) -> bool:
        return not sizes.keys() - self.agreed or is_shared([float(size) for size in sizes.values()])


def isolating(
    before: Contributions, now: Contributions, said: Set[str], rule: Rule, *, are_apart: bool = False
) -> set[str]:
    """The figures of the row that must not be told: by part and what is told of it, as `/annual#mean`. `said`: those that were
    told before; what was not, is not compared. `are_apart`: of two cells, none of which is a part of the other."""
    found: set[str] = set()
    over_all = Change(before.get("", OF_NOBODY), now.get("", OF_NOBODY))
    for part in before.keys() | now.keys():
        change = Change(before.get(part, OF_NOBODY), now.get(part, OF_NOBODY))
        name = f"/{part}" if part else ""
        if change.changed and not (are_apart and change.is_net):
            found |= {name + of for of in isolated_by(change, rule, said, name) if name + of in said}
        if part and name in said and not rule.allows(over_all.changed - change.changed):
            found.add(name)  # the rest of all savings is the other recurrence
    return found


def isolated_by(change: Change, rule: Rule, said: Set[str], name: str) -> Iterator[str]:
    if not rule.allows(change.changed):
        yield ""
    without = change.without()
    if not (rule.allows(without) and rule.allows(change.changed - without)):
        yield GAIN
    for figure, added in AMOUNTS.items():
        if name + figure in said and not rule.allows_amounts(change.by(added)):
            yield figure
