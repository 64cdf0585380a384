"""Months as the API writes them, `2012-03`: they sort as texts."""

from calendar import monthrange
from datetime import date


def month_of(day: date) -> str:
    return day.isoformat()[:7]


def shifted(month: str, by: int) -> str:
    number = int(month[:4]) * 12 + int(month[5:]) - 1 + by
    return f"{number // 12:04}-{number % 12 + 1:02}"


def last_whole_month(as_of: date) -> str:
    """The last month whose last day is on or before `as_of`."""
    ends = as_of.day == monthrange(as_of.year, as_of.month)[1]
    return month_of(as_of) if ends else shifted(month_of(as_of), -1)
