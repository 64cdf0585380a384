"""The views take events in any order, and a rebuilt view gives the same table."""

import random
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from services.metrics_svc.indicators.models import Aggregation, Direction, Indicator
from services.metrics_svc.models_base import Base
from services.metrics_svc.observations.models import Observation, Point
from services.metrics_svc.read_models.models import AttendanceView, EnterpriseView, PartnershipView, SupplyLinkView
from services.metrics_svc.records.versions import RecordState
from services.metrics_svc.results.queries import Results, results
from services.metrics_svc.results.schemas import ResultsQuery
from services.metrics_svc.subscribers import subscriptions
from shared.context import NOBODY
from shared.db import Database, now, uuid7
from shared.envelope import Envelope
from shared.events import Event, training
from shared.events import enterprise as registry
from shared.rebuild import rebuild

FIRST, SECOND, FOREIGN, BUYER, PHASE, PARTNERSHIP = (uuid7() for _ in range(6))
CYCLE, OTHER_CYCLE, LINK, PERSON, COLLEAGUE = (uuid7() for _ in range(5))
AS_OF = date(2012, 12, 31)
MINE = {"external_ref": None, "created_by": "test"}


def enterprise(id: Any, version: int, country: str = "CN") -> dict[str, Any]:
    told = {"legal_name": "Works", "isic": "1430", "languages": [], "identifiers": ["gln:9436465792104"]}
    return told | MINE | {"id": id, "version": version, "country": country, "state": "active", "workforce_total": 10}


def cycle(id: Any, version: int, **fields: Any) -> dict[str, Any]:
    told = {"module": "M1", "variant": "standard", "country": "CN", "provider_id": None, "state": "draft"}
    days = {
        "enterprise_ids": [FIRST, SECOND],
        "classroom": [date(2012, 3, 5)],
        "phase_id": None,
        "partnership_id": None,
    }
    return told | MINE | days | {"id": id, "version": version} | fields


def partnership(version: int, *parties: Any) -> dict[str, Any]:
    told = {
        "name": "Partnership",
        "countries": ["CN"],
        "starts_on": date(2011, 1, 1),
        "ends_on": None,
        "state": "draft",
    }
    there = [{"organisation_id": party, "role": "sponsor"} for party in parties]
    return told | MINE | {"id": PARTNERSHIP, "version": version, "parties": there, "phase_id": PHASE}


def link(version: int, **fields: Any) -> dict[str, Any]:
    told = {"buyer_id": BUYER, "enterprise_id": FIRST, "tier": 1, "since": date(2011, 1, 1), "until": None}
    return told | {"id": LINK, "version": version, "state": "proposed", "confirmed": False} | fields


def attendance(person: Any, enterprise_id: Any, cycle_id: Any) -> Event:
    return training.AttendanceRecorded(
        id=uuid7(),
        version=1,
        participant_id=person,
        enterprise_id=enterprise_id,
        cycle_id=cycle_id,
        date=date(2012, 3, 5),
    )


def visit(id: Any, version: int, state: str, done_on: date | None) -> dict[str, Any]:
    told = {"cycle_id": CYCLE, "enterprise_id": FIRST, "sequence": 1, "planned_on": None}
    return told | {"id": id, "version": version, "state": state, "done_on": done_on}


VISIT = uuid7()
ATTENDANCES = [
    attendance(PERSON, FIRST, CYCLE),
    attendance(PERSON, FIRST, OTHER_CYCLE),
    attendance(COLLEAGUE, SECOND, CYCLE),
    attendance(uuid7(), FOREIGN, OTHER_CYCLE),
]
# as they happened; each aggregate ends where the table needs it, and was elsewhere before
STORY: list[Event] = [
    registry.OrganisationRegistered(
        id=BUYER, version=1, name="Buyer", kind="lead_buyer", country="CH", member_of=[], **MINE
    ),
    registry.PhaseStarted(
        id=PHASE,
        version=1,
        programme_id=uuid7(),
        name="I",
        starts_on=date(2009, 1, 1),
        ends_on=None,
        countries=["CN"],
        donor_ids=[],
        **MINE,
    ),
    registry.PartnershipDrafted(**partnership(1)),
    registry.EnterpriseRegistered(**enterprise(FIRST, 1)),
    registry.EnterpriseRegistered(**enterprise(SECOND, 1, "VN")),
    registry.EnterpriseRegistered(**enterprise(FOREIGN, 1, "VN")),
    registry.EnterpriseAmended(**enterprise(SECOND, 2)),
    registry.SupplyLinkProposed(**link(1)),
    registry.SupplyLinkConfirmed(**link(2, confirmed=True, state="confirmed")),
    registry.PartnershipSigned(**partnership(2, BUYER)),
    training.ModuleDefined(id=uuid7(), version=1, code="M1", title="Workplace cooperation"),
    training.ModuleDefined(id=uuid7(), version=1, code="M2", title="Quality"),
    training.CycleDrafted(**cycle(CYCLE, 1)),
    training.CycleDrafted(**cycle(OTHER_CYCLE, 1, module="M2")),
    training.CycleAmended(**cycle(CYCLE, 2, phase_id=PHASE)),
    training.CyclePlanned(**cycle(CYCLE, 3, phase_id=PHASE, partnership_id=PARTNERSHIP)),
    *ATTENDANCES,
    training.VisitProposed(**visit(VISIT, 1, "proposed", None)),
    training.VisitConfirmed(**visit(VISIT, 2, "confirmed", None)),
    training.VisitDone(**visit(VISIT, 3, "done", date(2012, 4, 1))),
    registry.SupplyLinkEnded(**link(3, confirmed=True, state="ended", until=date(2012, 6, 30))),
]
LAST = {event.id: event for event in STORY}
SNAPSHOTS: dict[str, tuple[type[Event], type[Event]]] = {
    "enterprise": (registry.EnterpriseState, registry.EnterpriseSnapshot),
    "organisation": (registry.OrganisationState, registry.OrganisationSnapshot),
    "phase": (registry.PhaseState, registry.PhaseSnapshot),
    "partnership": (registry.PartnershipState, registry.PartnershipSnapshot),
    "supply_link": (registry.SupplyLinkState, registry.SupplyLinkSnapshot),
    "module": (training.ModuleState, training.ModuleSnapshot),
    "cycle": (training.CycleState, training.CycleSnapshot),
    "attendance": (training.AttendanceState, training.AttendanceSnapshot),
    "visit": (training.VisitState, training.VisitSnapshot),
}
SCOPES: list[dict[str, Any]] = [
    {},
    {"country": "CN"},
    {"phase_id": PHASE, "partnership_id": PARTNERSHIP, "module": "M1"},
    {"buyer_id": BUYER, "module": "M2"},
    {"buyer_id": BUYER},
    {"isic": "14", "enterprise_id": FIRST},
]


async def hear(database: Database, events: Iterable[Event]) -> None:
    """Each in a transaction of its own, as they come from the broker."""
    for event in events:
        envelope = Envelope(uuid7(), event.subject, now(), NOBODY, event.model_dump_json().encode())
        async with database.transaction() as session:
            await subscriptions.handle(session, envelope)


async def record(database: Database) -> None:
    """One indicator, and one enterprise that reports it."""
    kpi = Indicator(
        code="KPI02", name="Defects", unit="units", direction=Direction.LOWER, aggregation=Aggregation.SHARE_AND_MEAN
    )
    told = {"enterprise_id": FIRST, "indicator": "KPI02", "unit": "units", "state": RecordState.APPROVED}
    async with database.transaction() as session:
        session.add(kpi)
        for point, period, above in ((Point.BASELINE, "2012-02", 50), (Point.FINAL, "2012-09", 40)):
            session.add(Observation(point=point, period=period, numerator=Decimal(above), **told))


async def tables(database: Database) -> list[Results]:
    """Of every scope."""
    found = []
    for scope in SCOPES:
        async with database.transaction() as session:
            found.append(await results(session, ResultsQuery(**scope), AS_OF))
    return found


@pytest.fixture
async def expected(database: Database) -> list[Results]:
    """The tables of the story as it happened."""
    await record(database)
    await hear(database, STORY)
    return await tables(database)


async def test_the_story_as_it_happened(expected: list[Results]) -> None:
    counts = [(one.enterprises_trained, one.staff_trained, one.visits, one.enterprises_reporting) for one in expected]
    # at the end of the year the link had ended: the buyer is left with the cycle of its partnership
    assert counts == [(3, 3, 1, 1), (2, 2, 1, 1), (2, 2, 1, 1), (0, 0, 0, 0), (2, 2, 1, 1), (1, 1, 1, 1)]


async def test_a_link_counts_while_it_lasts(database: Database, expected: list[Results]) -> None:
    by_day = []
    for day in (date(2012, 6, 30), date(2012, 7, 1)):
        async with database.transaction() as session:
            found = await results(session, ResultsQuery(buyer_id=BUYER, module="M2"), day)
            by_day.append(found.enterprises_trained)
    assert by_day == [1, 0]


async def forget_views(database: Database) -> None:
    async with database.transaction() as session:
        for aggregate in subscriptions.aggregates:
            await rebuild(session, "metrics", subscriptions, aggregate)


def shuffled(seed: int) -> list[Event]:
    events = [*STORY, *STORY]
    random.Random(seed).shuffle(events)
    return events


@pytest.mark.parametrize(
    "order", [STORY[::-1], *(shuffled(seed) for seed in range(5))], ids=["backwards", *(f"mixed {n}" for n in range(5))]
)
async def test_events_in_any_order_give_the_same_tables(
    database: Database, expected: list[Results], order: Sequence[Event]
) -> None:
    await forget_views(database)
    await hear(database, order)
    assert await tables(database) == expected


@pytest.mark.parametrize("aggregate", sorted(SNAPSHOTS))
async def test_a_rebuilt_view_gives_the_same_tables(
    database: Database, expected: list[Results], aggregate: str
) -> None:
    async with database.transaction() as session:
        await rebuild(session, "metrics", subscriptions, aggregate)
    async with database.transaction() as session:
        for view in subscriptions.views_of(aggregate):
            assert await session.scalar(select(func.count()).select_from(view)) == 0
    state, snapshot = SNAPSHOTS[aggregate]
    present = [snapshot(**event.model_dump()) for event in LAST.values() if isinstance(event, state)]
    assert present
    await hear(database, present)
    assert await tables(database) == expected


def test_every_view_can_be_rebuilt() -> None:
    rebuilt = {view.name for aggregate in subscriptions.aggregates for view in subscriptions.views_of(aggregate)}
    assert rebuilt == {name for name in Base.metadata.tables if name.endswith("_views")} | {"merged_enterprises"}


async def test_an_attendance_counts_once_its_cycle_and_its_enterprise_have_arrived(database: Database) -> None:
    counts = []
    for told in (ATTENDANCES[0], LAST[CYCLE], LAST[FIRST]):
        await hear(database, [told])
        async with database.transaction() as session:
            counts.append((await results(session, ResultsQuery(), AS_OF)).enterprises_trained)
    assert counts == [0, 0, 1]


async def test_the_views_hold_what_imports_refer_by(database: Database, expected: list[Results]) -> None:
    async with database.transaction() as session:
        first = await session.get_one(EnterpriseView, FIRST)
        agreed = await session.get_one(PartnershipView, PARTNERSHIP)
        ended = await session.get_one(SupplyLinkView, LINK)
        there = await session.scalar(select(func.count()).select_from(AttendanceView))
    assert (first.identifiers, first.isic, first.created_by) == (["gln:9436465792104"], "1430", "test")
    assert agreed.parties == [{"organisation_id": str(BUYER), "role": "sponsor"}]
    assert (ended.version, ended.until, ended.confirmed) == (3, date(2012, 6, 30), True)
    assert there == len(ATTENDANCES)
