from collections.abc import AsyncIterator, Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from shared.db import Database
from tests.shared.events.servers import Nats, Postgres
from tests.shared.events.things import Service, declare_on

_numbers = count(1)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    server = Postgres(tmp_path_factory.mktemp("postgres"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def nats(tmp_path: Path) -> AsyncIterator[Nats]:
    server = Nats(tmp_path)
    server.start()
    await declare_on(server)
    yield server
    server.stop()


Make = Callable[..., Any]


@pytest.fixture
async def make(postgres: Postgres, nats: Nats) -> AsyncIterator[Make]:
    """`await make("training")`: a service on a new database; `beside=` puts a second process beside another."""
    databases: list[Database] = []

    async def service(name: str, beside: Service | None = None, **kinds: Any) -> Service:
        url = beside.database.engine.url if beside else await new_database(postgres)
        made = Service(name, url if isinstance(url, str) else url.render_as_string(hide_password=False), nats, **kinds)
        databases.append(made.database)
        if beside is None:
            await made.create_tables()
        return made

    yield service
    for database in databases:
        await database.close()


async def new_database(postgres: Postgres) -> str:
    name = f"test_{next(_numbers)}"
    engine = create_async_engine(
        postgres.url().replace("postgresql", "postgresql+asyncpg"), isolation_level="AUTOCOMMIT"
    )
    async with engine.connect() as connection:
        await connection.execute(text(f"create database {name}"))
    await engine.dispose()
    return postgres.url(name)


@pytest.fixture
async def publisher(make: Make) -> AsyncIterator[Service]:
    service: Service = await make("enterprise")
    async with service.running():
        yield service


@pytest.fixture
async def subscriber(make: Make) -> AsyncIterator[Service]:
    service: Service = await make("training")
    async with service.running():
        yield service
