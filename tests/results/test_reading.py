"""The database gives the arithmetic what stands in a window, all of it and nothing else, as of one instant."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from services.metrics_svc.exchange_rates.models import ExchangeRate
from services.metrics_svc.indicators.models import Aggregation, Direction, Indicator
from services.metrics_svc.observations.models import Observation
from services.metrics_svc.read_models.models import AttendanceView, CycleView, EnterpriseView, VisitView
from services.metrics_svc.results import queries
from services.metrics_svc.results.calculation.rounding import fraction_text
from services.metrics_svc.results.calculation.table import Row
from services.metrics_svc.results.queries import Results, results
from services.metrics_svc.results.schemas import ResultsQuery
from services.metrics_svc.savings.models import Saving
from shared.db import Database, uuid7
from tests.results import by_hand

AS_OF = date.fromisoformat(by_hand.AS_OF)
FIRST_DAY = date(2012, 3, 5)
CYCLE = uuid7()
NEWCOMER = "newcomer"  # of whom nothing is known but that it is there
IDS = {name: uuid7() for name in (*by_hand.ENTERPRISES, NEWCOMER)}


def attended(name: str, person: Any = None, day: date = FIRST_DAY) -> AttendanceView:
    return AttendanceView(
        id=uuid7(), version=1, participant_id=person or uuid7(), enterprise_id=IDS[name], cycle_id=CYCLE, date=day
    )


def visited(name: str, state: str, done_on: date | None) -> VisitView:
    return VisitView(id=uuid7(), version=1, cycle_id=CYCLE, enterprise_id=IDS[name], state=state, done_on=done_on)


def world() -> list[Any]:
    enterprises = [
        EnterpriseView(id=id, version=1, country="CN", isic="1430", state="active", identifiers=[])
        for id in IDS.values()
    ]
    twice = uuid7()
    days = [attended("alpha", twice), attended("alpha", twice, date(2012, 3, 6))]
    visits = [visited("alpha", state, AS_OF) for state in ("done", "reported", "approved")]
    visits += [visited("alpha", "confirmed", AS_OF), visited("alpha", "done", date(2013, 1, 1))]
    cycle = CycleView(id=CYCLE, version=1, module="M1", country="CN", state="draft")
    return [*enterprises, cycle, *visits, *days, *(attended(name) for name in by_hand.TRAINED)]


def indicators() -> list[Indicator]:
    kinds = {"JOB01P": Aggregation.SUM, "PRA02": Aggregation.YES_SHARE, "KPI01": Aggregation.COMPUTED}
    units = {"JOB01P": "persons"}
    return [
        Indicator(
            code=code,
            name=code,
            unit=units.get(code, "units"),
            direction=Direction.HIGHER if code in kinds else Direction.LOWER,
            aggregation=kinds.get(code, Aggregation.SHARE_AND_MEAN),
        )
        for code in {code for code, _ in by_hand.TABLE}
    ]


def observed(raw: by_hand.Raw) -> Observation:
    figures = {name: None if raw[name] is None else Decimal(raw[name]) for name in ("numerator", "denominator")}
    named = {name: raw.get(name) for name in ("indicator", "period", "point", "unit", "production_unit", "state")}
    return Observation(enterprise_id=IDS[raw["enterprise"]], **named, **figures)


def saved(raw: by_hand.Raw) -> Saving:
    money = raw["amount"]
    named = {name: raw[name] for name in ("month", "recurrence", "state")}
    return Saving(
        enterprise_id=IDS[raw["enterprise"]], amount=Decimal(money["amount"]), currency=money["currency"], **named
    )


@pytest.fixture
async def filled(database: Database) -> Database:
    rates = [ExchangeRate(**raw | {"per_usd": Decimal(raw["per_usd"])}) for raw in by_hand.RATES]
    async with database.transaction() as session:
        session.add_all([*world(), *indicators(), *rates])
        session.add_all([observed(raw) for raw in by_hand.OBSERVATIONS])
        session.add_all([saved(raw) for raw in by_hand.SAVINGS])
    return database


async def table(database: Database, **parameters: Any) -> Results:
    async with database.transaction() as session:
        return await results(session, ResultsQuery(**parameters), AS_OF)


def told(row: Row) -> by_hand.Raw:
    found = {"reporters": len(row.reporters), "improved": row.improved, "share": fraction_text(row.share)}
    found |= {"gain": fraction_text(row.gain)} if row.gain is not None else {}
    if row.total:
        found["sum"] = {name: str(getattr(row.total, name)) for name in ("positive", "negative", "net")}
    return found


async def test_the_table_read_is_that_worked_out_on_paper(filled: Database) -> None:
    found = await table(filled)
    expected = {key: {n: v for n, v in row.items() if n != "means"} for key, row in by_hand.TABLE.items()}
    assert {(row.indicator.code, row.recurrence): told(row) for row in found.rows} == expected
    assert [row.mean for row in found.rows] == [row["means"][0] for row in by_hand.TABLE.values()]


async def test_people_count_once_and_visits_when_they_are_done(filled: Database) -> None:
    found = await table(filled)
    assert (found.enterprises_trained, found.staff_trained, found.visits) == (9, 10, 3)
    assert found.enterprises_reporting == by_hand.POPULATION["enterprises_reporting"]


async def test_only_what_may_stand_in_a_window_is_read(filled: Database) -> None:
    """Of zeta: two of the three months before March, and the latest three after it."""
    async with filled.transaction() as session:
        connection = await queries.read_one_snapshot(session)
        catalogue = await queries.all_indicators(connection)
        found = await queries.evidence_of(connection, ResultsQuery(), AS_OF, catalogue)
    of_zeta = sorted(one.period for one in found.readings if one.enterprise_id == IDS["zeta"])
    assert of_zeta == ["2011-12", "2012-02", "2012-05", "2012-08", "2012-12"]
    assert {one.enterprise_id for one in [*found.readings, *found.savings]} <= {IDS[name] for name in by_hand.TRAINED}


async def test_the_whole_table_is_of_one_instant(filled: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is committed between two statements of a table is not in it."""
    read_indicators = queries.all_indicators

    async def meanwhile(connection: Any) -> Any:
        found = await read_indicators(connection)
        async with filled.transaction() as session:
            session.add(attended(NEWCOMER))
        return found

    monkeypatch.setattr(queries, "all_indicators", meanwhile)
    assert (await table(filled)).enterprises_trained == 9
    monkeypatch.undo()
    assert (await table(filled)).enterprises_trained == 10


async def test_the_ends_of_a_year_are_three_months_apart(filled: Database) -> None:
    """Trained on 31 January: October, November and December are the base."""
    id = IDS[NEWCOMER]
    months = {"2011-09": 999, "2011-10": 10, "2011-11": 20, "2011-12": 30, "2012-01": 999, "2012-02": 10}
    told = {"indicator": "KPI03", "unit": "kg", "point": "monthly", "state": "approved", "denominator": Decimal(10)}
    async with filled.transaction() as session:
        session.add(attended(NEWCOMER, day=date(2012, 1, 31)))
        session.add_all(
            [
                Observation(enterprise_id=id, period=period, numerator=Decimal(above), **told)
                for period, above in months.items()
            ]
        )
    [row] = [row for row in (await table(filled, enterprise_id=id)).rows if row.indicator.code == "KPI03"]
    assert row.mean == Fraction(10, 10) / Fraction(60, 30) - 1
