"""The database is told who asks: with the word that begins a transaction, for that transaction, and nobody else's."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.context import Context, using
from shared.db import Database, create_engine, unfenced
from shared.permissions.who import Who
from tests.shared.events.conftest import new_database
from tests.shared.events.servers import Postgres

ASKED = text("select current_setting('score.role', true), current_setting('score.countries', true)")
QUOTED = Who("it's", ("C'N", "\\", "$1"))


@pytest.fixture
async def database(postgres: Postgres) -> AsyncIterator[Database]:
    """On one connection, so that whatever is left on it is the next one's."""
    database = Database(create_engine(await new_database(postgres), pool_size=1))
    yield database
    await database.close()


async def told_to(session: AsyncSession) -> Any:
    return tuple((await (await session.connection()).execute(ASKED)).one())


async def told_to_nobody(database: Database) -> bool:
    async with database.engine.connect() as connection:
        return not any((await connection.execute(ASKED)).one())


async def test_each_transaction_is_told_in_whose_name_it_is(database: Database) -> None:
    for who in (QUOTED, Who("coordinator", ("CN", "IN"))):
        with using(Context(who=who)):
            async with database.transaction() as session:
                assert await told_to(session) == (who.role, ",".join(who.countries))
                async with unfenced(session):
                    assert await told_to(session) == ("system", "")
                assert await told_to(session) == (who.role, ",".join(who.countries))
                async with session.begin_nested():
                    assert await told_to(session) == (who.role, ",".join(who.countries))
            async with database.snapshot() as session:
                assert await told_to(session) == (who.role, ",".join(who.countries))
        assert await told_to_nobody(database)


async def test_what_was_to_be_told_for_a_transaction_that_never_began_is_told_to_nobody(database: Database) -> None:
    async with database.transaction() as session:
        await session.connection()  # taken, and nothing is said on it
    assert await told_to_nobody(database)


async def test_a_transaction_after_one_that_failed_is_told_anew(database: Database) -> None:
    with using(Context(who=Who("trainer"))), pytest.raises(DBAPIError):
        async with database.transaction() as session:
            await (await session.connection()).execute(text("select 1 / 0"))
    async with database.transaction() as session:
        assert await told_to(session) == ("system", "")
