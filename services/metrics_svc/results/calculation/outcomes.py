"""What one reporter contributes to a row, by the kind of its indicator. None: it is no reporter."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from services.metrics_svc.results.calculation.facts import Indicator, Reading
from services.metrics_svc.results.calculation.windows import (
    at,
    base_window,
    follow_up_window,
    months_after,
    value_of,
)
from services.metrics_svc.units import factor


@dataclass(frozen=True)
class Outcome:
    """`size` is what may enter a mean: a relative change, or an amount in USD; None never enters one."""

    improved: bool
    size: Fraction | None = None


@dataclass(frozen=True)
class Movement(Outcome):
    """What came and what went, apart; `lost` is 0 or less."""

    gained: Fraction = Fraction()
    lost: Fraction = Fraction()


@dataclass(frozen=True)
class Practice(Outcome):
    """`improved`: yes after. `before`: the answer before, None if not asked."""

    before: bool | None = None


def change(indicator: Indicator, readings: Sequence[Reading], first_month: str) -> Outcome | None:
    """The relative change from before to after, of one enterprise."""
    before = value_of(base_window(readings, first_month))
    after = value_of(follow_up_window(readings, first_month))
    if before is None or after is None or not before.comparable(after):
        return None
    difference = after.figure - before.figure
    # from nothing there is no relative change
    return Outcome(better(difference, indicator), difference / before.figure if before.figure else None)


def movement(indicator: Indicator, readings: Sequence[Reading], first_month: str) -> Movement | None:
    """Each reading is itself a change, so all of them count: the final ones or, without, every month after the first."""
    told = at("final", readings) or months_after(readings, first_month)
    if not told:
        return None
    figures = [Fraction(one.numerator) * factor(one.unit) / factor(indicator.unit) for one in told]
    gained = sum((figure for figure in figures if figure > 0), Fraction())
    lost = sum((figure for figure in figures if figure < 0), Fraction())
    return Movement(better(gained + lost, indicator), gained=gained, lost=lost)


def practice(indicator: Indicator, readings: Sequence[Reading], first_month: str) -> Practice | None:
    """Whether something is done, as last said in each window; a reporter is whoever was asked after."""
    after = last_answer(follow_up_window(readings, first_month))
    if after is None:
        return None
    return Practice(after, before=last_answer(base_window(readings, first_month)))


def better(difference: Fraction, indicator: Indicator) -> bool:
    """Nothing is better where no direction is."""
    return difference < 0 if indicator.direction == "lower" else difference > 0 and indicator.direction == "higher"


def last_answer(window: Sequence[Reading]) -> bool | None:
    return window[-1].numerator > 0 if window else None
