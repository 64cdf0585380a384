"""A random programme goes on while donors ask: whatever two of their tables are subtracted, few are never left."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import combinations
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col, delete, select

from services.metrics_svc.observations.models import Observation
from services.metrics_svc.publication.contributions import in_gained, in_lost, in_mean, said_no_before
from services.metrics_svc.publication.outside import Publisher
from services.metrics_svc.publication.standings import Standing, lay
from services.metrics_svc.read_models.models import AttendanceView, CycleView
from services.metrics_svc.results.calculation.facts import Options
from services.metrics_svc.results.calculation.outcomes import Outcome
from services.metrics_svc.results.calculation.table import Row, row_of
from services.metrics_svc.results.queries import read_one_snapshot
from services.metrics_svc.results.schemas import ResultsQuery
from services.metrics_svc.savings.models import Saving
from services.metrics_svc.suppression.cells import Cell, Kind
from services.metrics_svc.suppression.told import RowTold
from shared.auth import Principal
from shared.db import Database, uuid7
from tests.cells.test_lattice import PARAMETERS, queries, world
from tests.cells.test_rules import is_dominated

DAYS = [date(2012, 9, 30), date(2012, 12, 31)]
DONOR = Principal(subject="donor", client_id="donor", role="donor", scopes=frozenset())
OVER_BOTH = "KPI01/"  # has no mean
CHANGED = queries.text(
    "insert into history (aggregate, aggregate_id, version, at, by, request_id, changes) "
    "values ('observation', gen_random_uuid(), 1, now(), '', '', '{}')"
)


@dataclass(frozen=True)
class Heard:
    """A row as it was told, and what each enterprise had contributed to it."""

    day: date
    cell: Cell
    code: str
    row: Row
    told: RowTold
    of: dict[UUID, Outcome]


@pytest.mark.parametrize("seed", range(3))
async def test_no_two_tellings_leave_few_between_them(database: Database, seed: int) -> None:
    chance, publisher = random.Random(seed), Publisher()
    async with database.transaction() as session:
        session.add_all(world(chance))
    heard: list[Heard] = []
    for _ in range(10):
        await go_on(database, chance)
        for day in DAYS:
            standing = await laid(database, day)
            cells = [cell for cell in sorted(standing.lattice.first_days) if cell.kind != Kind.BUYER]
            for cell in chance.sample(cells, 4):
                heard += await ask(database, publisher, standing, cell, heard)
    assert len({(one.row, one.day, one.cell) for one in heard}) > 30  # much is told, and revised
    assert not [places_of(*found) for found in leaving_few(heard, standing.laid.evidence.thresholds)]


async def go_on(database: Database, chance: random.Random) -> None:
    """Some report more, sometimes many at once; now and then one is trained that was not."""
    async with database.transaction() as session:
        ids = sorted(set(await session.exec(select(AttendanceView.enterprise_id))))
        cycles = list(await session.exec(select(col(CycleView.id))))
        for id in chance.sample(ids, chance.choice([1, 2, 9, 20])):
            if chance.random() < 0.3:
                session.add(saving(chance, id))
            else:
                await correct(session, observation(chance, id))
        if chance.random() < 0.3:
            row: dict[str, Any] = {"participant_id": uuid7(), "cycle_id": chance.choice(cycles)}
            day = date(2012, chance.randint(2, 8), 5)
            session.add(AttendanceView(id=uuid7(), version=1, enterprise_id=chance.choice(ids), date=day, **row))
        await session.execute(CHANGED)


async def correct(session: Any, told: Observation) -> None:
    """It takes the place of what was said before of that month."""
    columns = (Observation.enterprise_id, Observation.indicator, Observation.period, Observation.point)
    same = [col(column) == getattr(told, column.key) for column in columns]
    await session.execute(delete(Observation).where(*same))
    session.add(told)


def observation(chance: random.Random, id: UUID) -> Observation:
    said = {"point": "final", "unit": "units", "state": "approved", "enterprise_id": id}
    month = f"2012-{chance.randint(7, 12):02}"
    code = chance.choice(["KPI02", "JOB01P", "PRA02"])
    return Observation(
        indicator=code,
        period=month,
        numerator=Decimal(chance.randint(-3, 3)),
        revision=chance.randint(2, 10**6),
        **said,
    )


def saving(chance: random.Random, id: UUID) -> Saving:
    said = {"currency": "USD", "state": "approved", "recurrence": chance.choice(["one_off", "annual"])}
    month, amount = f"2012-{chance.randint(7, 12):02}", Decimal(chance.choice([0, 100, 5_000]))
    return Saving(enterprise_id=id, month=month, amount=amount, reference=str(uuid7()), **said)


async def laid(database: Database, day: date) -> Standing:
    async with database.transaction() as session:
        return await lay(await read_one_snapshot(session), day, {})


async def ask(
    database: Database, publisher: Publisher, standing: Standing, cell: Cell, heard: list[Heard]
) -> list[Heard]:
    asked: dict[str, Any] = {"country": cell.country or None}
    asked |= {PARAMETERS[Kind(cell.kind)]: cell.key} if cell.kind else {}
    async with database.transaction() as session:
        published = await publisher.results(database, session, DONOR, ResultsQuery(**asked), standing.as_of)
    return [told_as(standing, cell, row, told, heard) for row, told in published.rows if told.reporters]


def told_as(standing: Standing, cell: Cell, row: Row, told: RowTold, heard: list[Heard]) -> Heard:
    """As it was when this cell of this day was told before, or as it is now: nothing else may be said."""
    code, part = row.indicator.code, row.recurrence or ""
    before = [one for one in heard if (one.day, one.cell, one.code) == (standing.as_of, cell, f"{code}/{part}")]
    states = [*(one.of for one in reversed(before)), standing.laid.contributions(code, cell).get(part, {})]
    of = [state for state in states if says(row, state)]
    assert of, "It says what never was."
    return Heard(standing.as_of, cell, f"{code}/{part}", row, told, dict(of[0]))


def says(row: Row, of: Mapping[UUID, Outcome]) -> bool:
    """Over both recurrences no mean is said."""
    other = row_of(row.indicator, of, trained=0, options=Options())
    means = {row.mean, other.mean} if row.mean is not None else {other.mean}
    figures = [(one.reporters, one.improved, one.total, one.gain) for one in (row, other)]
    return len(means) == 1 and figures[0] == figures[1]


def leaving_few(heard: list[Heard], thresholds: Any) -> Iterator[tuple[Heard, Heard, str]]:
    for one, other in combinations(heard, 2):
        if one.code != other.code:
            continue
        left, right = one.of.keys() - other.of.keys(), other.of.keys() - one.of.keys()
        moved = {id for id in one.of.keys() & other.of.keys() if one.of[id] != other.of[id]}
        if are_apart(one.cell, other.cell) and not moved and left and right:
            continue  # the difference is one of strangers
        changed, enough = left | right | moved, max(thresholds[one.cell], thresholds[other.cell])
        if 0 < len(changed) < enough:
            yield one, other, "count"
        without = {id for id in changed if any(id in of and said_no_before(of[id]) for of in (one.of, other.of))}
        if one.told.gain and other.told.gain and {len(without), len(changed - without)} & set(range(1, enough)):
            yield one, other, "gain"
        if one.told.amounts and other.told.amounts and one.code != OVER_BOTH:
            for added in (in_mean, in_gained, in_lost):
                sizes = [size for id in changed if (size := moved_by(one, other, id, added))]
                if sizes and is_dominated(sizes):  # type: ignore[arg-type]
                    yield one, other, added.__name__


def are_apart(one: Cell, other: Cell) -> bool:
    return one != other and one not in other.containers and other not in one.containers


def places_of(one: Heard, other: Heard, figure: str) -> tuple[str, ...]:
    return one.code, figure, str(one.cell), str(one.day), str(other.cell), str(other.day)


def moved_by(one: Heard, other: Heard, id: UUID, added: Any) -> Any:
    before, now = ((added(heard.of[id]) or 0) if id in heard.of else 0 for heard in (one, other))
    return abs(now - before)
