"""Every change there is has its entry: of all services, by hand, from files, by events. Who caused it is named throughout."""

import asyncio
import json
import os
import subprocess
import sys
from typing import Any

import asyncpg
import pytest

from tests import builders
from tests.conftest import Api, ClientOf, System, pause
from tests.traces import superuser
from tests.training import scenes

SERVICES = ("enterprise", "training", "metrics", "gateway")
RESOURCES = """
select table_name from information_schema.columns c
where table_schema = 'public' and column_name in ('id', 'version', 'created_by', 'updated_at')
group by table_name having count(*) = 4
"""
# a change has an entry for each version, but for the first where a migration brought it along
UNTOLD = """
select count(*) from "{table}" r where r.version <> {brought} + (
    select count(*) from history h where h.aggregate_id = r.id and h.version between 1 + {brought} and r.version)
"""
BROUGHT = (
    """(case when exists (select from history f where f.aggregate_id = r.id and f.version = 1) then 0 else 1 end)"""
)
BROUGHT_ALONG = {"country_policies", "indicators", "modules"}
WITHOUT = {"survey_responses"}  # nobody may tell who answered when
UNSEALED = "select count(*) from history h where not exists (select from history_seals where history_id = h.id)"


async def write_all_kinds(api: Api) -> None:
    """Something of everything, each changed as often as may be."""
    cycle = await scenes.cycle_in(api, "closed")
    enterprise = scenes.first_enterprise(cycle)
    organisation = await scenes.organisation(api)
    partnership = await api.make("/v1/partnerships", builders.partnership())
    for verb in ("sign", "activate", "close"):
        await api.do(f"/v1/partnerships/{partnership['id']}", verb)
    link = await api.make("/v1/supply-links", builders.supply_link(organisation, enterprise))
    await api.do(f"/v1/supply-links/{link['id']}", "confirm")
    await scenes.attend(api, cycle)
    await scenes.visit(api)
    trainer = await api.make("/v1/trainers", builders.trainer(organisation))
    await api.do(f"/v1/trainers/{trainer['id']}", "erase")
    observed = await api.make("/v1/observations", builders.observation(enterprise, state="submitted"))
    await api.do(f"/v1/observations/{observed['id']}", "approve")
    await api.make("/v1/surveys", builders.survey())
    await api.make("/v1/clients", {"name": "Somebody", "role": "auditor"})
    rows = "".join(f"{builders.enterprise()['legal_name']},CN\n" for _ in range(60))
    await api.load("/v1/enterprises/imports", f"legal_name,country\n{rows}")


async def untold_in(system: System, service: str) -> dict[str, int]:
    """Table -> rows with more versions than entries, or fewer."""
    async with superuser(system, service) as connection:
        tables = {row["table_name"] for row in await connection.fetch(RESOURCES)} - WITHOUT
        assert tables
        counts = {table: await connection.fetchval(untold(table)) for table in tables if not table.endswith("_views")}
    return {table: count for table, count in counts.items() if count}


def untold(table: str) -> str:
    return UNTOLD.format(table=table, brought=BROUGHT if table in BROUGHT_ALONG else "0")


async def test_no_change_is_without_its_entry(api: Api, system: System) -> None:
    await asyncio.gather(*(write_beside(api) for _ in range(3)))
    for service in SERVICES:
        assert await untold_in(system, service) == {}, service


async def write_beside(api: Api) -> None:
    """As another process of the same client, with a consistency of its own."""
    async with Api(base_url=api.base_url, headers=api.headers, timeout=60) as other:
        await write_all_kinds(other)


async def test_what_an_event_changes_names_who_caused_it(api: Api, client_of: ClientOf) -> None:
    """A coordinator records an attendance in one service; another service makes the enterprise active by the event."""
    cycle = await scenes.cycle(api)
    enterprise = scenes.first_enterprise(cycle)
    coordinator = await client_of("coordinator", countries=["CN"])
    await scenes.attend(coordinator, cycle)
    api.consistency = coordinator.consistency
    last = (await api.get(f"/v1/enterprises/{enterprise}/history")).json()["items"][-1]
    assert {"field": "state", "from": "registered", "to": "active"} in last["changes"]
    assert last["by"] == coordinator.registered["client_id"]


async def sealed(connection: "asyncpg.Connection[Any]") -> None:
    for _ in range(100):
        if not await connection.fetchval(UNSEALED):
            return
        await pause()
    raise AssertionError("changes stay unsealed")


@pytest.mark.parametrize("service", SERVICES)
async def test_what_was_changed_is_sealed_soon_and_the_command_finds_it_good(
    api: Api, system: System, service: str
) -> None:
    await api.make("/v1/clients", {"name": "Somebody", "role": "auditor"})
    await scenes.attend(api, await scenes.cycle(api))
    await api.make("/v1/surveys", builders.survey())
    async with superuser(system, service) as connection:
        await sealed(connection)
        changes = await connection.fetchval("select count(*) from history")
    told = await asyncio.to_thread(verified, system, service)
    assert told.returncode == 0, told.stdout + told.stderr
    assert f"{service}: {changes} changes are as they were sealed" in told.stdout
    assert "(0 heads" not in told.stdout


def verified(system: System, service: str) -> "subprocess.CompletedProcess[str]":
    secret = json.loads((system.home / "secrets.json").read_text())["secret"]
    environment = os.environ | {
        f"SCORE_DATABASE_URL_{service.upper()}": system.database_url(service),
        "SCORE_SECRET": secret,
    }
    command = [sys.executable, "-m", "shared.audit", "verify", service]
    heads = ["--heads", str(system.home / "logs" / f"{service}.jsonl")]
    return subprocess.run([*command, *heads], env=environment, capture_output=True, text=True, timeout=120)


async def test_readiness_and_figures_tell_of_it(api: Api, system: System) -> None:
    parts = (await api.get("/-/ready")).json()["parts"]
    assert {parts[service]["parts"]["audit"]["status"] for service in SERVICES[:3]} == {"ready"}
    page = (await api.get("/-/metrics")).text
    assert "score_history_unsealed_seconds" in page
