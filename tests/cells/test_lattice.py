"""The lattice is laid from the database at once; what it holds of each cell is what the table of that scope holds."""

import random
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from services.metrics_svc.indicators.models import Aggregation, Direction, Indicator
from services.metrics_svc.observations.models import Observation
from services.metrics_svc.publication import queries
from services.metrics_svc.publication.figures import POPULATION, REPORTING
from services.metrics_svc.publication.outside import Publisher, with_all_in_sight
from services.metrics_svc.publication.standings import Standing, lay
from services.metrics_svc.read_models.models import (
    AttendanceView,
    CountryPolicyView,
    CycleView,
    EnterpriseView,
    OrganisationView,
    PartnershipView,
    PhaseView,
    SupplyLinkView,
)
from services.metrics_svc.results.queries import Results, read_one_snapshot, results
from services.metrics_svc.results.schemas import ResultsQuery
from services.metrics_svc.savings.models import Saving
from services.metrics_svc.suppression.cells import Cell, Kind, bits_of
from shared.auth import Principal
from shared.db import Database, uuid7

AS_OF = date(2012, 12, 31)
PHASES, PARTNERSHIPS, BUYERS = ([uuid7() for _ in range(count)] for count in (2, 3, 3))
PARAMETERS = {
    Kind.PHASE: "phase_id",
    Kind.PARTNERSHIP: "partnership_id",
    Kind.BUYER: "buyer_id",
    Kind.DIVISION: "isic",
}


def world(chance: random.Random) -> list[Any]:
    """Forty enterprises, some trained twice in different cycles."""
    ids = [uuid7() for _ in range(40)]
    cycles = [
        CycleView(
            id=uuid7(),
            version=1,
            module="M1",
            country="CN",
            state="draft",
            phase_id=chance.choice([*PHASES, None]),
            partnership_id=chance.choice([*PARTNERSHIPS, None, None]),
        )
        for _ in range(8)
    ]
    return [*named(), *cycles, *(row for id in ids for row in enterprise(chance, id, cycles))]


def named() -> list[Any]:
    partnerships = [
        PartnershipView(id=id, version=1, parties=[{"organisation_id": str(buyer), "role": "sponsor"}])
        for id, buyer in zip(PARTNERSHIPS, BUYERS, strict=True)
    ]
    kinds = {"KPI02": Aggregation.SHARE_AND_MEAN, "JOB01P": Aggregation.SUM, "PRA02": Aggregation.YES_SHARE}
    kinds |= {"KPI01": Aggregation.SHARE_AND_MEAN}
    indicators = [
        Indicator(code=code, name=code, unit="units", direction=Direction.LOWER, aggregation=kind)
        for code, kind in kinds.items()
    ]
    phases = [PhaseView(id=id, version=1) for id in PHASES]
    buyers = [OrganisationView(id=id, version=1, kind="lead_buyer") for id in BUYERS]
    policy = CountryPolicyView(id=uuid7(), version=1, country="CN", small_cell_threshold=4)
    return [*partnerships, *indicators, *phases, *buyers, policy]


def enterprise(chance: random.Random, id: UUID, cycles: list[CycleView]) -> list[Any]:
    isic = chance.choice(["1410", "1430", "2410", None])
    country = chance.choice(["CN", "CN", "VN", "GH"])
    rows: list[Any] = [EnterpriseView(id=id, version=1, country=country, isic=isic, state="active", identifiers=[])]
    for cycle in chance.sample(cycles, chance.choice([1, 1, 2])):
        day = date(2012, chance.randint(2, 6), chance.randint(1, 28))
        rows.append(
            AttendanceView(id=uuid7(), version=1, participant_id=uuid7(), enterprise_id=id, cycle_id=cycle.id, date=day)
        )
    if chance.random() < 0.4:
        link = {"buyer_id": chance.choice(BUYERS), "enterprise_id": id, "since": date(2012, 1, 1)}
        rows.append(SupplyLinkView(id=uuid7(), version=1, confirmed=chance.random() < 0.8, **link))
    return [*rows, *observed(chance, id), *saved(chance, id)]


def observed(chance: random.Random, id: UUID) -> list[Observation]:
    """Monthly ones: which of them stand in a window hangs on the first day."""
    months = [month for month in range(1, 13) if chance.random() < 0.5]
    said = {"point": "monthly", "unit": "units", "state": "approved", "enterprise_id": id}
    return [
        Observation(indicator=code, period=f"2012-{month:02}", numerator=Decimal(chance.randint(0, 3)), **said)
        for code in ("KPI02", "JOB01P", "PRA02")
        for month in months
        if chance.random() < 0.7
    ]


def saved(chance: random.Random, id: UUID) -> list[Saving]:
    said = {"enterprise_id": id, "currency": "USD", "state": "approved"}
    return [
        Saving(
            month=f"2012-{chance.randint(3, 9):02}",
            amount=Decimal(chance.choice([0, 100, 900])),
            recurrence=chance.choice(["one_off", "annual"]),
            reference=str(n),
            **said,
        )
        for n in range(chance.choice([0, 1, 1, 2]))
    ]


@pytest.fixture
async def filled(database: Database) -> Database:
    async with database.transaction() as session:
        session.add_all(world(random.Random(7)))
    return database


async def laid(database: Database) -> Standing:
    async with database.transaction() as session:
        return await lay(await read_one_snapshot(session), AS_OF, {})


async def table(database: Database, cell: Cell) -> Results:
    asked = {"country": cell.country or None} | ({PARAMETERS[Kind(cell.kind)]: cell.key} if cell.kind else {})
    async with database.transaction() as session:
        return await results(session, ResultsQuery(**asked), AS_OF)


async def test_every_cell_holds_whom_its_table_holds(filled: Database) -> None:
    standing = await laid(filled)
    ids = list(standing.lattice.numbers)

    def inside(name: str, cell: Cell) -> set[UUID]:
        return {ids[number] for number in bits_of(standing.figures[name].members.get(cell, 0))}

    assert len(standing.lattice.first_days) > 40
    for cell in standing.lattice.first_days:
        found = await table(filled, cell)
        assert len(inside(POPULATION, cell)) == found.enterprises_trained
        assert len(inside(REPORTING, cell)) == found.enterprises_reporting
        for row in found.rows:
            name = f"{row.indicator.code}/{row.recurrence}" if row.recurrence else row.indicator.code
            assert inside(name, cell) == row.reporters, (cell, name)
            if row.mean is not None:
                sizes = standing.figures[f"{name}#mean"].sizes[cell].values()  # type: ignore[attr-defined]
                assert sum(sizes) / row.improved == pytest.approx(float(abs(row.mean)))


async def test_the_threshold_is_the_highest_of_the_countries_in_the_cell(filled: Database) -> None:
    thresholds = (await laid(filled)).figures[POPULATION].thresholds  # type: ignore[attr-defined]
    assert (thresholds[Cell("CN")], thresholds[Cell("VN")]) == (4, 5)
    assert thresholds[Cell(kind=Kind.DIVISION, key="14")] == 5


async def test_a_lattice_is_laid_again_when_anything_has_changed_and_only_then(filled: Database) -> None:
    publisher = Publisher()
    first = await standing_of(filled, publisher)
    assert await standing_of(filled, publisher) is first
    async with filled.transaction() as session:
        await session.execute(queries.text("insert into inbox values (gen_random_uuid(), 'told', 1)"))
    second = await standing_of(filled, publisher)
    assert second is not first
    async with filled.transaction() as session:
        await session.execute(
            queries.text(
                "insert into history (aggregate, aggregate_id, version, at, by, request_id, changes) "
                "values ('observation', gen_random_uuid(), 1, now(), '', '', '{}')"
            )
        )
    assert await standing_of(filled, publisher) is not second


async def test_what_commits_late_is_seen(filled: Database) -> None:
    publisher = Publisher()
    async with filled.transaction() as late:
        await late.execute(
            queries.text(
                "insert into history (aggregate, aggregate_id, version, at, by, request_id, changes) "
                "values ('observation', gen_random_uuid(), 1, now(), '', '', '{}')"
            )
        )
        before = await standing_of(filled, publisher)
    assert await standing_of(filled, publisher) is not before


async def standing_of(database: Database, publisher: Publisher) -> Standing:
    async with with_all_in_sight(database) as session:
        standing, _ = await publisher.standings.on(await read_one_snapshot(session), AS_OF)
        return standing


async def test_what_is_published_over_the_lattice_can_be_asked_for(filled: Database) -> None:
    """And again with the same answer, cell by cell in another order, from a process that starts anew."""
    cells = [cell for cell in (await laid(filled)).lattice.first_days if cell.kind != Kind.BUYER]
    first = {cell: await published(filled, Publisher(), cell) for cell in cells}
    publisher = Publisher()
    assert {cell: await published(filled, publisher, cell) for cell in reversed(cells)} == first
    assert any(any(shown.values()) for shown in first.values())


async def published(database: Database, publisher: Publisher, cell: Cell) -> dict[str, bool]:
    asked = {"country": cell.country or None} | ({PARAMETERS[Kind(cell.kind)]: cell.key} if cell.kind else {})
    donor = Principal(subject="donor", client_id="donor", role="donor", scopes=frozenset())
    async with database.transaction() as session:
        found = await publisher.results(database, session, donor, ResultsQuery(**asked), AS_OF)
    return {f"{row.indicator.code}/{row.recurrence}": told.reporters for row, told in found.rows}
