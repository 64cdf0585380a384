"""The algebra of units: which are converted into one another, and which an indicator's numerator may have. Exact, pure.

Only the numerator carries a unit; the denominator's is the indicator's own (units made, hours, workers, orders, ...).
"""

from fractions import Fraction
from typing import Final

from shared.types import CURRENCIES

YES_NO: Final = "yes_no"
CURRENCY: Final = "currency"

# family -> unit -> how many of the first unit it is
CONVERTIBLE: Final[dict[str, dict[str, Fraction]]] = {
    "mass": {"kg": Fraction(1), "g": Fraction(1, 1000), "t": Fraction(1000)},
    "energy": {
        "kWh": Fraction(1),
        "Wh": Fraction(1, 1000),
        "MWh": Fraction(1000),
        "MJ": Fraction(5, 18),
        "GJ": Fraction(2500, 9),
    },
    "volume": {"m3": Fraction(1), "l": Fraction(1, 1000)},
    "time": {"hours": Fraction(1), "minutes": Fraction(1, 60)},
}
FAMILIES: Final = {unit: name for name, units in CONVERTIBLE.items() for unit in units}

# indicator -> the families its numerator may be of; a word that is no family is a unit that stands for itself
TAKEN: Final[dict[str, tuple[str, ...]]] = {
    "KPI02": ("units",),
    "KPI03": ("mass",),
    "KPI04": ("energy",),
    "KPI05": ("mass",),
    "KPI06F": ("cases",),
    "KPI06I": ("cases",),
    "KPI07": ("days",),
    "KPI08": ("persons",),
    "KPI09": ("units", CURRENCY),
    "KPI10": (CURRENCY,),
    "KPI11": ("units",),
    "KPI12": ("orders",),
    "KPI13": ("volume",),
    "KPI14": ("cases",),
    "KPI15M": ("cases",),
    "KPI15I": ("cases",),
    "KPI16R": ("cases",),
    "KPI16T": ("cases",),
    "KPI17": (CURRENCY,),
    "KPI18": ("time",),
    "JOB01P": ("persons",),
    "JOB01C": ("persons",),
    **{f"PRA{number:02}": (YES_NO,) for number in range(1, 8)},
}


class UnknownUnit(ValueError):
    """The indicator takes other units; the message names them."""


def family(unit: str) -> str:
    """What converts into one another has one family: "mass", "energy", "volume", "time", "currency:CNY"; else the unit."""
    return f"{CURRENCY}:{unit}" if unit in CURRENCIES else FAMILIES.get(unit, unit)


def factor(unit: str) -> Fraction:
    """How many of its family's base unit (kg, kWh, m3, hours) one `unit` is; 1 for what is not converted."""
    return CONVERTIBLE.get(family(unit), {}).get(unit, Fraction(1))


def check_unit(indicator_code: str, unit: str, declared: str | None = None) -> None:
    """Raises `UnknownUnit` unless the indicator's numerator may be in `unit`.

    `declared` is the unit an indicator outside the catalogue was defined with: it takes that and what converts into it.
    """
    taken = TAKEN.get(indicator_code) or families_of(declared or "")
    if kind_of(unit) not in taken:
        raise UnknownUnit(f"{indicator_code} takes: {', '.join(units_of(taken))}.")


def families_of(declared: str) -> tuple[str, ...]:
    return (declared,) if declared == CURRENCY else (kind_of(declared),)


def kind_of(unit: str) -> str:
    """The family of `unit`, with all currencies as one kind."""
    return CURRENCY if unit in CURRENCIES else FAMILIES.get(unit, unit)


def units_of(families: tuple[str, ...]) -> list[str]:
    """The units of `families` in words, for people."""
    words = [list(CONVERTIBLE.get(name, {CURRENCY_WORDS.get(name, name): None})) for name in families]
    return [word for group in words for word in group]


CURRENCY_WORDS: Final = {CURRENCY: "an ISO 4217 currency"}
