"""Sealing: everything that was committed, once, in order, soon; whoever writes does not wait for it."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
import structlog
from sqlalchemy import select

from shared.audit import sealer as sealing
from shared.audit.chain import Head
from shared.tables import history, history_seals
from tests.shared.audit.conftest import INSERT, SECRET, Ledger

UNSEALED = "select count(*) from history h where not exists (select from history_seals where history_id = h.id)"


@asynccontextmanager
async def sealed_by(ledger: Ledger, number: int = 1) -> AsyncIterator[list[sealing.Sealer]]:
    sealers = [ledger.sealer() for _ in range(number)]
    loops = [asyncio.create_task(one.run()) for one in sealers]
    yield sealers
    for loop in loops:
        loop.cancel()
    await asyncio.gather(*loops, return_exceptions=True)


async def until(true: Callable[[], Awaitable[bool]], seconds: float = 5) -> None:
    async with asyncio.timeout(seconds):
        while not await true():  # noqa: ASYNC110 - what is waited for is in the database
            await asyncio.sleep(0.02)


async def all_sealed(ledger: Ledger, seconds: float = 5) -> None:
    async def sealed() -> bool:
        return not await ledger.superuser.fetchval(UNSEALED)

    await until(sealed, seconds)


async def write(ledger: Ledger, transactions: int, longest: float) -> None:
    """One aggregate after the other, each in some versions, in transactions that take a while."""
    connection = await asyncpg.connect(ledger.url(), server_settings={"score.role": "system"})
    for _ in range(transactions):
        aggregate = uuid4()
        for version in (1, 2):
            async with connection.transaction():
                for one in (aggregate, uuid4()):
                    await connection.fetchval(INSERT, one, version if one == aggregate else 1, "{}")
                await asyncio.sleep(random.uniform(0, longest))
    await connection.close()


async def write_among_late_commits(ledger: Ledger) -> None:
    long_one = write(ledger, 1, 1.5)
    await asyncio.gather(long_one, *(write(ledger, 30, 0.03) for _ in range(8)))


async def test_late_commits_are_sealed_too(ledger: Ledger) -> None:
    async with sealed_by(ledger):
        await write_among_late_commits(ledger)
        await all_sealed(ledger)
    report = await ledger.verify()
    assert (report.wrong, report.head.seq) == ([], 964)


async def behind_the_last(connection: Any, _: str) -> Sequence[int]:
    last = await connection.scalar(select(sealing.func.max(history_seals.c.history_id))) or 0
    return (
        (await connection.execute(select(history.c.id).where(history.c.id > last).order_by(history.c.id)))
        .scalars()
        .all()
    )


async def test_a_sealer_that_looks_behind_the_last_id_misses_some(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: if this one missed none, the test above would prove nothing."""
    monkeypatch.setattr(sealing, "unsealed", behind_the_last)
    async with sealed_by(ledger):
        await write_among_late_commits(ledger)
        with pytest.raises(TimeoutError):
            await all_sealed(ledger, seconds=2)


async def test_a_change_is_sealed_within_a_second(ledger: Ledger) -> None:
    async with sealed_by(ledger) as (sealer,):
        for _ in range(5):
            await ledger.change()
            await all_sealed(ledger, seconds=1)
        assert (sealer.problem, sealer.lag < 2) == (None, True)


async def test_of_two_sealers_one_seals_and_the_other_takes_over(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.leading.STANDBY_SECONDS", 0.05)
    async with sealed_by(ledger, 2):
        await write(ledger, 50, 0)
        await ledger.superuser.execute(
            "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and pid <> pg_backend_pid()"
        )
        await write(ledger, 50, 0)
        await all_sealed(ledger)
    assert (await ledger.verify()).wrong == []


async def test_the_end_of_a_process_seals_what_is_left_and_tells_the_head(ledger: Ledger) -> None:
    with structlog.testing.capture_logs() as logs:
        async with sealed_by(ledger) as (sealer,):
            await all_sealed(ledger)
            await write(ledger, 1, 0)
            await sealer.finish()
    told = [Head.read(line["head"], SECRET) for line in logs if line["event"] == "history head"]
    last = await ledger.superuser.fetchval("select hash from history_seals where seq = 4")
    assert told[-1] == Head("metrics", 4, last)


async def test_a_head_is_told_every_hour(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "HEAD_SECONDS", 0.01)
    with structlog.testing.capture_logs() as logs:
        async with sealed_by(ledger):
            await asyncio.sleep(1)
    assert len(logs) > 1


async def test_a_sealer_that_cannot_seal_says_so(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "LATE_SECONDS", 1.0)
    monkeypatch.setattr(sealing, "RETRY_SECONDS", 0.05)
    async with sealed_by(ledger) as (sealer,):

        async def good() -> bool:
            return sealer.problem is None

        async def bad() -> bool:
            return str(sealer.problem).startswith("history-unsealed")

        await all_sealed(ledger)
        await ledger.superuser.execute("alter table history_seals rename to elsewhere")
        await until(bad)
        await ledger.superuser.execute("alter table elsewhere rename to history_seals")
        await until(good)
