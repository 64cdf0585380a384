"""The gateway's database seen from a request: there, or 503."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from sqlalchemy import Executable, Row
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.db import Database
from shared.outages import FAILURES, refusal_of


@asynccontextmanager
async def transaction(database: Database) -> AsyncIterator[AsyncSession]:
    """A transaction; `ServiceUnavailable` when the database is not to be had."""
    with there_or_unavailable():
        async with database.transaction() as session:
            yield session


async def rows_of(
    database: Database, statement: Executable, values: Mapping[str, Any] | None = None
) -> Sequence[Row[Any]]:
    """One statement of the gateway's own, by itself and at once: no transaction is begun for it."""
    with there_or_unavailable():
        async with database.engine.connect() as connection:
            alone = await connection.execution_options(isolation_level="AUTOCOMMIT")
            result = await alone.execute(statement, values)
            return result.all() if result.returns_rows else []


@contextmanager
def there_or_unavailable() -> Iterator[None]:
    try:
        yield
    except FAILURES as error:
        refusal = refusal_of(error)
        if refusal is error:  # a bug of ours
            raise
        raise refusal from error
