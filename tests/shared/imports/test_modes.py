"""partial, atomic, dry_run; progress, and ends before the end."""

import asyncio
import time

import asyncpg
import pytest

from tests.shared.imports.books import Faults
from tests.shared.imports.conftest import Partner, csv_of, summary, unique_books


def mixed(prefix: str, count: int = 1500) -> str:
    """Every hundredth row is wrong in itself, every 250th refused by the importer."""
    rows = unique_books(prefix, count)
    for n, row in enumerate(rows):
        row["title"] = "" if n % 100 == 0 else "forbidden" if n % 250 == 1 else row["title"]
    return csv_of(rows)


async def count_of(db: asyncpg.Connection, prefix: str) -> int:
    found: int = await db.fetchval("select count(*) from books where code like $1", prefix + "%")
    return found


async def events_of(db: asyncpg.Connection, prefix: str) -> int:
    found: int = await db.fetchval("select count(*) from outbox where payload->>'code' like $1", prefix + "%")
    return found


async def test_partial_stores_what_is_right(partner: Partner, db: asyncpg.Connection) -> None:
    job = await partner.load(mixed("partial-"))
    assert (job["state"], job["problem"]) == ("succeeded", None)
    assert job["summary"] == summary(received=1500, created=1479, rejected=21)
    assert await count_of(db, "partial-") == await events_of(db, "partial-") == 1479
    page = await partner.get("/-/metrics")
    assert 'score_import_rows_total{collection="books",outcome="rejected"}' in page.text


async def test_atomic_stores_all(partner: Partner, db: asyncpg.Connection) -> None:
    job = await partner.load(csv_of(unique_books("whole-", 1500)), "atomic")
    assert (job["state"], job["summary"]) == ("succeeded", summary(received=1500, created=1500))
    assert await count_of(db, "whole-") == await events_of(db, "whole-") == 1500
    assert (await partner.get(job["location"])).headers["Consistency-Token"]
    again = await partner.load(csv_of(unique_books("whole-", 1501)), "atomic")
    assert again["summary"] == summary(received=1501, created=1, unchanged=1500)


async def test_atomic_stores_nothing_if_one_row_is_wrong_and_tells_of_each(
    partner: Partner, db: asyncpg.Connection
) -> None:
    job = await partner.load(mixed("nothing-"), "atomic")
    assert (job["state"], job["summary"]) == ("failed", summary(received=1500, rejected=21))
    assert job["progress"] == {"done": 1500, "total": 1500}
    assert (job["problem"]["code"], job["problem"]["type"]) == ("rows-rejected", "/problems/rows-rejected")
    assert len(await partner.errors(job)) == 21
    assert await count_of(db, "nothing-") == await events_of(db, "nothing-") == 0
    assert "Consistency-Token" not in (await partner.get(job["location"])).headers
    assert (await partner.rejected(job)).text.count("nothing-") == 21


async def test_a_dry_run_counts_what_partial_would_and_stores_nothing(partner: Partner, db: asyncpg.Connection) -> None:
    await partner.load(csv_of([{"code": "dry-5", "title": "Book 5"}, {"code": "dry-6", "title": "other"}]))
    job = await partner.load(mixed("dry-"), "dry_run")
    assert job["state"] == "succeeded"
    assert job["summary"] == summary(received=1500, created=1477, updated=1, unchanged=1, rejected=21)
    assert await count_of(db, "dry-") == 2
    assert await events_of(db, "dry-") == 2
    assert len(await partner.errors(job)) == 21
    real = await partner.load(mixed("dry-"))
    assert real["summary"] == job["summary"]
    assert await partner.errors(real) == await partner.errors(job)


@pytest.mark.parametrize("mode", ["partial", "atomic", "dry_run"])
async def test_progress_moves_and_an_import_may_be_cancelled(
    partner: Partner, db: asyncpg.Connection, faults: Faults, mode: str
) -> None:
    faults.slow_seconds = 60
    rows = unique_books(f"cancel-{mode}-", 1500)
    rows[10]["title"] = ""
    rows[1100]["title"] = "slow"
    taken = await partner.send_file(csv_of(rows), mode)
    location = taken.headers["Location"]
    async with asyncio.timeout(30):
        while (job := (await partner.get(location)).json())["progress"] != {"done": 1000, "total": 1500}:
            assert job["state"] in ("queued", "running")
            await asyncio.sleep(0.05)
    assert job["state"] == "running"
    assert job["summary"]["rejected"] == 1
    asked = await partner.delete(location)
    began = time.monotonic()
    assert (asked.status_code, asked.json()["state"]) == (202, "running")
    job = await partner.end_of(location)
    assert time.monotonic() - began < 2
    created = 0 if mode == "atomic" else 999
    assert (job["state"], job["summary"]) == ("cancelled", summary(received=1000, created=created, rejected=1))
    assert await count_of(db, f"cancel-{mode}-") == (999 if mode == "partial" else 0)
    assert len(await partner.errors(job)) == 1
    late = await partner.delete(location)
    assert (late.status_code, late.json()["code"], late.json()["state"]) == (409, "wrong-state", "cancelled")


async def test_what_waits_its_turn_is_cancelled_at_once(partner: Partner, faults: Faults) -> None:
    faults.slow_seconds = 60
    first = await partner.send_file("code,title\nturn-1,slow\n")
    second = await partner.send_file("code,title\nturn-2,A\n")
    ended = await partner.delete(second.headers["Location"])
    assert (ended.status_code, ended.json()["state"]) == (202, "cancelled")
    assert ended.json()["finished_at"]
    await partner.delete(first.headers["Location"])
    await partner.end_of(first.headers["Location"])
    job = await partner.end_of(second.headers["Location"])
    assert (job["state"], job["summary"]) == ("cancelled", summary())


async def test_unknown_ids_are_waited_for_two_seconds_in_all(partner: Partner, faults: Faults) -> None:
    began = time.monotonic()
    rows = unique_books("patience-", 2000)
    for row in rows[::500]:
        row["title"] = "unknown"
    assert (await partner.load(csv_of(rows)))["summary"]["created"] == 2000
    assert time.monotonic() - began > 2
    assert 10 < faults.looks < 120
    once = faults.looks
    await partner.load(csv_of(rows))
    assert faults.looks > once + 10  # the next job has its own patience
