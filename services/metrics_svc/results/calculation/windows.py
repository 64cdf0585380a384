"""What an enterprise said of an indicator before training and after it, and the one value of each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, Inexact
from fractions import Fraction
from functools import reduce

from services.metrics_svc.results.calculation.facts import Reading
from services.metrics_svc.results.calculation.months import shifted
from services.metrics_svc.units import factor, family

MONTHS = 3
EXACT = Context(prec=200, traps=[Inexact])  # it would raise before it rounds


@dataclass(frozen=True)
class Value:
    """`kind`: what can be compared: a family of units that convert into one another, a currency, or the unit."""

    figure: Fraction
    production_unit: str
    kind: str

    def comparable(self, other: "Value") -> bool:
        return (self.production_unit, self.kind) == (other.production_unit, other.kind)


def base_window(readings: Sequence[Reading], first_month: str) -> list[Reading]:
    """All baselines; if there are none, the monthly ones of the three calendar months before the first day's."""
    earliest = shifted(first_month, -MONTHS)
    return at("baseline", readings) or [one for one in monthly(readings) if earliest <= one.period < first_month]


def follow_up_window(readings: Sequence[Reading], first_month: str) -> list[Reading]:
    """All final ones; if there are none, the latest three monthly ones after the first day's month."""
    return at("final", readings) or months_after(readings, first_month)[-MONTHS:]


def months_after(readings: Sequence[Reading], first_month: str) -> list[Reading]:
    return [one for one in monthly(readings) if one.period > first_month]


def monthly(readings: Sequence[Reading]) -> list[Reading]:
    return at("monthly", readings)


def at(point: str, readings: Sequence[Reading]) -> list[Reading]:
    """In order of time."""
    return sorted((one for one in readings if one.point == point), key=lambda one: one.period)


def value_of(window: Sequence[Reading]) -> Value | None:
    """None where the readings don't belong together: of several production units, with and without denominator, in units
    that do not convert into one another."""
    kinds = {(production_unit_of(one), one.denominator is None, family(one.unit)) for one in window}
    if len(kinds) != 1:
        return None
    [(production_unit, _, kind)] = kinds
    return Value(pooled(window), production_unit, kind)


def pooled(window: Sequence[Reading]) -> Fraction:
    """The sum of the numerators over the sum of the denominators, never a mean of ratios; without any, the mean numerator."""
    units = {one.unit for one in window}
    above = sum(total(one.numerator for one in window if one.unit == unit) * factor(unit) for unit in units)
    below = total(Decimal(1) if one.denominator is None else one.denominator for one in window)
    return above / below


def total(figures: Iterable[Decimal]) -> Fraction:
    """Decimals are added as such: many times faster than fractions, and exact within this context."""
    return Fraction(reduce(EXACT.add, figures, Decimal(0)))


def production_unit_of(reading: Reading) -> str:
    """Compared without case and outer spaces; left out equals left out."""
    return (reading.production_unit or "").strip().casefold()
