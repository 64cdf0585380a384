"""Savings and the exchange rates they are converted by. All are one-off; an approved 0 means "asked, none"."""

from decimal import Decimal
from random import Random

from deploy.demo.make_records import calendar
from deploy.demo.make_records.chance import dice, partition
from deploy.demo.make_records.enterprises import PREFIX, Enterprise
from deploy.demo.make_records.readings import REPORTERS, china_reporters

SAVERS = 25
SAVED_USD = 466_750
# In tens of USD, so that rates of three places give whole fen.
TENS = 10
COOP_SAVED_USD = (21_480, 6_350, 9_120)
FIRST_RATE_MONTH, LAST_RATE_MONTH = calendar.month_number(2010, 1), calendar.month_number(2013, 12)


def rates() -> dict[int, Decimal]:
    """Yuan for one USD by month: invented, falling as the real ones did."""
    random = dice("rates")
    months = range(FIRST_RATE_MONTH, LAST_RATE_MONTH + 1)
    return {month: Decimal(6828 - 15 * n + random.randint(-9, 9)) / 1000 for n, month in enumerate(months)}


def rate_rows() -> list[dict[str, str]]:
    return [
        {"currency": "CNY", "month": calendar.month_text(month), "per_usd": f"{rate:.3f}"}
        for month, rate in rates().items()
    ]


def saving_rows(enterprises: list[Enterprise], first_months: dict[Enterprise, int]) -> list[dict[str, str]]:
    random = dice("savings")
    saved = dict(zip(china_reporters(enterprises), china_amounts(random), strict=True))
    saved |= dict(zip([e for e in enterprises if e.group == "coop"], COOP_SAVED_USD, strict=True))
    return [row for one, usd in saved.items() for row in rows_of(one, usd, first_months[one], random)]


def china_amounts(random: Random) -> list[int]:
    """USD of each reporter: a few large savings, many small ones, some none."""
    large = partition(28_000, 8, 2_200, 5_400, random)
    small = partition(SAVED_USD // TENS - sum(large), SAVERS - len(large), 180, 2_100, random)
    amounts = [TENS * amount for amount in large + small] + [0] * (REPORTERS - SAVERS)
    random.shuffle(amounts)
    return amounts


def rows_of(one: Enterprise, usd: int, first_month: int, random: Random) -> list[dict[str, str]]:
    """Larger savings came in two parts; every sixth enterprise keeps its books in USD."""
    parts = [usd] if usd < 15_000 else [usd // 30 * TENS, usd - usd // 30 * TENS]
    in_usd = one.serial % 6 == 0
    months = [first_month + random.randint(1, 2), first_month + random.randint(3, 5)]
    return [
        saving_row(one, n, month, part, in_usd) for n, (part, month) in enumerate(zip(parts, months, strict=False), 1)
    ]


def saving_row(one: Enterprise, n: int, month: int, usd: int, in_usd: bool) -> dict[str, str]:
    amount = Decimal(usd) if in_usd else usd * rates()[month]
    return {
        "enterprise": one.ref,
        "month": calendar.month_text(month),
        "amount.amount": f"{amount:.2f}",
        "amount.currency": "USD" if in_usd else "CNY",
        "recurrence": "one_off",
        "reference": f"{PREFIX}saving:{one.key}:{n}",
        "state": "approved",
    }
