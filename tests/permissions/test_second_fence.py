"""The database's own fence: whatever the application forgets, no foreign row comes back and none goes in.

The application's conditions are taken away here, in a process of the tests' own, on the real database and as the role that the
service itself is; and the other way round, the database's, to see that each fence stands alone.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import insert, inspect, select
from sqlalchemy.exc import DBAPIError
from sqlmodel.ext.asyncio.session import AsyncSession

from services.enterprise_svc.enterprises.models import Enterprise
from services.enterprise_svc.organisations.models import Organisation
from services.enterprise_svc.partnerships.models import Partnership
from services.enterprise_svc.supply_links.models import SupplyLink
from services.metrics_svc.observations.models import Observation
from services.metrics_svc.savings.models import Saving
from services.metrics_svc.surveys.models import Survey
from services.training_svc.cycles.models import Cycle
from services.training_svc.participants.models import Participant
from services.training_svc.trainers.models import Trainer
from services.training_svc.visits.models import Visit
from shared.context import Context, using
from shared.db import Database, create_engine, look_as, now, uuid7
from shared.errors import Forbidden
from shared.migrations import visibility_of
from shared.outages import refusal_of, sqlstate
from shared.permissions.relations import Relation
from shared.permissions.roles import Role
from shared.permissions.visibility import Visibility
from shared.permissions.who import NOBODY_BUT_US, UNLIMITED, Who
from shared.tables import history
from tests.conftest import System
from tests.permissions.registry_scene import FOREIGN_COUNTRY, OWN_COUNTRY, Scene

SERVICES = ("enterprise", "training", "metrics")
LIMITED = sorted(set(Role) - UNLIMITED)
NOBODY = "nobody"


class Forgotten(Visibility):
    """The application's filter, deleted."""

    def criteria(self, who: Who, *, for_change: bool = False) -> list[Any]:
        return []


def whos(scene: Scene) -> dict[str, Who]:
    own, others = ({name: UUID(id) for name, id in ids.items() if len(id) == 36} for ids in (scene.own, scene.others))
    return {
        Role.COORDINATOR: Who(Role.COORDINATOR, (OWN_COUNTRY,)),
        Role.PROVIDER: Who(Role.PROVIDER, organisation_id=others["service_provider"]),
        Role.TRAINER: Who(Role.TRAINER, trainer_id=others["trainer"]),
        Role.ENTERPRISE: Who(Role.ENTERPRISE, enterprise_id=own["enterprise_id"]),
        Role.BUYER: Who(Role.BUYER, organisation_id=own["organisation_id"]),
        Role.DONOR: Who(Role.DONOR, organisation_id=others["donor"]),
        NOBODY: Who(NOBODY),
    }


@asynccontextmanager
async def a_session(system: System, service: str, who: Who, known: type[Visibility]) -> AsyncIterator[AsyncSession]:
    database = Database(create_engine(system.database_url(service), pool_size=1), known(list(rules_of(service))))
    try:
        with using(Context(subject="test", who=who)):
            async with database.transaction() as session:
                yield session
                await session.rollback()
    finally:
        await database.close()


def rules_of(service: str) -> Iterator[Any]:
    yield from visibility_of(service).rules.values()


def key_of(model: Any) -> Any:
    return inspect(model).primary_key[0]


async def keys(session: AsyncSession, model: Any) -> set[Any]:
    return set((await session.scalars(select(key_of(model)).select_from(model))).all())


async def by_the_database_alone(system: System, service: str, who: Who) -> dict[str, set[Any]]:
    async with a_session(system, service, who, Forgotten) as session:
        return {rule.model.__name__: await keys(session, rule.model) for rule in rules_of(service)}


async def by_the_application_alone(system: System, service: str, who: Who) -> dict[str, set[Any]]:
    """The database believes that the programme itself asks."""
    async with a_session(system, service, who, Visibility) as session:
        await look_as(session, NOBODY_BUT_US)
        session.info["who"] = who
        return {rule.model.__name__: await keys(session, rule.model) for rule in rules_of(service)}


@pytest.mark.parametrize("role", LIMITED)
@pytest.mark.parametrize("service", SERVICES)
async def test_each_fence_alone_lets_through_what_the_other_does(
    system: System, registry: Scene, service: str, role: str
) -> None:
    who = whos(registry)[role]
    first, second = [await fence(system, service, who) for fence in (by_the_application_alone, by_the_database_alone)]
    assert first == second


@pytest.mark.parametrize("service", SERVICES)
async def test_what_is_read_in_no_session_stands_behind_the_same_fences(
    system: System, registry: Scene, service: str
) -> None:
    """On one connection after the other's words: of who asked before nothing is left, neither rights nor limits."""
    for known in (Visibility, Forgotten):
        database = Database(create_engine(system.database_url(service)), known(list(rules_of(service))))
        try:
            for who in (*whos(registry).values(), NOBODY_BUT_US, Who(NOBODY)):
                expected = await by_the_database_alone(system, service, who)
                if who.role == NOBODY and known is Visibility:
                    continue  # is no role of the matrix
                assert {model.__name__: await read(database, model, who) for model in models_of(service)} == expected
        finally:
            await database.close()


def models_of(service: str) -> Iterator[Any]:
    return (rule.model for rule in rules_of(service))


async def read(database: Database, model: Any, who: Who) -> set[Any]:
    key = key_of(model).name
    rows = await database.reader.rows(model, select(model).limit(100_000), [key], who)
    if key == "id" and rows:
        assert await database.reader.named(model, rows[0].id, who) is not None
    return {getattr(row, key) for row in rows}


@pytest.mark.parametrize("role", LIMITED)
@pytest.mark.parametrize("service", SERVICES)
async def test_without_the_applications_filter_no_foreign_row_comes_back(
    system: System, registry: Scene, service: str, role: str
) -> None:
    found = await by_the_database_alone(system, service, whos(registry)[role])
    everything = await by_the_database_alone(system, service, NOBODY_BUT_US)
    foreign = {UUID(id) for name, id in registry.foreign.items() if len(id) == 36 and id != registry.own.get(name)}
    fenced = [rule for rule in rules_of(service) if rule.reading(role) is not Relation.ALL]
    tables = {rule.model.__name__ for rule in fenced}
    there = {name for name in tables if everything[name] & foreign}
    assert there >= OF_OTHERS[service]
    assert {name for name in tables if found[name] & foreign} == set()


# tables with a foreign row in the scene
OF_OTHERS = {
    "enterprise": {"Enterprise", "SupplyLink", "Partnership", "Nomination", "Consent"},
    "training": {"Trainer", "Cycle", "Participant", "Attendance", "Visit", "EnterpriseView", "ConsentView"},
    "metrics": {"Observation", "Saving", "Survey", "SurveyResponse", "EnterpriseView", "CycleView", "SupplyLinkView"},
}


@pytest.mark.parametrize("service", SERVICES)
async def test_who_does_not_say_who_it_is_sees_nothing(system: System, registry: Scene, service: str) -> None:
    connection = await asyncpg.connect(system.database_url(service))
    try:
        for rule in rules_of(service):
            table = rule.model.__table__.name
            assert await connection.fetchval(f"select count(*) from {table}") == 0, table
    finally:
        await connection.close()


@pytest.mark.parametrize("role", LIMITED)
@pytest.mark.parametrize("service", SERVICES)
async def test_the_history_of_a_row_is_seen_by_who_sees_the_row(
    system: System, registry: Scene, service: str, role: str
) -> None:
    everything = await by_the_database_alone(system, service, NOBODY_BUT_US)
    found = await by_the_database_alone(system, service, whos(registry)[role])
    hidden = set().union(*everything.values()) - set().union(*found.values())
    named = select(history.c.aggregate_id).distinct()
    async with a_session(system, service, whos(registry)[role], Forgotten) as session:
        told = set((await session.scalars(named)).all())
    assert told & hidden == set()
    async with a_session(system, service, NOBODY_BUT_US, Forgotten) as session:
        assert hidden & set((await session.scalars(named)).all())
    assert told


def outside(scene: Scene) -> list[tuple[str, Any, dict[str, Any]]]:
    """Rows that a role might add if nobody looked: who, where, what."""
    own, foreign = scene.own, scene.foreign
    common = {"id": uuid7(), "version": 1, "created_at": now(), "updated_at": now(), "created_by": "test"}
    enterprise = {"legal_name": "X", "country": FOREIGN_COUNTRY, "trade_names": [], "languages": [], "identifiers": []}
    enterprise |= {"state": "registered", "searchable": "x", "attended": False, "assessed_by_hand": False}
    link = {"tier": 1, "since": now().date(), "state": "confirmed", "confirmed": True, "country": FOREIGN_COUNTRY}
    link |= {"buyer_id": UUID(foreign["organisation_id"]), "enterprise_id": UUID(foreign["enterprise_id"])}
    organisation = {"name": "X", "kind": "lead_buyer", "country": FOREIGN_COUNTRY, "member_of": [], "open_to": []}
    organisation |= {"identifiers": []}
    partnership = {"name": "X", "parties": [], "countries": [FOREIGN_COUNTRY, own["country"]], "state": "draft"}
    partnership |= {"starts_on": now().date()}
    return [
        (Role.COORDINATOR, Enterprise, common | enterprise),
        (Role.COORDINATOR, Organisation, common | organisation),
        (Role.COORDINATOR, Partnership, common | partnership),
        (Role.COORDINATOR, SupplyLink, common | link),
        (Role.BUYER, SupplyLink, common | link),
        (Role.ENTERPRISE, SupplyLink, common | link),
        (Role.PROVIDER, SupplyLink, common | link),
        (Role.DONOR, Organisation, common | organisation),
        (Role.AUDITOR, Organisation, common | organisation),
        *outside_of_training_and_metrics(scene, common),
    ]


def outside_of_training_and_metrics(scene: Scene, common: dict[str, Any]) -> Iterator[tuple[str, Any, dict[str, Any]]]:
    ids = {name: UUID(id) for name, id in scene.foreign.items() if len(id) == 36}
    enterprise, cycle, rival = ids["enterprise_id"], ids["cycle_id"], UUID(scene.others["rival"])
    trainer = {"name": "X", "organisation_id": rival, "country": FOREIGN_COUNTRY, "languages": [], "sectors": []}
    course = {"module": "M1", "variant": "standard", "country": FOREIGN_COUNTRY, "enterprises": [], "classroom": []}
    course |= {"co_trainer_ids": [], "enterprise_ids": [], "state": "draft", "provider_id": rival}
    visit = {"cycle_id": cycle, "enterprise_id": enterprise, "sequence": 99, "state": "proposed"}
    person = {"enterprise_id": enterprise, "reference": str(uuid7()), "sex": "female", "category": "worker"}
    figure = {
        "enterprise_id": enterprise,
        "indicator": "KPI02",
        "period": "1990-01",
        "point": "monthly",
        "unit": "units",
    }
    figure |= {"numerator": 1, "state": "submitted", "revision": 1}
    saved = {"enterprise_id": enterprise, "month": "1990-01", "amount": 1, "currency": "USD", "recurrence": "one_off"}
    saved |= {"reference": str(uuid7()), "state": "submitted", "revision": 1}
    survey = {"code": str(uuid7()), "title": "X", "country": FOREIGN_COUNTRY, "conducted_on": now().date(), "items": []}
    for role in (Role.COORDINATOR, Role.PROVIDER):
        yield role, Trainer, common | trainer
        yield role, Cycle, common | course
        yield role, Visit, common | visit
        yield role, Participant, common | person
    for role in (Role.COORDINATOR, Role.PROVIDER, Role.TRAINER, Role.ENTERPRISE, Role.BUYER):
        yield role, Observation, common | figure
        yield role, Saving, common | saved
    yield Role.TRAINER, Visit, common | visit
    yield Role.COORDINATOR, Survey, common | survey
    yield Role.ENTERPRISE, Cycle, common | course | {"enterprise_ids": [UUID(scene.own["enterprise_id"])]}
    yield Role.BUYER, Visit, common | visit | {"enterprise_id": UUID(scene.own["enterprise_id"]), "cycle_id": cycle}


async def test_nothing_is_added_outside(system: System, registry: Scene) -> None:
    for role, model, row in outside(registry):
        who, service = whos(registry).get(role, Who(role)), service_of(model)
        async with a_session(system, service, who, Forgotten) as session:
            with pytest.raises(DBAPIError) as refused:
                await session.execute(insert(model.__table__), [row])
        assert sqlstate(refused.value) == "42501", (role, model)
        assert isinstance(refusal_of(refused.value), Forbidden)
        async with a_session(system, service, NOBODY_BUT_US, Forgotten) as session:
            await session.execute(insert(model.__table__), [row])


def service_of(model: Any) -> str:
    return str(model.__module__).split(".")[1].removesuffix("_svc")


@pytest.mark.parametrize(
    ("service", "role", "table", "parameter"),
    [
        ("enterprise", Role.COORDINATOR, "organisations", "organisation_id"),
        ("enterprise", Role.COORDINATOR, "enterprises", "enterprise_id"),
        ("enterprise", Role.BUYER, "enterprises", "enterprise_id"),
        ("enterprise", Role.BUYER, "supply_links", "supply_link_id"),
        ("enterprise", Role.ENTERPRISE, "nominations", "nomination_id"),
        ("training", Role.COORDINATOR, "cycles", "cycle_id"),
        ("training", Role.PROVIDER, "trainers", "trainer_id"),
        ("training", Role.TRAINER, "visits", "visit_id"),
        ("training", Role.BUYER, "visits", "visit_id"),
        ("metrics", Role.ENTERPRISE, "observations", "observation_id"),
        ("metrics", Role.PROVIDER, "savings", "saving_id"),
        ("metrics", Role.COORDINATOR, "surveys", "survey_id"),
    ],
)
async def test_nothing_is_changed_outside(
    system: System, registry: Scene, service: str, role: str, table: str, parameter: str
) -> None:
    async with a_session(system, service, whos(registry)[role], Forgotten) as session:
        connection = await session.connection()
        change = f"update {table} set version = version where id = '{registry.foreign[parameter]}'"
        assert (await connection.exec_driver_sql(change)).rowcount == 0
        await look_as(session, NOBODY_BUT_US)
        assert (await connection.exec_driver_sql(change)).rowcount == 1


async def test_what_was_told_of_whom_is_seen_by_the_programme_itself_alone(system: System) -> None:
    """The very figures of enterprises, kept to hold the next table against: no client's eyes get there."""
    connection = await asyncpg.connect(system.database_url("metrics"))
    try:
        async with connection.transaction():
            await connection.execute("set local score.role = 'system'")
            await connection.execute("insert into told_contributions values ('test', '{}')")
            assert await connection.fetchval("select count(*) from told_contributions")
            for role in Role:
                await connection.execute(f"set local score.role = '{role}'")
                assert not await connection.fetchval("select count(*) from told_contributions"), role
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute("insert into told_contributions values ('more', '{}')")
    finally:
        await connection.close()


STANDS = "select relrowsecurity and relforcerowsecurity from pg_class where oid = $1::regclass"
OWNED = "select count(*) from pg_class where relowner = $1::regrole"
ROLE = "select rolsuper or rolbypassrls or rolcreaterole or rolcreatedb from pg_roles where rolname = $1"
LENT = "select count(*) from pg_auth_members where member = $1::regrole"


@pytest.mark.parametrize("service", SERVICES)
async def test_the_fence_stands_around_every_table_and_nobody_steps_over_it(system: System, service: str) -> None:
    connection = await system.connect(service)
    try:
        app = f"{service}_app"
        for model in [*visibility_of(service).rules, *visibility_of(service).unseen]:
            assert await connection.fetchval(STANDS, model.__table__.name), model.__table__.name
        assert await connection.fetchval("select current_user") == app
        assert [await connection.fetchval(asked, app) for asked in (OWNED, ROLE, LENT)] == [0, False, 0]
    finally:
        await connection.close()


@pytest.mark.parametrize(
    ("index", "question"),
    [
        ("enterprises_searchable", "enterprises where searchable like '%silk%'"),
        ("enterprises_identifiers", "enterprises where identifiers && array['gln:1']"),
        ("enterprises_isic", "enterprises where isic like '14%'"),
        ("enterprises_ref", "enterprises where external_ref = 'x'"),
        ("partnerships_parties", """partnerships where parties @> '[{"organisation_id": "x"}]'"""),
        ("phases_countries", "phases where countries && array['VN']"),
        (
            "organisations_member_of",
            "organisations where member_of @> '{019a5c3e-7f00-7000-8000-000000000000}'::uuid[]",
        ),
    ],
)
async def test_filters_use_their_indexes_behind_the_fence(system: System, index: str, question: str) -> None:
    """PostgreSQL does not let a function that might tell of hidden rows look at them before the fence has."""
    connection = await system.connect("enterprise")
    try:
        await connection.execute("set enable_seqscan = off")
        plan = [row[0] for row in await connection.fetch(f"explain select * from {question}")]
        assert any(f"on {index} " in line or f"using {index} " in line for line in plan), plan
    finally:
        await connection.close()
