"""Each process is killed with -9 in turn while rows are written and imported: nothing is lost, nothing counts twice."""

import asyncio
import os
import random
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx

from tests.builders import cycle, enterprise, unique
from tests.conftest import System
from tests.faults.workload import (
    Client,
    Writer,
    attendances_file,
    enterprise_number,
    enterprises_file,
    finished,
    observation_number,
    start_import,
)

VICTIMS = ["gateway", "enterprise", "training", "metrics", "postgres", "nats"]
ROUNDS = 5 if os.environ.get("SCORE_SOAK") else 1
ROWS, PEOPLE = 1_500, 150
BACK_SECONDS, EQUAL_SECONDS = 60, 10
VIEWS = [
    ("enterprise", "enterprises", "training", "enterprise_views"),
    ("enterprise", "enterprises", "metrics", "enterprise_views"),
    ("training", "cycles", "metrics", "cycle_views"),
    ("training", "attendances", "metrics", "attendance_views"),
]


@asynccontextmanager
async def client_of(system: System) -> AsyncIterator[Client]:
    headers = {"Authorization": f"Bearer {system.token()}"}
    async with httpx.AsyncClient(base_url=system.url, headers=headers, timeout=40) as http:
        yield Client(http)


async def kill(system: System, victim: str) -> None:
    """And waits until the whole system is ready again with another process in its place."""
    before = system.pids[victim]
    os.kill(before, signal.SIGKILL)
    deadline = time.monotonic() + BACK_SECONDS
    async with httpx.AsyncClient(base_url=system.url, timeout=5) as http:
        while time.monotonic() < deadline:
            await asyncio.sleep(0.1)
            if system.pids.get(victim) not in (None, before) and await is_ready(http):
                return
    raise AssertionError(f"{victim} is not back after {BACK_SECONDS} s")


async def is_ready(http: httpx.AsyncClient) -> bool:
    try:
        return (await http.get("/-/ready")).status_code == 200
    except httpx.TransportError:
        return False


async def eventually(true: Callable[[], Awaitable[bool]], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if await true():
            return True
        await asyncio.sleep(0.1)
    return await true()


async def test_nothing_acknowledged_is_lost_and_nothing_counts_twice(doomed: System) -> None:
    async with client_of(doomed) as client:
        factory = (await client.post("/v1/enterprises", unique("key"), json=enterprise())).json()["id"]
        made = await client.post("/v1/cycles", unique("key"), json=cycle([factory]))
        assert made.status_code == 201, made.text
        writers = [
            Writer(client, "/v1/enterprises", enterprise_number),
            Writer(client, "/v1/observations", observation_number(factory)),
        ]
        jobs = await under_fire(doomed, client, writers, made.json()["id"], factory)
        assert [problem for writer in writers for problem in writer.strange] == []
        await check_imports(client, jobs)
        await check_written(client, writers)
    await eventually(lambda: views_equal_sources(doomed), EQUAL_SECONDS)
    assert await differences(doomed) == {}
    assert await twice_there(doomed) == []
    assert await staff_counted(doomed, factory) == len(VICTIMS) * ROUNDS * PEOPLE


async def under_fire(
    system: System, client: Client, writers: list[Writer], cycle_id: str, enterprise_id: str
) -> dict[str, int]:
    """Writes and imports while everybody dies in turn; where the imports can be followed, and their numbers of rows."""
    stop, jobs = asyncio.Event(), dict[str, int]()
    writing = [asyncio.create_task(writer.write(stop)) for writer in writers]
    for victim in VICTIMS * ROUNDS:
        jobs[await start_import(client, "/v1/enterprises/imports", enterprises_file(ROWS))] = ROWS
        file = attendances_file(cycle_id, enterprise_id, PEOPLE)
        jobs[await start_import(client, "/v1/attendances/imports", file)] = 2 * PEOPLE
        await asyncio.sleep(random.uniform(0.1, 0.6))
        await kill(system, victim)
    stop.set()
    await asyncio.gather(*writing)
    return jobs


async def check_imports(client: Client, jobs: dict[str, int]) -> None:
    for location, rows in jobs.items():
        job = await finished(client, location)
        assert job["state"] == "succeeded", job
        assert job["summary"] == {"received": rows, "created": rows, "updated": 0, "unchanged": 0, "rejected": 0}


async def check_written(client: Client, writers: list[Writer]) -> None:
    for writer in writers:
        assert len(writer.acknowledged) > 20
        for ref, id in writer.acknowledged.items():
            assert (await client.get(f"{writer.path}/{id}"))["external_ref"] == ref


# --- behind the API --------------------------------------------------------------------------------------------


async def rows_of(system: System, service: str, query: str) -> list[tuple[object, ...]]:
    connection = await system.connect(service)
    try:
        return [tuple(row) for row in await connection.fetch(query)]
    finally:
        await connection.close()


async def differences(system: System) -> dict[str, int]:
    """Rows that are only in the source or only in the view, by view; none where both are the same."""
    found = {}
    for owner, table, keeper, view in VIEWS:
        source = await rows_of(system, owner, f"select id, version from {table}")
        copy = await rows_of(system, keeper, f"select id, version from {view}")
        if apart := set(source) ^ set(copy):
            found[f"{keeper}.{view}"] = len(apart)
    return found


async def views_equal_sources(system: System) -> bool:
    return await differences(system) == {}


async def twice_there(system: System) -> list[tuple[object, ...]]:
    tables = [("enterprise", "enterprises"), ("metrics", "observations")]
    query = "select external_ref from {} where external_ref is not null group by external_ref having count(*) > 1"
    return [row for service, table in tables for row in await rows_of(system, service, query.format(table))]


async def staff_counted(system: System, enterprise_id: str) -> int:
    async with client_of(system) as client:
        results = await client.get(f"/v1/results?enterprise_id={enterprise_id}&as_of=2014-12-31")
        return int(results["population"]["staff_trained"])
