"""Plain records for the pure arithmetic: valid by default, a test overrides only what it is about."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.metrics_svc.results.calculation.facts import Evidence, Indicator, Options, Reading, Saving
from services.metrics_svc.results.calculation.table import Row, Table

DEFECTS = Indicator("KPI02", "Defect rate", "units", "lower", "share_and_mean")
ENERGY = Indicator("KPI04", "Energy intensity", "kWh", "lower", "share_and_mean")
PRODUCTIVITY = Indicator("KPI09", "Labour productivity", "units", "higher", "share_and_mean")
SAVINGS = Indicator("KPI01", "Cost savings", "USD", "higher", "share_and_mean")
JOBS = Indicator("JOB01P", "Jobs, permanent", "persons", "higher", "sum")
CASUAL = Indicator("JOB01C", "Jobs, casual", "persons", "higher", "sum")
FIVE_S = Indicator("PRA02", "5S applied", "yes_no", "higher", "yes_share")
GRIEVANCES = Indicator("KPI16R", "Grievances received", "cases", "none", "rate")

FIRST_DAY, AS_OF = date(2012, 3, 5), date(2012, 12, 31)


def enterprise(number: int) -> UUID:
    return UUID(int=number)


def reading(number: int = 1, **changes: Any) -> Reading:
    told = {
        "enterprise_id": enterprise(number),
        "indicator": "KPI02",
        "period": "2012-02",
        "point": "baseline",
        "numerator": 50,
        "denominator": 1000,
        "unit": "units",
        "production_unit": None,
    } | changes
    below = told["denominator"]
    exact = {
        "numerator": Decimal(str(told["numerator"])),
        "denominator": None if below is None else Decimal(str(below)),
    }
    return Reading(**(told | exact))


def both(number: int, before: Any, after: Any, **changes: Any) -> list[Reading]:
    """A baseline and a final one, per 1000 unless told otherwise."""
    return [
        reading(number, numerator=before, **changes),
        reading(number, numerator=after, point="final", period="2012-09", **changes),
    ]


def saving(number: int = 1, **changes: Any) -> Saving:
    told = {
        "enterprise_id": enterprise(number),
        "month": "2012-05",
        "amount": 100,
        "currency": "USD",
        "recurrence": "one_off",
    } | changes
    return Saving(**(told | {"amount": Decimal(str(told["amount"]))}))


def evidence(
    trained: int = 1,
    readings: Iterable[Reading] = (),
    savings: Iterable[Saving] = (),
    rates: Mapping[tuple[str, str], str] | None = None,
) -> Evidence:
    """Enterprises 1 to `trained` attended on the first day."""
    return Evidence(
        first_days={enterprise(number): FIRST_DAY for number in range(1, trained + 1)},
        readings=list(readings),
        savings=list(savings),
        rates={key: Decimal(rate) for key, rate in (rates or {}).items()},
    )


def rows(given: Evidence, *indicators: Indicator, as_of: date = AS_OF, **options: Any) -> list[Row]:
    return Table(given, as_of, Options(**options)).rows(indicators)


def row(given: Evidence, indicator: Indicator = DEFECTS, **options: Any) -> Row:
    [only] = rows(given, indicator, **options)
    return only
