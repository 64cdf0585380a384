"""What the registry holds can be told again, each aggregate in its present state and version."""

import json
from typing import Any

import pytest

from shared.db import Database, create_engine, uuid7
from shared.events.rebuild import MetricsRebuildRequested
from shared.outbox import announce
from tests import builders
from tests.conftest import Api, System, pause

Document = dict[str, Any]
AGGREGATES = ("organisation", "programme", "phase", "enterprise", "supply_link", "partnership", "nomination")


async def request_all(system: System) -> None:
    """As a rebuild in metrics does for one aggregate, but without emptying its views."""
    database = Database(create_engine(system.database_url("metrics")))
    async with database.transaction() as session:
        await announce(session, *(MetricsRebuildRequested(id=uuid7(), version=1, aggregate=one) for one in AGGREGATES))
    await database.close()


async def snapshot_of(system: System, aggregate: str, id: str) -> Document:
    subject = f"score.enterprise.{aggregate}.snapshot.v1"
    connection = await system.connect("enterprise")
    try:
        for _ in range(400):
            statement = "select payload from outbox where subject = $1 and aggregate_id = $2"
            if payload := await connection.fetchval(statement, subject, id):
                return dict(json.loads(payload))
            await pause()
    finally:
        await connection.close()
    raise AssertionError(f"no snapshot of {aggregate}")


@pytest.fixture
async def one_of_each(api: Api, buyer: Document, enterprise: Document, partnership: Document) -> dict[str, Document]:
    programme = await api.make("/v1/programmes", builders.programme())
    phase = await api.make("/v1/phases", builders.phase(programme["id"], donor_ids=[buyer["id"]]))
    link = await api.make("/v1/supply-links", builders.supply_link(buyer["id"], enterprise["id"]))
    path = f"/v1/partnerships/{partnership['id']}/nominations"
    nomination = await api.make(path, {"enterprise_id": enterprise["id"]})
    return {
        "organisation": buyer,
        "programme": programme,
        "phase": phase,
        "enterprise": await api.do(f"/v1/enterprises/{enterprise['id']}", "assess", {"eligible": True}),
        "supply_link": await api.do(f"/v1/supply-links/{link['id']}", "confirm"),
        "partnership": await api.do(f"/v1/partnerships/{partnership['id']}", "sign"),
        "nomination": await api.do(f"{path}/{nomination['id']}", "accept"),
    }


async def test_each_is_told_in_its_present_state(api: Api, system: System, one_of_each: dict[str, Document]) -> None:
    rows = "".join(f"Many Works {n} {builders.unique()},GH\n" for n in range(600))
    await api.load("/v1/enterprises/imports", f"legal_name,country\n{rows}")
    await request_all(system)
    for aggregate, resource in one_of_each.items():
        told = await snapshot_of(system, aggregate, resource["id"])
        assert told.keys() >= {"id", "version"}
        assert {name: resource[name] for name in told.keys() & resource.keys()} == {
            name: told[name] for name in told.keys() & resource.keys()
        }
