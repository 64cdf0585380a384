"""Revisions: what a service knows of them without Alembic is what Alembic knows, and neither a check of the schema nor a
second start disturbs anybody."""

import asyncio
import json
import os
import sys
from pathlib import Path

import asyncpg
import pytest
from alembic.script import ScriptDirectory
from alembic.util import to_tuple

from shared.migrations import PACKAGES, Revision, Revisions, config_for, revisions_in
from tests.conftest import System


@pytest.mark.parametrize("service", sorted(PACKAGES))
def test_the_revisions_a_service_waits_for_are_those_alembic_would_bring(service: str) -> None:
    script = ScriptDirectory.from_config(config_for(service, url=""))
    known = list(script.walk_revisions())
    implied = {name for one in known for name in to_tuple(one.dependencies, default=())}
    read = Revisions.of(service)
    assert read.known == {one.revision for one in known}
    assert read.heads == set(script.get_heads()) - implied


def test_several_may_be_followed_and_needed(tmp_path: Path) -> None:
    (tmp_path / "0001_a.py").write_text('revision = "a_1"\ndown_revision = None\ndepends_on = None\n')
    (tmp_path / "0002_b.py").write_text('revision = "a_2"  # why\ndown_revision = ("a_1", "a_0")\ndepends_on = "c_1"\n')
    assert list(revisions_in([tmp_path])) == [Revision("a_1", (), ()), Revision("a_2", ("a_1", "a_0"), ("c_1",))]


@pytest.mark.parametrize("service", ["enterprise", "metrics"])
async def test_neither_a_check_nor_a_second_start_waits_for_anybody(system: System, service: str) -> None:
    """While somebody is in the middle of a transaction that has looked at every table."""
    at_work = await system.connect(service)
    try:
        async with at_work.transaction():
            for (table,) in await at_work.fetch("select tablename from pg_tables where schemaname = 'public'"):
                await at_work.execute(f"select 1 from {table} limit 1")
            assert await asyncio.wait_for(migrated(system, service, "--check"), 60) == 0
            assert await asyncio.wait_for(migrated(system, service), 60) == 0
    finally:
        await at_work.close()


@pytest.mark.parametrize(
    "damage", ["drop policy score_read on programmes", "alter policy score_read on programmes using (true)"]
)
async def test_a_fence_that_somebody_has_damaged_is_put_up_again(system: System, damage: str) -> None:
    owner = await asyncpg.connect(owners_url(system, "enterprise"))
    try:
        before = await owner.fetch(FENCE)
        await owner.execute(damage)
        assert await owner.fetch(FENCE) != before
        assert await migrated(system, "enterprise") == 0
        assert await owner.fetch(FENCE) == before
    finally:
        await owner.close()


FENCE = "select policyname, cmd, qual, with_check from pg_policies where tablename = 'programmes' order by policyname"


def owners_url(system: System, service: str) -> str:
    secrets = json.loads((system.home / "secrets.json").read_text())
    url = system.database_url(service).replace(f"{service}_app:", f"{service}_owner:", 1)
    return url.replace(secrets[f"postgres_{service}_app"], secrets[f"postgres_{service}_owner"], 1)


async def migrated(system: System, service: str, *how: str) -> int:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "shared.migrations", service, *how),
        env=os.environ | {f"SCORE_MIGRATION_URL_{service.upper()}": owners_url(system, service)},
    )
    try:
        return await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
