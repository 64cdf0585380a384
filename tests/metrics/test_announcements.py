"""What metrics tells the others: each change with the whole state, and all of it again when asked."""

import json
from typing import Any

import asyncpg
import pytest

from shared.db import Database, create_engine
from shared.rebuild import rebuild
from shared.subscriptions import Subscriptions
from tests import builders
from tests.conftest import Api, System, pause

TOLD = "select subject, aggregate_version, payload from outbox where aggregate_id = $1 order by seq"
SNAPSHOTS = (
    "select aggregate_id::text as id, max(aggregate_version) as version from outbox where subject = $1 group by 1"
)
TABLES = {
    "indicator": "indicators",
    "observation": "observations",
    "saving": "savings",
    "exchange_rate": "exchange_rates",
    "survey": "surveys",
}


async def rows(system: System, statement: str, *values: Any) -> list[asyncpg.Record]:
    connection = await system.connect("metrics")
    try:
        found: list[asyncpg.Record] = await connection.fetch(statement, *values)
        return found
    finally:
        await connection.close()


async def told(system: System, id: str) -> list[tuple[str, dict[str, Any]]]:
    found = await rows(system, TOLD, id)
    assert [row["aggregate_version"] for row in found] == list(range(1, len(found) + 1))
    return [(row["subject"].split(".")[3], json.loads(row["payload"])) for row in found]


async def test_each_step_of_an_observation_is_told(api: Api, system: System, enterprise_id: str) -> None:
    figure = json.dumps(builders.observation(enterprise_id, state="draft")).replace('"50"', "1E3")
    made = (await api.post("/v1/observations", content=figure, headers={"Content-Type": "application/json"})).json()
    path = f"/v1/observations/{made['id']}"
    await api.patch(path, json={"production_unit": "sock"}, headers={"If-Match": '"1"'})
    await api.do(path, "submit")
    await api.do(path, "return", {"reason": "Which line?"})
    await api.do(path, "submit")
    await api.do(path, "approve")
    await api.make("/v1/observations", builders.observation(enterprise_id, numerator="40"))
    heard = await told(system, made["id"])
    facts = ["recorded", "amended", "submitted", "returned", "submitted", "approved", "superseded"]
    assert [fact for fact, _ in heard] == facts
    states = ["draft", "draft", "submitted", "returned", "submitted", "approved", "superseded"]
    assert [payload["state"] for _, payload in heard] == states
    assert {payload["numerator"] for _, payload in heard} == {"1000"}


async def test_what_changes_nothing_is_not_told(api: Api, system: System, enterprise_id: str) -> None:
    made = await api.make("/v1/observations", builders.observation(enterprise_id))
    await api.post("/v1/observations", json=builders.observation(enterprise_id))
    assert [fact for fact, _ in await told(system, made["id"])] == ["recorded"]


async def test_each_step_of_a_saving_is_told(api: Api, system: System, enterprise_id: str) -> None:
    made = await api.make("/v1/savings", builders.saving(enterprise_id, state="submitted"))
    path = f"/v1/savings/{made['id']}"
    await api.patch(path, json={"amount": {"amount": "9"}}, headers={"If-Match": '"1"'})
    await api.do(path, "return", {"reason": "In which currency?"})
    await api.do(path, "submit")
    await api.do(path, "approve")
    await api.make("/v1/savings", builders.saving(enterprise_id))
    heard = await told(system, made["id"])
    facts = ["recorded", "amended", "returned", "submitted", "approved", "superseded"]
    assert [fact for fact, _ in heard] == facts
    assert [payload["amount"] for _, payload in heard] == ["1200.00", *["9.00"] * 5]


async def test_rates_indicators_and_surveys_are_told(api: Api, system: System) -> None:
    for path, body, change in [
        ("/v1/exchange-rates", builders.exchange_rate(), {"per_usd": "7"}),
        ("/v1/indicators", builders.indicator(), {"name": "Nights"}),
        ("/v1/surveys", builders.survey(), {"title": "Interviews at the end"}),
    ]:
        made = await api.make(path, body)
        await api.patch(f"{path}/{made['id']}", json=change, headers={"If-Match": '"1"'})
        (_, first), (fact, second) = await told(system, made["id"])
        assert fact == "amended"
        assert first | change | {"version": 2} == second


async def test_the_catalogue_is_told_once(system: System) -> None:
    found = await rows(system, "select count(*), count(distinct payload->>'code') from outbox where by = 'score'")
    assert tuple(found[0]) == (49, 49)


@pytest.mark.parametrize("aggregate", sorted(TABLES))
async def test_everything_is_told_again_when_asked(
    api: Api, system: System, enterprise_id: str, aggregate: str
) -> None:
    await api.make("/v1/observations", builders.observation(enterprise_id))
    await api.make("/v1/savings", builders.saving(enterprise_id))
    await api.make("/v1/exchange-rates", builders.exchange_rate())
    await api.make("/v1/surveys", builders.survey())
    present = {
        row["id"]: row["version"] for row in await rows(system, f"select id::text, version from {TABLES[aggregate]}")
    }
    await ask(system, aggregate)
    for _ in range(400):
        again = await rows(system, SNAPSHOTS, f"score.metrics.{aggregate}.snapshot.v1")
        if (found := {row["id"]: row["version"] for row in again}) == present:
            break
        await pause()
    assert found == present


async def ask(system: System, aggregate: str) -> None:
    """As `python -m shared.rebuild training <aggregate>`, for a service that keeps no views and so empties none."""
    training = Database(create_engine(system.database_url("training"), pool_size=1))
    async with training.transaction() as session:
        await rebuild(session, "training", Subscriptions(), aggregate)
    await training.close()
