"""The rules of the results table once more, naively, over the record files alone: what the service is to find in them."""

import csv
import json
from collections import defaultdict
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from deploy.demo.records import FOLDER

Row = dict[str, str]
WINDOW = 3


def rows(name: str) -> list[Row]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def made(name: str) -> list[dict[str, Any]]:
    """The records of all collections of a JSON file."""
    content = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return [record for part in content["collections"] for record in part["records"]]


def cycles_of(**fields: str) -> set[str]:
    """References of the cycles with these fields."""
    wanted = fields.items()
    return {f"ref:{cycle['external_ref']}" for cycle in made("cycles") if wanted <= simple(cycle).items()}


def simple(record: dict[str, Any]) -> dict[str, str]:
    return {name: value for name, value in record.items() if isinstance(value, str)}


def attended(cycles: set[str], until: str) -> list[Row]:
    return [row for row in rows("attendances") if row["cycle"] in cycles and row["date"] <= until]


def first_months(cycles: set[str], until: str) -> dict[str, str]:
    """The month of the first day of each enterprise in scope: the population."""
    days: dict[str, str] = {}
    for row in attended(cycles, until):
        days[row["enterprise"]] = min(row["date"], days.get(row["enterprise"], "9999"))
    return {enterprise: day[:7] for enterprise, day in days.items()}


def approved(indicator: str, until: str) -> dict[str, list[Row]]:
    by_enterprise: dict[str, list[Row]] = defaultdict(list)
    for row in rows("observations"):
        if row["indicator"] == indicator and row["state"] == "approved" and row["period"] <= until[:7]:
            by_enterprise[row["enterprise"]].append(row)
    return by_enterprise


def changes(indicator: str, cycles: set[str], until: str) -> dict[str, Fraction | None]:
    """Reporter to relative change; None where the base is 0 and the follow-up worse or equal."""
    readings = approved(indicator, until)
    found = {}
    for enterprise, month in first_months(cycles, until).items():
        base, after = windows(readings.get(enterprise, []), month)
        if base and after and products(base) == products(after) and len(products(base)) == 1:
            before = pooled(base)
            found[enterprise] = pooled(after) / before - 1 if before else None
    return found


def windows(readings: list[Row], first_month: str) -> tuple[list[Row], list[Row]]:
    monthly = sorted((r for r in readings if r["point"] == "monthly"), key=lambda r: r["period"])
    base = [r for r in readings if r["point"] == "baseline"]
    final = [r for r in readings if r["point"] == "final"]
    three_before = {month_before(first_month, n) for n in (1, 2, 3)}
    return (
        base or [r for r in monthly if r["period"] in three_before],
        final or [r for r in monthly if r["period"] > first_month][-WINDOW:],
    )


def month_before(month: str, n: int) -> str:
    number = int(month[:4]) * 12 + int(month[5:]) - 1 - n
    return f"{number // 12:04}-{number % 12 + 1:02}"


def products(readings: Iterable[Row]) -> set[str]:
    return {r["production_unit"] for r in readings}


def pooled(readings: list[Row]) -> Fraction:
    """The sum of numerators over the sum of denominators; without denominators the mean of the numerators."""
    above = sum(in_base_unit(r) for r in readings)
    below = sum(Fraction(r["denominator"] or 1) for r in readings)
    return Fraction(above) / below


def in_base_unit(reading: Row) -> Fraction:
    return Fraction(reading["numerator"]) * (1000 if reading["unit"] == "MWh" else 1)


def saved_usd(cycles: set[str], until: str) -> dict[str, Fraction]:
    """Reporter to the sum of what it saved."""
    rate = {(r["currency"], r["month"]): Fraction(r["per_usd"]) for r in rows("exchange_rates")}
    population = first_months(cycles, until)
    total: dict[str, Fraction] = defaultdict(Fraction)
    for row in rows("savings"):
        if row["enterprise"] in population and row["state"] == "approved" and row["month"] <= until[:7]:
            per_usd = 1 if row["amount.currency"] == "USD" else rate[row["amount.currency"], row["month"]]
            total[row["enterprise"]] += Fraction(row["amount.amount"]) / per_usd
    return total


def agreement(item: str, *categories: str) -> tuple[int, int]:
    """(agree, answered)."""
    given = [r[f"answers.{item}"] for r in rows("survey_responses") if r["category"] in categories]
    answered = [answer for answer in given if answer]
    return sum(answer in ("yes", "4", "5") for answer in answered), len(answered)
