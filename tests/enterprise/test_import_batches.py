"""A batch costs the same number of statements whatever its size."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from services.enterprise_svc.enterprises.importer import EnterpriseImporter
from services.enterprise_svc.enterprises.schemas import EnterpriseRow
from shared.db import Database, create_engine, uuid7
from shared.imports import Job, Outcome, Row
from tests import builders
from tests.conftest import System


@pytest.fixture
async def database(system: System) -> AsyncIterator[Database]:
    database = Database(create_engine(system.database_url("enterprise")))
    yield database
    await database.close()


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    yield statements
    event.remove(database.engine.sync_engine, "before_cursor_execute", note)


async def store(database: Database, records: Sequence[dict[str, object]]) -> tuple[list[Outcome], int]:
    """Outcomes and the number of statements."""
    rows = [Row(number, EnterpriseRow.model_validate(record)) for number, record in enumerate(records, 1)]
    with counted(database) as statements:
        async with database.transaction() as session:
            outcomes = await EnterpriseImporter().store(session, rows, Job(id=uuid7(), by="a test", ids={}))
    return outcomes, len(statements)


def named(ref: str, **changes: object) -> dict[str, object]:
    return {"legal_name": ref, "country": "GH", "external_ref": ref} | changes


async def test_new_rows(database: Database) -> None:
    costs = []
    for size in (2, 200):
        records = [named(builders.unique(), identifiers={"gln": builders.gln()}) for _ in range(size)]
        outcomes, cost = await store(database, records)
        assert outcomes == ["created"] * size
        costs.append(cost)
    assert costs[0] == costs[1]


async def test_rows_that_each_change_something_else(database: Database) -> None:
    changes: list[dict[str, object]] = [
        {"isic": "1410"},
        {"languages": ["en"]},
        {"address": {"city": "Accra"}, "isic": "1430"},
    ]
    costs = []
    for size in (4, 200):
        refs = [builders.unique() for _ in range(size)]
        await store(database, [named(ref) for ref in refs])
        records = [named(ref) | changes[n % 3] for n, ref in enumerate(refs)]
        records[-1] = named(refs[-1]) | {"identifiers": {"gln": builders.gln()}}
        outcomes, cost = await store(database, records)
        assert outcomes == ["updated"] * size
        assert (await store(database, records))[0] == ["unchanged"] * size
        costs.append(cost)
    assert costs[0] == costs[1]
