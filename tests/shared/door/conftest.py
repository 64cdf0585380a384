"""The toys on a real PostgreSQL and a real NATS, served by the server that every process uses."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from shared.http_protocol import StrictHttp
from shared.migrations import Revisions
from shared.settings import ServiceSettings
from shared.tables import mechanisms
from tests.conftest import free_port
from tests.gateway.servers import Running, until
from tests.shared.door.toys import Base, create_app
from tests.shared.events.servers import Nats, Postgres
from tests.shared.events.things import declare_on
from tests.shared.test_auth import ISSUER, Issuer, token

ALL = "toys:read toys:write secret-toys:write"


@dataclass
class World:
    """The servers around the toys."""

    postgres: Postgres
    nats: Nats
    issuer: Running
    databases: list[str] = field(default_factory=list)

    def environment(self, database: str, port: int) -> dict[str, str]:
        return {
            "SCORE_DATABASE_URL_ENTERPRISE": self.postgres.url(database),
            "SCORE_SECRET": "a secret of the tests, long enough for it",
            "SCORE_PUBLIC_URL": ISSUER,
            "SCORE_JWKS_URL": f"{self.issuer.url}/jwks",
            "SCORE_NATS_URL": self.nats.url,
            "SCORE_NATS_PASSWORD_ENTERPRISE": "enterprise",
            "SCORE_NATS_PASSWORD_MONITOR": "monitor",
            "SCORE_PORT_ENTERPRISE": str(port),
        }

    def new_database(self) -> str:
        name = f"toys_{len(self.databases)}"
        self.databases.append(name)
        asyncio.run(make_database(self.postgres, name))
        return name

    @contextmanager
    def serving(self, database: str, **changes: str) -> Iterator[Running]:
        settings = ServiceSettings.read("enterprise", self.environment(database, port=0) | changes)
        options = {"http": StrictHttp, "lifespan": "on", "timeout_keep_alive": 75, "proxy_headers": False}
        with Running(create_app(settings), **options) as running:
            until(lambda: httpx.get(f"{running.url}/v1/toys", headers=bearer()).status_code == 200)
            yield running


async def make_database(postgres: Postgres, name: str) -> None:
    connection = await asyncpg.connect(postgres.url())
    await connection.execute(f"create database {name}")
    await connection.close()
    engine = create_async_engine(postgres.url(name).replace("postgresql", "postgresql+asyncpg"))
    async with engine.begin() as tables:
        for metadata in (mechanisms, Base.metadata):
            await tables.run_sync(metadata.create_all)
    await engine.dispose()
    connection = await asyncpg.connect(postgres.url(name))
    await connection.execute("create table alembic_version (version_num text primary key)")
    heads = [(head,) for head in Revisions.of("enterprise").heads]
    await connection.executemany("insert into alembic_version values ($1)", heads)
    await connection.close()


@contextmanager
def a_world(folder: Path) -> Iterator[World]:
    (folder / "nats").mkdir()
    (folder / "postgres").mkdir()
    postgres, nats = Postgres(folder / "postgres"), Nats(folder / "nats")
    postgres.start()
    nats.start()
    asyncio.run(declare_on(nats))
    with Running(Issuer(), lifespan="off") as issuer:
        yield World(postgres, nats, issuer)
    nats.stop()
    postgres.stop()


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with a_world(tmp_path_factory.mktemp("door")) as world:
        yield world


@pytest.fixture(scope="session")
def served(world: World) -> Iterator[Running]:
    with world.serving(world.new_database()) as running:
        yield running


@contextmanager
def toys_process(world: World, database: str, log: Path | None = None, **changes: str) -> Iterator[str]:
    """The toys in a process of their own, under `-9` at the end."""
    port = free_port()
    environment = os.environ | world.environment(database, port) | changes
    command = [sys.executable, "-m", "tests.shared.door.process"]
    with (log or Path(os.devnull)).open("wb") as out:
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=out, start_new_session=True)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def bearer(scope: str = ALL, client: str = "client-1", **claims: Any) -> dict[str, str]:
    signed = token(scope=scope, client_id=client, sub=client, **claims)
    return {"Authorization": f"Bearer {signed}"}


@pytest.fixture
async def toys(served: Running) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(served.url) as client:
        yield client


def client_of(url: str, **options: Any) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=url, timeout=20, headers=bearer(**options), limits=httpx.Limits())


def toy(**changes: Any) -> dict[str, Any]:
    return {"name": "Horse", "kind": "wooden", "country": "GH"} | changes


async def make(toys: httpx.AsyncClient, **changes: Any) -> dict[str, Any]:
    answer = await toys.post("/v1/toys", json=toy(**changes))
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def assert_problem(answer: httpx.Response, status: int, code: str, **place: str | None) -> dict[str, Any]:
    """`place`: what the first of `errors` must say, for instance `pointer="/name", error="nul_character"`."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    assert (document["code"], document["type"], document["status"]) == (code, f"/problems/{code}", status)
    assert document["request_id"] == answer.headers["x-request-id"]
    assert document["title"]
    assert document["detail"]
    if place:
        first: Mapping[str, Any] = document["errors"][0]
        wanted = {"code" if name == "error" else name: value for name, value in place.items()}
        assert {name: first.get(name) for name in wanted} == wanted, document
    return document
