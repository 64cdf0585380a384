"""Whatever dies on the way, each row is stored once and told of once."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count

import asyncpg
import httpx
import pytest

from tests.conftest import free_port
from tests.shared.imports.books import Faults
from tests.shared.imports.conftest import Partner, World, csv_of, looking_into, partner_of, summary, unique_books


class Process:
    """The books as a process of its own."""

    def __init__(self, world: World, database: str, **changes: str) -> None:
        self.port = free_port()
        environment = os.environ | world.environment(database, self.port) | changes
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.shared.imports.process"], env=environment, stdout=subprocess.DEVNULL
        )
        self.url = f"http://127.0.0.1:{self.port}"

    async def ready(self) -> None:
        async with asyncio.timeout(60), httpx.AsyncClient() as client:
            for _ in count():
                assert self._process.poll() is None, "the process ended by itself"
                try:
                    if (await client.get(f"{self.url}/-/ready")).status_code == 200:
                        return
                except httpx.TransportError:
                    pass
                await asyncio.sleep(0.1)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def freeze(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._process.send_signal(signal.SIGCONT)


@asynccontextmanager
async def process(world: World, database: str, **changes: str) -> AsyncIterator[Process]:
    started = Process(world, database, **changes)
    try:
        await started.ready()
        yield started
    finally:
        started.kill()


def slow_file(prefix: str) -> str:
    """4,000 rows in 8 batches, each of which takes as long as SLOW_SECONDS says; some rows are wrong."""
    rows = unique_books(prefix, 4000)
    for row in rows[250::500]:
        row["title"] = "slow"
    for row in rows[99::1000]:
        row["title"] = ""
    return csv_of(rows)


@pytest.mark.parametrize("mode", ["partial", "atomic"])
async def test_a_killed_service_goes_on_when_it_comes_back(world: World, mode: str) -> None:
    database = await asyncio.to_thread(world.new_database)
    prefix = f"killed-{mode}-"
    async with looking_into(world, database) as db:
        async with process(world, database, SLOW_SECONDS="0.2") as first, partner_of(first.url) as partner:
            content = slow_file(prefix) if mode == "partial" else slow_file(prefix).replace(",\n", ",A\n")
            taken = await partner.send_file(content, mode)
            assert taken.status_code == 202, taken.text
            location = taken.headers["Location"]
        for pause in (0.3, 0.9):
            async with process(world, database, SLOW_SECONDS="0.2"):
                await begun(db)
                await asyncio.sleep(pause)
        assert await db.fetchval("select state from imports") == "running"
        async with process(world, database) as last, partner_of(last.url) as partner:
            job = await partner.end_of(location)
            rejected = 4 if mode == "partial" else 0
            assert (job["state"], job["summary"]) == (
                "succeeded",
                summary(received=4000, created=4000 - rejected, rejected=rejected),
            )
            assert len(await partner.errors(job)) == rejected
            assert (await partner.load(content, mode))["summary"]["unchanged"] == 4000 - rejected
        for table in ("books", "history", "outbox"):
            assert await db.fetchval(f"select count(*) from {table}") == 4000 - rejected


async def begun(db: asyncpg.Connection) -> None:
    """Until a worker has the job."""
    look = "select attempts, done from imports"
    before = await db.fetchrow(look)
    await until_other(db, look, before)


async def until_other(db: asyncpg.Connection, look: str, before: object) -> None:
    async with asyncio.timeout(30):
        for _ in count():
            if await db.fetchrow(look) != before:
                return
            await asyncio.sleep(0.02)


async def test_two_processes_share_the_work_and_one_takes_over_from_the_other(world: World) -> None:
    database = await asyncio.to_thread(world.new_database)
    async with (
        looking_into(world, database) as db,
        process(world, database, SLOW_SECONDS="0.3") as one,
        process(world, database, SLOW_SECONDS="0.3") as two,
        partner_of(one.url) as partner,
        partner_of(two.url) as other,
    ):
        first = (await partner.send_file(slow_file("share-a-"))).headers["Location"]
        second = (await partner.send_file(slow_file("share-b-"))).headers["Location"]
        for n in (0, 1):
            await until_other(db, "select count(*) from imports where state = 'running'", (n,))
        one.kill()
        for location in (first, second):
            assert (await other.end_of(location))["summary"] == summary(received=4000, created=3996, rejected=4)
        assert await db.fetchval("select count(*) from outbox") == 7992


async def test_a_worker_that_lost_its_job_stores_nothing_more(world: World) -> None:
    """A frozen process looks dead to the database once its session is ended; thawed, it must not go on."""
    database = await asyncio.to_thread(world.new_database)
    async with (
        looking_into(world, database) as db,
        process(world, database, SLOW_SECONDS="0.3") as one,
        partner_of(one.url) as partner,
    ):
        location = (await partner.send_file(slow_file("frozen-"))).headers["Location"]
        await begun(db)
        one.freeze()
        await db.execute(
            "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and pid != pg_backend_pid()"
        )
        async with process(world, database) as two, partner_of(two.url) as other:
            job = await other.end_of(location)
            one.thaw()
            await one.ready()
            assert job["summary"] == summary(received=4000, created=3996, rejected=4)
            assert (await other.get(location)).json()["summary"] == job["summary"]
            assert await db.fetchval("select count(*) from outbox") == 3996


async def test_a_lost_database_is_waited_for(world: World, database: str, partner: Partner, faults: Faults) -> None:
    faults.slow_seconds = 0.3
    location = (await partner.send_file(slow_file("outage-"))).headers["Location"]
    async with looking_into(world, database) as db:
        for _ in range(3):
            await asyncio.sleep(0.4)
            await db.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'enterprise'"
            )
    faults.slow_seconds = 0
    assert (await partner.end_of(location))["summary"] == summary(received=4000, created=3996, rejected=4)


@pytest.mark.parametrize("mode", ["partial", "atomic"])
async def test_a_deadlock_is_tried_again(partner: Partner, faults: Faults, mode: str) -> None:
    job = await partner.load(f"code,title\ndeadlock-{mode}-1,A\ndeadlock-{mode}-2,deadlock\n", mode)
    assert (job["state"], job["summary"]["created"], faults.deadlocks) == ("succeeded", 2, 0)


@pytest.mark.parametrize("title", ["bug", "unique"])
@pytest.mark.parametrize("mode", ["partial", "atomic", "dry_run"])
async def test_a_bug_that_stays_ends_the_import_and_keeps_what_was_done(
    partner: Partner, faults: Faults, mode: str, title: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.imports.work.SLOWEST_RETRY_SECONDS", 0.1)  # as often as ever, sooner
    rows = unique_books(f"bug-{mode}-{title}-", 700)
    rows[600]["title"] = title
    job = await partner.load(csv_of(rows), mode)
    assert (job["state"], job["problem"]["code"]) == ("failed", "internal-error")
    kept = 500 if mode == "partial" else 0
    assert (job["summary"]["created"], job["progress"]["total"]) == (kept, 700)
    assert (await partner.load(f"code,title\nafter-{mode}-{title},A\n"))["summary"]["created"] == 1


async def test_a_bug_that_goes_is_forgotten(partner: Partner, faults: Faults) -> None:
    faults.bugs = 2
    assert (await partner.load("code,title\nbug-gone,bug\n"))["summary"]["created"] == 1


async def test_what_kills_its_process_each_time_is_given_up(
    world: World, database: str, partner: Partner, faults: Faults
) -> None:
    async with looking_into(world, database) as db:
        faults.slow_seconds = 5
        blocker = await partner.send_file("code,title\nblocker,slow\n")
        taken = await partner.send_file("code,title\npoison,A\n")
        await db.execute("update imports set attempts = 50 where id = $1", taken.json()["id"])
        await partner.delete(blocker.headers["Location"])
        job = await partner.end_of(taken.headers["Location"])
    assert (job["state"], job["problem"]["code"]) == ("failed", "internal-error")
