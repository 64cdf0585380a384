"""The real schema in databases of our own, so that a test may do to a history what nobody may."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from shared.audit.sealer import Sealer
from shared.audit.verify import Report, verify
from shared.db import Database, create_engine
from shared.telemetry import Metrics
from tests.shared.events.servers import Postgres

SECRET = "a secret of the tests, long enough for it"
INSERT = """
insert into history (aggregate, aggregate_id, version, at, by, request_id, changes)
values ('Toy', $1, $2, now(), 'client-1', 'request-1', $3::jsonb) returning id
"""
ROLES = "create role metrics_owner login createdb nosuperuser; create role metrics_app login nosuperuser;"
_numbers = count(1)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    server = Postgres(tmp_path_factory.mktemp("audited"))
    server.start()
    asyncio.run(run(server.url(), ROLES, "create database sample owner metrics_owner"))
    asyncio.run(run(server.url("sample"), "alter schema public owner to metrics_owner"))
    environment = os.environ | {"SCORE_MIGRATION_URL_METRICS": as_role(server, "sample", "metrics_owner")}
    subprocess.run([sys.executable, "-m", "shared.migrations", "metrics"], env=environment, check=True)
    yield server
    server.stop()


def as_role(server: Postgres, database: str, role: str) -> str:
    return server.url(database).replace("postgres@", f"{role}@")


async def run(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url)
    for statement in statements:
        await connection.execute(statement)
    await connection.close()


@dataclass
class Ledger:
    """One database with a history, and each way to it: as the application, as the owner, as the superuser."""

    server: Postgres
    name: str
    database: Database
    superuser: asyncpg.Connection

    def url(self, role: str = "metrics_app") -> str:
        return as_role(self.server, self.name, role)

    def sealer(self) -> Sealer:
        return Sealer(self.database, "metrics", SECRET, Metrics())

    async def change(
        self, aggregate: UUID | None = None, version: int = 1, changes: str = '{"name": [null, "a"]}'
    ) -> int:
        return int(await self.superuser.fetchval(INSERT, aggregate or uuid4(), version, changes))

    async def seal(self) -> None:
        """As a process does that starts and ends."""
        sealer = self.sealer()
        running = asyncio.create_task(sealer.run())
        await sealer.finish()
        await asyncio.wait_for(running, 5)

    async def verify(self, *heads: Any) -> Report:
        return await verify(self.database.engine, "metrics", heads)

    async def tamper(self, *statements: str) -> None:
        """What only a superuser can do: the trigger is off for this session."""
        await self.superuser.execute("set session_replication_role = replica")
        for statement in statements:
            await self.superuser.execute(statement)
        await self.superuser.execute("set session_replication_role = origin")

    def command(self, *options: str) -> subprocess.CompletedProcess[str]:
        environment = os.environ | {"SCORE_DATABASE_URL_METRICS": self.url(), "SCORE_SECRET": SECRET}
        command = [sys.executable, "-m", "shared.audit", "verify", "metrics", *options]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)


@pytest.fixture
async def ledger(postgres: Postgres) -> AsyncIterator[Ledger]:
    name = f"ledger_{next(_numbers)}"
    await run(postgres.url(), f"create database {name} template sample owner metrics_owner")
    database = Database(create_engine(as_role(postgres, name, "metrics_app")))
    superuser = await asyncpg.connect(postgres.url(name))
    yield Ledger(postgres, name, database, superuser)
    await superuser.close()
    await database.close()


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "metrics.jsonl"
