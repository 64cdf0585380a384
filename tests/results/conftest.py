"""A database of metrics_svc alone, for what needs no other process."""

from collections.abc import AsyncIterator, Iterator

import pytest
from sqlalchemy import text

from services.metrics_svc import main, tables
from shared.db import Database, create_engine
from shared.tables import mechanisms
from tests.shared.events.servers import Postgres

assert main  # every table is declared once the service is imported


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    server = Postgres(tmp_path_factory.mktemp("postgres"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
async def schema(postgres: Postgres) -> AsyncIterator[Database]:
    database = Database(create_engine(postgres.url()))
    async with database.engine.begin() as connection:
        for metadata in (mechanisms, tables.Base.metadata):
            await connection.run_sync(metadata.create_all)
    yield database
    await database.close()


@pytest.fixture
async def database(schema: Database) -> Database:
    """Empty tables."""
    names = [table.name for metadata in (mechanisms, tables.Base.metadata) for table in metadata.sorted_tables]
    async with schema.engine.begin() as connection:
        await connection.execute(text(f"truncate {', '.join(names)}"))
    return schema
