"""Somebody with a good token who wants others to have none of the service."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from shared.db import uuid7
from tests import builders
from tests.attacks.scene import Scene
from tests.conftest import System, pause
from tests.traces import superuser

AT_ONCE = 24
BUSY = "select count(*) from pg_stat_activity where usename = 'metrics_app' and state = 'idle in transaction'"


@pytest.fixture
async def attacker(scene: Scene, system: System) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": f"Bearer {scene.attackers['enterprise'].token()}"}
    async with httpx.AsyncClient(base_url=system.url, headers=headers, timeout=60) as client:
        yield client


async def test_who_makes_up_ids_holds_no_connection_while_they_are_waited_for(
    attacker: httpx.AsyncClient, system: System
) -> None:
    """They might be on their way from another service; each waited in its transaction until nobody else could begin one."""
    bodies = [builders.observation(str(uuid7()), state="draft") for _ in range(AT_ONCE)]
    sent = [asyncio.create_task(attacker.post("/v1/observations", json=body)) for body in bodies]
    held = []
    async with superuser(system, "metrics") as connection:
        while not all(one.done() for one in sent):
            held.append(await connection.fetchval(BUSY))
            await pause()
    assert {(await one).status_code for one in sent} <= {422, 503}  # 503: a busy machine sheds
    assert sorted(held)[len(held) // 2] < 8, held  # of sixteen


async def test_days_and_divisions_that_nobody_is_in_leave_nothing_behind(scene: Scene, system: System) -> None:
    donor = scene.attackers["donor"]
    for isic, as_of in (("97", "0003-03-31"), ("98", "1850-06-30"), ("99", "1999-12-31")):
        assert (await asyncio.to_thread(donor.get, "/v1/results", isic=isic, as_of=as_of)).status_code == 200
    async with superuser(system, "metrics") as connection:
        kept = "select count(*) from told_cells where key = any($1)"
        assert await connection.fetchval(kept, ["97", "98", "99"]) == 0
