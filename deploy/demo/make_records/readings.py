"""Observations: monthly readings and assessments whose pooled windows change by exactly what was drawn.

A change is drawn for each enterprise; the months are then made uneven such that only the sums over a window show it.
The mean of the monthly ratios would give another figure, as would a window too long.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from random import Random

from deploy.demo.make_records import calendar
from deploy.demo.make_records.chance import dice, partition, spread
from deploy.demo.make_records.enterprises import Enterprise

Row = dict[str, str]
WINDOW = 3
PER_MILLE = 1000


@dataclass(frozen=True)
class Measure:
    """How an indicator is read: base rates per 1,000 to choose from, the denominator of a usual quarter."""

    indicator: str
    unit: str
    places: int
    rates: tuple[int, ...]
    per_quarter: int
    per_product: bool = True


DEFECTS = Measure("KPI02", "units", 0, tuple(range(20, 95, 5)), 60_000, per_product=False)
MATERIAL = Measure("KPI03", "kg", 1, tuple(range(250, 1900, 50)), 60_000)
ENERGY = Measure("KPI04", "kWh", 1, tuple(range(300, 2600, 50)), 60_000)
WASTE = Measure("KPI05", "kg", 1, tuple(range(20, 90, 10)), 60_000)
ACCIDENTS = Measure("KPI06F", "cases", 0, (1,), 30_000, per_product=False)
COST = Measure("KPI10", "CNY", 2, tuple(range(3200, 5200, 100)), 240_000)


@dataclass(frozen=True)
class Window:
    """Sums over a window: numerator in units of the smallest place the measure keeps, and denominator."""

    numerator: int
    denominator: int


@dataclass(frozen=True)
class Series:
    """What one enterprise reports on one indicator; `months` counts from the month of the first classroom day."""

    enterprise: Enterprise
    measure: Measure
    first_month: int
    random: Random

    def row(self, months: int, point: str, window: Window, state: str = "approved") -> Row:
        places = self.measure.places
        return {
            "enterprise": self.enterprise.ref,
            "indicator": self.measure.indicator,
            "period": calendar.month_text(self.first_month + months),
            "point": point,
            "numerator": plain(window.numerator, places),
            "denominator": str(window.denominator),
            "unit": self.measure.unit,
            "production_unit": self.enterprise.product if self.measure.per_product else "",
            "source": "import",
            "state": state,
        }

    def monthly(self, months: list[int], whole: Window, state: str = "approved") -> list[Row]:
        """`whole` over as many uneven months."""
        made = spread(whole.denominator, [1] * len(months), self.random)
        used = spread(whole.numerator, made, self.random)
        rows = zip(months, used, made, strict=True)
        return [self.row(month, "monthly", Window(n, d), state) for month, n, d in rows]

    def windows(self, change: int) -> tuple[Window, Window]:
        """Base and follow-up that differ by `change` per mille exactly."""
        base = Fraction(self.random.choice(self.measure.rates), PER_MILLE)
        return self.pooled(base), self.pooled(base * (PER_MILLE + change) / PER_MILLE)

    def pooled(self, rate: Fraction) -> Window:
        """About a quarter's denominator, at which the numerator has no more places than the measure keeps."""
        scaled = rate * 10**self.measure.places
        least = scaled.denominator
        wanted = self.measure.per_quarter * self.random.randint(80, 125) // 100
        denominator = max(1, round(wanted / least)) * least
        return Window(int(scaled * denominator), denominator)


def plain(number: int, places: int) -> str:
    """`plain(1234, 1)` is `"123.4"`."""
    return f"{number // 10**places}.{number % 10**places:0{places}}" if places else str(number)


def reported(series: Series, base: Window, after: Window, assessed: bool) -> list[Row]:
    """Three months before and three after with earlier ones that no longer count; or two assessments and months between."""
    earlier = [1, 2] if series.random.random() < 0.6 else [1]
    decoy = series.pooled(Fraction(base.numerator, base.denominator * 10**series.measure.places))
    between = series.monthly(earlier, decoy)
    if assessed:
        return [series.row(-1, "baseline", base), *between, series.row(6, "final", after)]
    last = earlier[-1]
    return series.monthly([-3, -2, -1], base) + between + series.monthly([last + 1, last + 2, last + 3], after)


# --- China, Phase I --------------------------------------------------------------------------------------------

REPORTERS = 30
FEWER_DEFECTS, LESS_MATERIAL, LESS_ENERGY = 21, 15, 9
DEFECTS_MEAN, ENERGY_MEAN = -110, -130
FIVES = 5
# Those that did not improve: some unchanged, most a little worse, a few much.
NOT_IMPROVED = (0, 15, 40, 5, 85, 0, 25, 10, 130, 20, 55, 5, 0, 35, 70, 10, 15, 95, 5, 30, 45)


def improvements(count: int, mean: int, random: Random) -> list[int]:
    """`count` falls in per mille, in steps of five, whose mean is `mean`."""
    return [-FIVES * fall for fall in partition(-mean * count // FIVES, count, 4, 50, random)]


def changes(count: int, mean: int, topic: str) -> list[int]:
    """One change for each reporter, in an order that differs from indicator to indicator."""
    random = dice(topic)
    drawn = improvements(count, mean, random) + list(NOT_IMPROVED[: REPORTERS - count])
    random.shuffle(drawn)
    return drawn


def china_reporters(enterprises: list[Enterprise]) -> list[Enterprise]:
    china = [e for e in enterprises if e.group == "china"]
    return sorted(dice("reporters").sample(china, REPORTERS), key=lambda e: e.key)


def china_rows(enterprises: list[Enterprise], first_months: dict[Enterprise, int]) -> Iterator[Row]:
    reporters = china_reporters(enterprises)
    plan = [
        (DEFECTS, changes(FEWER_DEFECTS, DEFECTS_MEAN, "defects")),
        (MATERIAL, changes(LESS_MATERIAL, -75, "material")),
        (ENERGY, changes(LESS_ENERGY, ENERGY_MEAN, "energy")),
    ]
    for n, one in enumerate(reporters):
        for measure, drawn in plan:
            series = Series(one, measure, first_months[one], dice(f"{measure.indicator}:{one.key}"))
            base, after = series.windows(drawn[n])
            yield from special_case(series, drawn, n) or reported(series, base, after, assessed=n % 5 == 0)
    silent = [e for e in enterprises if e.group == "china" and e not in reporters]
    for n, one in enumerate(silent):
        yield from not_reported(one, first_months[one], n)


def special_case(series: Series, drawn: list[int], n: int) -> list[Row]:
    """Two of the reporters: no defects at all before and a few after; energy read in MWh after."""
    if series.measure is DEFECTS and drawn[n] == max(drawn):
        return reported(series, Window(0, 48_000), Window(96, 52_000), assessed=False)
    if series.measure is ENERGY and drawn[n] == min(drawn):
        base, after = series.windows(drawn[n])
        return [
            in_megawatt_hours(row) if row["point"] == "final" else row for row in reported(series, base, after, True)
        ]
    return []


def in_megawatt_hours(row: Row) -> Row:
    tenths = int(row["numerator"].replace(".", ""))
    return row | {"unit": "MWh", "numerator": plain(tenths, 4)}


def not_reported(one: Enterprise, first_month: int, n: int) -> list[Row]:
    """What must move no share: a base without follow-up, follow-ups nobody approved, a new production unit; or nothing."""
    series = Series(one, ENERGY, first_month, dice(f"silent:{one.key}"))
    base, after = series.windows(-200)
    before = series.monthly([-3, -2, -1], base)
    if n < 8:
        return before
    if n < 11:
        return before + series.monthly([2, 3, 4], after, state="submitted")
    if n < 13:
        return before + [row | {"production_unit": "pallet"} for row in series.monthly([2, 3, 4], after)]
    return []


# --- COOP ------------------------------------------------------------------------------------------------------

COST_OF_THE_NAMED, OUTPUT_OF_THE_NAMED = -300, 100
COOP_CHANGES = [(DEFECTS, (-240, -85, -120)), (ENERGY, (-95, -60, 10)), (WASTE, (-150, -45, -70))]


def coop_rows(enterprises: list[Enterprise], first_months: dict[Enterprise, int]) -> Iterator[Row]:
    coop = [e for e in enterprises if e.group == "coop"]
    for measure, drawn in COOP_CHANGES:
        for one, change in zip(coop, drawn, strict=True):
            series = Series(one, measure, first_months[one], dice(f"{measure.indicator}:{one.key}"))
            yield from reported(series, *series.windows(change), assessed=False)
    for one in coop:
        yield from fewer_accidents(one, first_months[one])
    yield from cost_and_output(coop[0], first_months[coop[0]])


def fewer_accidents(one: Enterprise, first_month: int) -> list[Row]:
    """Cases by hours worked, about 200 hours a worker and month."""
    series = Series(one, ACCIDENTS, first_month, dice(f"accidents:{one.key}"))
    hours = one.workers * 200
    before = [series.row(m, "monthly", Window(cases, hours)) for m, cases in ((-3, 2), (-2, 1), (-1, 1))]
    return before + [series.row(m, "monthly", Window(cases, hours)) for m, cases in ((4, 1), (5, 0), (6, 1))]


def cost_and_output(one: Enterprise, first_month: int) -> list[Row]:
    cost = Series(one, COST, first_month, dice(f"cost:{one.key}"))
    rows = reported(cost, *cost.windows(COST_OF_THE_NAMED), assessed=False)
    before = [78_400, 81_200, 80_400]
    after = spread(sum(before) * (PER_MILLE + OUTPUT_OF_THE_NAMED) // PER_MILLE, [1] * WINDOW, cost.random)
    return rows + [output_row(cost, m, pairs) for m, pairs in zip((-3, -2, -1, 5, 6, 7), before + after, strict=True)]


def output_row(series: Series, months: int, pairs: int) -> Row:
    """Output of a month: a count, without a denominator."""
    row = series.row(months, "monthly", Window(0, 0))
    return row | {"indicator": "KPI11", "unit": "units", "numerator": str(pairs), "denominator": ""}
