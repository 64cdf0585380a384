"""The books on a real PostgreSQL and a real NATS, and what a partner does with files."""

import asyncio
import csv
import io
import json
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import chain, repeat
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
from tests.gateway.servers import Running, answer
from tests.shared.events.servers import Nats, Postgres
from tests.shared.events.things import declare_on
from tests.shared.imports import books
from tests.shared.test_auth import ISSUER, KEY, token

ALL = "books:read books:write"
CSV, NDJSON = "text/csv", "application/x-ndjson"
ENDED = ("succeeded", "failed", "cancelled")


async def gateway(scope: Any, receive: Any, send: Any) -> None:
    """What services ask of the gateway: its keys, and which tokens are void (none)."""
    keys = {"keys": [KEY.as_dict(private=False)]}
    await answer(send, 200, json.dumps(keys if scope["path"] == "/keys" else {}).encode())


class World:
    """The servers around the books."""

    def __init__(self, postgres: Postgres, nats: Nats, issuer: Running) -> None:
        self.postgres, self.nats, self.issuer, self.made = postgres, nats, issuer, 0

    def environment(self, database: str, port: int = 0) -> dict[str, str]:
        return {
            "SCORE_DATABASE_URL_ENTERPRISE": self.postgres.url(database),
            "SCORE_SECRET": "a secret of the tests, long enough for it",
            "SCORE_PUBLIC_URL": ISSUER,
            "SCORE_JWKS_URL": f"{self.issuer.url}/keys",
            "SCORE_NATS_URL": self.nats.url,
            "SCORE_NATS_PASSWORD_ENTERPRISE": "enterprise",
            "SCORE_NATS_PASSWORD_MONITOR": "monitor",
            "SCORE_PORT_ENTERPRISE": str(port),
        }

    def new_database(self) -> str:
        self.made += 1
        asyncio.run(make_database(self.postgres, f"books_{self.made}"))
        return f"books_{self.made}"

    def service(self, database: str, **changes: str) -> Running:
        settings = ServiceSettings.read("enterprise", self.environment(database) | changes)
        return Running(books.create_app(settings), http=StrictHttp, lifespan="on", timeout_keep_alive=75)


async def make_database(postgres: Postgres, name: str) -> None:
    connection = await asyncpg.connect(postgres.url())
    await connection.execute(f"create database {name}")
    await connection.close()
    engine = create_async_engine(postgres.url(name).replace("postgresql", "postgresql+asyncpg"))
    async with engine.begin() as tables:
        for metadata in (mechanisms, books.Base.metadata):
            await tables.run_sync(metadata.create_all)
    await engine.dispose()
    connection = await asyncpg.connect(postgres.url(name))
    await connection.execute("create table alembic_version (version_num text primary key)")
    heads = [(head,) for head in Revisions.of("enterprise").heads]
    await connection.executemany("insert into alembic_version values ($1)", heads)
    await connection.close()


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder: Path = tmp_path_factory.mktemp("imports")
    (folder / "nats").mkdir()
    (folder / "postgres").mkdir()
    postgres, nats = Postgres(folder / "postgres"), Nats(folder / "nats")
    postgres.start()
    nats.start()
    asyncio.run(declare_on(nats))
    with Running(gateway, lifespan="off") as issuer:
        yield World(postgres, nats, issuer)
    nats.stop()
    postgres.stop()


@pytest.fixture(scope="session")
def database(world: World) -> str:
    return world.new_database()


@pytest.fixture(scope="session")
def served(world: World, database: str) -> Iterator[Running]:
    with world.service(database) as running:
        yield running


@pytest.fixture
def faults(monkeypatch: pytest.MonkeyPatch) -> books.Faults:
    new = books.Faults()
    monkeypatch.setattr(books, "FAULTS", new)
    return new


class Partner(httpx.AsyncClient):
    """Sends files and waits for what becomes of them."""

    async def send_file(
        self, content: str | bytes, mode: str = "partial", kind: str = CSV, path: str = "/v1/books/imports", **more: Any
    ) -> httpx.Response:
        body = content.encode() if isinstance(content, str) else content
        headers = {"Content-Type": kind, **more.pop("headers", {})}
        return await self.post(f"{path}?mode={mode}", content=body, headers=headers, **more)

    async def load(self, content: str | bytes, mode: str = "partial", kind: str = CSV, **more: Any) -> dict[str, Any]:
        taken = await self.send_file(content, mode, kind, **more)
        assert taken.status_code == 202, taken.text
        return await self.end_of(taken.headers["Location"])

    async def end_of(self, location: str, seconds: float = 120) -> dict[str, Any]:
        async with asyncio.timeout(seconds):
            for pause in chain((0.02, 0.05), repeat(0.1)):
                answer = await self.get(location)
                assert answer.status_code in (200, 503), answer.text  # 503: a machine too busy to check tokens
                if answer.status_code == 200 and answer.json()["state"] in ENDED:
                    break
                await asyncio.sleep(pause)
        job: dict[str, Any] = answer.json()
        return job | {"location": location}

    async def errors(self, job: Mapping[str, Any]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        path = f"{job['location']}/errors?limit=500"
        while path:
            page = await self.get(path)
            assert page.status_code == 200, page.text
            found += page.json()["items"]
            link = page.headers.get("link", "")
            path = link.partition(">")[0].removeprefix("<")
        return found

    async def rejected(self, job: Mapping[str, Any]) -> httpx.Response:
        answer = await self.get(f"{job['location']}/rejected")
        assert answer.status_code == 200, answer.text
        return answer


def partner_of(url: str, client: str = "client-1", scope: str = ALL, role: str = "programme_admin") -> Partner:
    signed = token(scope=scope, client_id=client, sub=client, role=role)
    return Partner(base_url=url, timeout=60, headers={"Authorization": f"Bearer {signed}"})


@pytest.fixture
async def partner(served: Running) -> AsyncIterator[Partner]:
    async with partner_of(served.url) as client:
        yield client


@asynccontextmanager
async def looking_into(world: World, database: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(world.postgres.url(database))
    try:
        yield connection
    finally:
        await connection.close()


@pytest.fixture
async def db(world: World, database: str) -> AsyncIterator[asyncpg.Connection]:
    async with looking_into(world, database) as connection:
        yield connection


# --- files -----------------------------------------------------------------------------------------------------


def csv_of(rows: Sequence[Mapping[str, Any]], header: Sequence[str] | None = None) -> str:
    names = header or list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def ndjson_of(rows: Sequence[Mapping[str, Any]]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def summary(
    received: int = 0, created: int = 0, updated: int = 0, unchanged: int = 0, rejected: int = 0
) -> dict[str, int]:
    return {
        "received": received,
        "created": created,
        "updated": updated,
        "unchanged": unchanged,
        "rejected": rejected,
    }


def unique_books(prefix: str, count: int, **values: Any) -> list[dict[str, Any]]:
    return [{"code": f"{prefix}{n}", "title": f"Book {n}"} | values for n in range(count)]
