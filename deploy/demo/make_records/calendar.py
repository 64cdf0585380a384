"""Months as numbers that can be added to, and the weekdays classes and visits fall on."""

from datetime import date, timedelta

SATURDAY = 5


def month_number(year: int, month: int) -> int:
    return year * 12 + month - 1


def month_text(number: int) -> str:
    """`2012-03`."""
    return f"{number // 12:04}-{number % 12 + 1:02}"


def month_of(day: date) -> int:
    return month_number(day.year, day.month)


def classroom_days(month: int, day: int) -> tuple[date, date]:
    """Two working days running, the first on or after the given day of the month."""
    first = date(month // 12, month % 12 + 1, day)
    while first.weekday() >= SATURDAY - 1:
        first += timedelta(days=1)
    return first, first + timedelta(days=1)


def weeks_after(day: date, weeks: int, days: int) -> date:
    """A working day some weeks after a class."""
    then = day + timedelta(weeks=weeks, days=days)
    return then - timedelta(days=max(0, then.weekday() - SATURDAY + 1))
