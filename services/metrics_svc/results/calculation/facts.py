"""What a table is computed from: approved records only, of whatever enterprises."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal
from uuid import UUID

Direction = Literal["lower", "higher", "none"]
Point = Literal["baseline", "monthly", "final"]
Recurrence = Literal["one_off", "annual"]
RECURRENCES: tuple[Recurrence, ...] = ("one_off", "annual")
USD = "USD"
SAVINGS = "KPI01"  # reported as savings, not as observations


@dataclass(frozen=True)
class Indicator:
    code: str
    name: str
    unit: str
    direction: str
    aggregation: str


@dataclass(frozen=True, slots=True)
class Reading:
    """One observation. `period` is a month, `2012-03`; without a denominator the numerator is the ratio itself."""

    enterprise_id: UUID
    indicator: str
    period: str
    point: str
    numerator: Decimal
    denominator: Decimal | None
    unit: str
    production_unit: str | None


@dataclass(frozen=True, slots=True)
class Saving:
    """An amount of 0 means: asked, none."""

    enterprise_id: UUID
    month: str
    amount: Decimal
    currency: str
    recurrence: str


@dataclass(frozen=True)
class Evidence:
    """`first_days`: the population, each with the first day it attended in scope. `rates`: (currency, month) to units per USD."""

    first_days: Mapping[UUID, date]
    readings: Sequence[Reading]
    savings: Sequence[Saving]
    rates: Mapping[tuple[str, str], Decimal]


@dataclass(frozen=True)
class Options:
    """Over what a share is taken, and over whom a mean."""

    denominator: Literal["reporters", "trained"] = "reporters"
    mean_over: Literal["improvers", "reporters"] = "improvers"
