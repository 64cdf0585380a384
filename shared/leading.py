"""Work that only one process does for a database: it holds a lock of its session, and whoever does not get it stands by."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared.permissions.who import SYSTEM

STANDBY_SECONDS = 1.0


@asynccontextmanager
async def leading(engine: AsyncEngine, lock: str, standing_by: Callable[[], None]) -> AsyncIterator[AsyncConnection]:
    """A connection that holds `lock`. Closed, not given back, it frees it: a lost connection is also a lost lock."""
    while True:
        async with engine.connect() as connection:
            if await locked(connection, lock):
                await look_as_the_programme(connection)
                try:
                    yield connection
                finally:
                    await connection.invalidate()
                return
        standing_by()
        await asyncio.sleep(STANDBY_SECONDS)


async def look_as_the_programme(connection: AsyncConnection) -> None:
    """What is done in nobody's name sees all; the connection is closed afterwards."""
    async with connection.begin():
        await connection.execute(select(func.set_config("score.role", SYSTEM, False)))


async def locked(connection: AsyncConnection, lock: str) -> bool:
    async with connection.begin():
        return bool(await connection.scalar(select(func.pg_try_advisory_lock(func.hashtextextended(lock, 0)))))
