"""What the lattice of a day is laid from, read in one snapshot; and whether anything has changed since."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CTE, Date, Uuid, column, func, literal, or_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from services.metrics_svc.publication.figures import LatticeEvidence
from services.metrics_svc.read_models.models import (
    AttendanceView,
    ConsentView,
    CountryPolicyView,
    CycleView,
    EnterpriseView,
    MergedEnterprise,
    PartnershipView,
    SupplyLinkView,
)
from services.metrics_svc.results import queries as results
from services.metrics_svc.results import scope
from services.metrics_svc.results.calculation.facts import Indicator, Reading
from services.metrics_svc.results.calculation.months import last_whole_month, month_of
from services.metrics_svc.results.calculation.savings import need_rates
from services.metrics_svc.results.calculation.table import OF_READINGS
from services.metrics_svc.results.schemas import ResultsQuery
from services.metrics_svc.suppression.lattice import Attended, Lattice, lattice_of
from services.metrics_svc.suppression.respondents import DEFAULT_THRESHOLD
from shared.consents import live_now

EVERYTHING = ResultsQuery()


async def lattice_evidence(
    connection: AsyncConnection, as_of: date, indicators: Sequence[Indicator]
) -> LatticeEvidence:
    lattice = lattice_of(await attended(connection, as_of), await buyers(connection, as_of), await parties(connection))
    last = last_whole_month(as_of)
    savings = await results.approved_savings(connection, ids_as_cte(lattice), last)
    return LatticeEvidence(
        lattice=lattice,
        thresholds=lattice.thresholds(await policies(connection), DEFAULT_THRESHOLD),
        readings=await readings(connection, lattice, last, indicators),
        savings=savings,
        rates=await results.rates(connection, need_rates(savings)),
    )


# --- the lattice -----------------------------------------------------------------------------------------------


async def attended(connection: AsyncConnection, as_of: date) -> list[Attended]:
    enterprise, cycle = EnterpriseView, CycleView
    division = func.left(col(enterprise.isic), text("2"))  # no parameter: it is grouped by
    columns = col(enterprise.id), col(enterprise.country), division, col(cycle.phase_id), col(cycle.partnership_id)
    statement = scope.attendances(EVERYTHING, as_of, *columns, func.min(AttendanceView.date)).group_by(*columns)
    return [Attended(*row) for row in await connection.execute(statement)]


async def buyers(connection: AsyncConnection, as_of: date) -> Mapping[UUID, set[UUID]]:
    """By enterprise: whom it supplies on that day."""
    link = SupplyLinkView
    lasting = or_(col(link.until).is_(None), col(link.until) >= as_of)
    live = select(link.enterprise_id, link.buyer_id).where(col(link.confirmed), col(link.since) <= as_of, lasting)  # type: ignore[call-overload]
    return gathered(await connection.execute(live))


async def parties(connection: AsyncConnection) -> Mapping[UUID, set[UUID]]:
    one: Any = PartnershipView
    rows = await connection.execute(select(one.id, one.parties))
    return gathered((id, UUID(party["organisation_id"])) for id, parties in rows for party in parties)


def gathered(pairs: Iterable[Any]) -> Mapping[UUID, set[UUID]]:
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for one, other in pairs:
        found[one].add(other)
    return found


async def policies(connection: AsyncConnection) -> dict[str, int]:
    one: Any = CountryPolicyView
    return {
        row.country: row.small_cell_threshold
        for row in await connection.execute(select(one.country, one.small_cell_threshold))
    }


# --- what is reported ------------------------------------------------------------------------------------------


async def readings(
    connection: AsyncConnection, lattice: Lattice, last: str, indicators: Iterable[Indicator]
) -> Mapping[str, Mapping[tuple[UUID, str], list[Reading]]]:
    """Windows hang on the first day, which cells may differ in: each is read for every month it lies in."""
    codes = {one.code: one.aggregation for one in indicators if one.aggregation in OF_READINGS}
    told = results.approved_readings(first_days_as_cte(lattice), last, list(codes))
    columns = [getattr(told.c, name) for name in (*Reading.__slots__, "first_day")]
    summed = [code for code, aggregation in codes.items() if aggregation == "sum"]
    found: dict[str, dict[tuple[UUID, str], list[Reading]]] = defaultdict(lambda: defaultdict(list))
    for *reading, first_day in await connection.execute(select(*columns).where(results.in_a_window(told, summed))):
        one = Reading(*reading)
        found[one.indicator][one.enterprise_id, month_of(first_day)].append(one)
    return found


def first_days_as_cte(lattice: Lattice) -> CTE:
    """Each enterprise with each month of a first day."""
    pairs = {(id, day.replace(day=1)) for days in lattice.first_days.values() for id, day in days.items()}
    return as_cte(sorted(pairs))


def ids_as_cte(lattice: Lattice) -> CTE:
    return as_cte([(id, date.min) for id in sorted(lattice.numbers)])


def as_cte(pairs: Sequence[tuple[UUID, date]]) -> CTE:
    ids, days = [id for id, _ in pairs], [day for _, day in pairs]
    together = func.unnest(literal(ids, ARRAY(Uuid)), literal(days, ARRAY(Date)))
    rows = together.table_valued(column("enterprise_id", Uuid), column("first_day", Date)).render_derived()
    return select(rows.c.enterprise_id, rows.c.first_day).cte("trained")


async def agreeing(connection: AsyncConnection, organisation_id: UUID | None) -> set[UUID]:
    """Enterprises whose live consent, given to that organisation or to the public, lets them count anywhere.

    Into one that others were merged into everything counts that was recorded under any of its ids: each must be covered.
    """
    one: Any = ConsentView
    to_us = or_(col(one.grantee_id).is_(None), col(one.grantee_id) == organisation_id)
    covered = set(await connection.scalars(select(func.unnest(one.covers)).where(to_us, *live_now(one))))
    return covered - {successor for id, successor in await all_merged(connection) if id not in covered}


async def all_merged(connection: AsyncConnection) -> list[tuple[UUID, UUID]]:
    """Each with what it is read as."""
    one: Any = MergedEnterprise
    rows = await connection.execute(select(one.id, one.successor_id).where(one.successor_id.is_not(None)))
    return [(id, successor) for id, successor in rows]


# --- whether it still holds ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Seen:
    """What a snapshot had seen: of this service's own changes by their transactions, of others' by what had come in since."""

    snapshot: str
    since: datetime
    arrived: int


LOOK = text(
    "select cast(pg_current_snapshot() as text), since, (select count(*) from inbox where received_at >= since) "
    "from (select now() - interval '1 hour' as since) as lately"
)
UNCHANGED = text(
    "select not exists (select from history where xid >= pg_snapshot_xmin(cast(cast(:snapshot as text) as pg_snapshot)) "
    "and not pg_visible_in_snapshot(xid, cast(cast(:snapshot as text) as pg_snapshot))) "
    "and (select count(*) from inbox where received_at >= :since) = :arrived"
)


async def look(connection: AsyncConnection) -> Seen:
    return Seen(*(await connection.execute(LOOK)).one())


async def is_unchanged(connection: AsyncConnection, seen: Seen) -> bool:
    told = {"snapshot": seen.snapshot, "since": seen.since, "arrived": seen.arrived}
    return bool(await connection.scalar(UNCHANGED, told))
