"""Reference and candidate in turn, and what their figures come to."""

import statistics
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

Sample = Mapping[str, float]
Run = Callable[[], Awaitable[Sample]]
Say = Callable[[str], None]


class WrongAnswer(Exception):
    """What was measured did not do its work: then its time says nothing."""


@dataclass(frozen=True)
class Goal:
    bound: float
    at_least: bool

    def __str__(self) -> str:
        return f"{'>=' if self.at_least else '<='} {self.bound:.3g}"

    def is_met_by(self, figure: float) -> bool:
        return figure >= self.bound if self.at_least else figure <= self.bound


def at_least(bound: float) -> Goal:
    return Goal(bound, at_least=True)


def at_most(bound: float) -> Goal:
    return Goal(bound, at_least=False)


@dataclass(frozen=True)
class Row:
    """One line of the table. `figures`: candidate divided by reference, one of each pair, or what `unit` names."""

    what: str
    peer: str
    goal: Goal | None
    figures: Sequence[float]
    unit: str = ""
    note: str = ""

    @property
    def median(self) -> float:
        return statistics.median(self.figures)


@dataclass(frozen=True)
class Pairs:
    """The samples of reference and candidate, as they took turns."""

    samples: Sequence[tuple[Sample, Sample]]

    def ratios(self, name: str) -> list[float]:
        return [candidate[name] / reference[name] for reference, candidate in self.samples]

    def candidates(self, name: str) -> list[float]:
        return [candidate[name] for _, candidate in self.samples]

    def references(self, name: str) -> list[float]:
        return [reference[name] for reference, _ in self.samples]


async def in_turn(what: str, reference: Run, candidate: Run, pairs: int, say: Say) -> Pairs:
    """Each once to get warm, then `pairs` times one after the other."""
    say(f"{what}: getting warm")
    await reference()
    await candidate()
    samples = []
    for n in range(1, pairs + 1):
        began = time.monotonic()
        samples.append((await reference(), await candidate()))
        say(f"{what}: pair {n} of {pairs} took {time.monotonic() - began:.1f} s")
    return Pairs(samples)


def percentile(figures: Sequence[float], part: float) -> float:
    ordered = sorted(figures)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]
