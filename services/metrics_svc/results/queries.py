"""What a results table needs of the database, read in one consistent snapshot; the arithmetic is done elsewhere."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CTE, ColumnElement, Text, and_, cast, func, or_, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from services.metrics_svc.exchange_rates.models import ExchangeRate
from services.metrics_svc.indicators.models import Indicator as CatalogueEntry
from services.metrics_svc.observations.models import Observation
from services.metrics_svc.read_models.models import AttendanceView
from services.metrics_svc.records.versions import RecordState
from services.metrics_svc.results import scope
from services.metrics_svc.results.calculation.facts import Evidence, Indicator, Reading, Saving
from services.metrics_svc.results.calculation.months import last_whole_month
from services.metrics_svc.results.calculation.savings import RatesMissing, need_rates
from services.metrics_svc.results.calculation.table import OF_READINGS, Row, Table, enterprises_reporting
from services.metrics_svc.results.calculation.windows import MONTHS
from services.metrics_svc.results.errors import ExchangeRateMissing
from services.metrics_svc.results.schemas import ResultsQuery
from services.metrics_svc.savings.models import Saving as StoredSaving


@dataclass(frozen=True)
class Results:
    """A table and the counts above it."""

    rows: list[Row]
    enterprises_trained: int
    staff_trained: int
    visits: int

    @property
    def enterprises_reporting(self) -> int:
        return enterprises_reporting(self.rows)


async def results(session: AsyncSession, query: ResultsQuery, as_of: date) -> Results:
    return await results_on(await read_one_snapshot(session), query, as_of)


async def results_on(connection: AsyncConnection, query: ResultsQuery, as_of: date) -> Results:
    await scope.refuse_unknown(connection, query)
    indicators = await all_indicators(connection)
    evidence = await evidence_of(connection, query, as_of, indicators)
    try:
        # much arithmetic: beside the event loop, or nobody else is served meanwhile
        rows = await asyncio.to_thread(Table(evidence, as_of, query.options).rows, indicators)
    except RatesMissing as missing:
        raise ExchangeRateMissing(missing.wanted) from missing
    return Results(
        rows=rows,
        enterprises_trained=len(evidence.first_days),
        staff_trained=await staff_trained(connection, query, as_of),
        visits=await visits_done(connection, query, as_of),
    )


async def read_one_snapshot(session: AsyncSession) -> AsyncConnection:
    """Every statement on it sees the same instant: what arrives meanwhile is in the next table, wholly."""
    return await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


# --- the population --------------------------------------------------------------------------------------------


def population(query: ResultsQuery, as_of: date) -> CTE:
    """Each enterprise that attended in scope, with its first such day."""
    first_day = func.min(AttendanceView.date).label("first_day")
    attended = scope.attendances(query, as_of, AttendanceView.enterprise_id, first_day)
    return attended.group_by(col(AttendanceView.enterprise_id)).cte("population")


async def first_days(connection: AsyncConnection, trained: CTE) -> dict[UUID, date]:
    rows = await connection.execute(select(trained.c.enterprise_id, trained.c.first_day))
    return {row.enterprise_id: row.first_day for row in rows}


async def staff_trained(connection: AsyncConnection, query: ResultsQuery, as_of: date) -> int:
    persons = func.count(col(AttendanceView.participant_id).distinct())
    return await connection.scalar(scope.attendances(query, as_of, persons)) or 0


async def visits_done(connection: AsyncConnection, query: ResultsQuery, as_of: date) -> int:
    return await connection.scalar(scope.visits(query, as_of, func.count())) or 0


# --- the evidence ----------------------------------------------------------------------------------------------


async def all_indicators(connection: AsyncConnection) -> list[Indicator]:
    entry: Any = CatalogueEntry
    rows = await connection.execute(select(entry.code, entry.name, entry.unit, entry.direction, entry.aggregation))
    return [Indicator(code, name, unit, str(direction), str(kind)) for code, name, unit, direction, kind in rows]


async def evidence_of(
    connection: AsyncConnection, query: ResultsQuery, as_of: date, indicators: Sequence[Indicator]
) -> Evidence:
    trained, last = population(query, as_of), last_whole_month(as_of)
    savings = await approved_savings(connection, trained, last)
    return Evidence(
        first_days=await first_days(connection, trained),
        readings=await readings(connection, trained, last, indicators),
        savings=savings,
        rates=await rates(connection, need_rates(savings)),
    )


async def readings(
    connection: AsyncConnection, trained: CTE, last: str, indicators: Iterable[Indicator]
) -> list[Reading]:
    """Only those that may stand in a window."""
    told = approved_readings(trained, last, [one.code for one in indicators if one.aggregation in OF_READINGS])
    summed = [one.code for one in indicators if one.aggregation == "sum"]
    columns = [getattr(told.c, name) for name in Reading.__slots__]
    rows = await connection.execute(select(*columns).where(in_a_window(told, summed)))
    return [Reading(*row) for row in rows]


def approved_readings(trained: CTE, last: str, codes: Sequence[str]) -> CTE:
    """With the first day of the enterprise and, within its point and side of that day, how late each is. An enterprise may be
    there with several first days: then its readings are so for each."""
    one = Observation
    later = col(one.period) > month_of(trained.c.first_day)
    series = (col(one.enterprise_id), trained.c.first_day, col(one.indicator), col(one.point), later)
    rank = func.row_number().over(partition_by=series, order_by=col(one.period).desc()).label("rank")
    wanted = col(one.state) == RecordState.APPROVED, col(one.period) <= last, col(one.indicator).in_(codes)
    columns = [getattr(one, name) for name in Reading.__slots__]
    met = col(one.enterprise_id) == trained.c.enterprise_id
    return select(*columns, trained.c.first_day, rank).join(trained, met).where(*wanted).cte("told")


def in_a_window(told: CTE, summed: Sequence[str]) -> ColumnElement[bool]:
    """Baselines, final ones, and of the monthly ones three before the first day's month and the last three after it;
    all after it of indicators that are summed."""
    first_day, period = told.c.first_day, told.c.period
    before = and_(period < month_of(first_day), period >= month_of(first_day - text(f"interval '{MONTHS} months'")))
    after = and_(period > month_of(first_day), or_(told.c.rank <= MONTHS, told.c.indicator.in_(summed)))
    return or_(told.c.point != "monthly", before, after)


def month_of(day: Any) -> ColumnElement[str]:
    return cast(func.to_char(day, "YYYY-MM"), Text)


async def approved_savings(connection: AsyncConnection, trained: CTE, last: str) -> list[Saving]:
    one = StoredSaving
    columns = [getattr(one, name) for name in Saving.__slots__]
    wanted = col(one.state) == RecordState.APPROVED, col(one.month) <= last
    met = col(one.enterprise_id) == trained.c.enterprise_id
    return [Saving(*row) for row in await connection.execute(select(*columns).join(trained, met).where(*wanted))]


async def rates(connection: AsyncConnection, wanted: set[tuple[str, str]]) -> dict[tuple[str, str], Decimal]:
    one: Any = ExchangeRate
    key = tuple_(one.currency, one.month)
    rows = await connection.execute(select(one.currency, one.month, one.per_usd).where(key.in_(sorted(wanted))))
    return {(currency, month): per_usd for currency, month, per_usd in rows}
