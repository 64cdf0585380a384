"""A few connections to a database on which questions are asked, one word each: nothing is begun on them, nothing is left behind.

asyncpg's own pool makes a task for each taking and giving back, which is more than a question by id costs otherwise.
"""

import asyncio
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import asyncpg

AT_ONCE = 6
PATIENCE_SECONDS = 5.0  # to connect, and to wait for one that is free
CLOSE_SECONDS = 2.0

# what the driver says of a connection that the other side has just ended differs with the moment
LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)


class Connections:
    """Opened when they are needed; the one used last is used first."""

    def __init__(self, options: Mapping[str, Any], settings: Mapping[str, str]) -> None:
        """`options` of the driver; `settings` that the database is to have for each."""
        self._options, self._settings = options, settings
        self._free: deque[asyncpg.Connection[asyncpg.Record]] = deque()
        self._places = asyncio.Semaphore(AT_ONCE)
        self._endings: set[asyncio.Task[None]] = set()
        self._losses = 0

    async def ask(self, question: str, *values: Any) -> list[asyncpg.Record]:
        """The rows; `ConnectionDoesNotExistError` where a connection was lost: whoever asks again gets a new one."""
        await self._take_place()
        try:
            return await self._ask(question, values)
        except LOST as error:
            if isinstance(error, ValueError):  # it could not be asked so
                raise
            self._lose()
            raise asyncpg.ConnectionDoesNotExistError("it was ended") from error
        finally:
            self._places.release()

    async def close(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                for _ in range(AT_ONCE):
                    await self._places.acquire()
        self._lose()
        if self._endings:
            await asyncio.wait(self._endings)

    async def _take_place(self) -> None:
        if not self._places.locked():
            await self._places.acquire()
            return
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self._places.acquire()

    async def _ask(self, question: str, values: tuple[Any, ...]) -> list[asyncpg.Record]:
        losses, connection = self._losses, await self._take()
        answered = True
        try:
            return await connection.fetch(question, *values)
        except asyncio.CancelledError:
            answered = False
            raise
        finally:
            if answered and losses == self._losses and not connection.is_closed():
                self._free.append(connection)
            else:
                self._end(connection)

    async def _take(self) -> "asyncpg.Connection[asyncpg.Record]":
        while self._free:
            if not (connection := self._free.pop()).is_closed():
                return connection
        return await asyncpg.connect(**self._options, timeout=PATIENCE_SECONDS, server_settings=dict(self._settings))

    def _lose(self) -> None:
        """The others will have been ended too, seen or not yet."""
        self._losses += 1
        while self._free:
            self._end(self._free.pop())

    def _end(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        ending = asyncio.create_task(end(connection))
        self._endings.add(ending)
        ending.add_done_callback(self._endings.discard)


async def end(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """With what is still asked on it."""
    with suppress(*LOST, OSError):
        await connection.close(timeout=CLOSE_SECONDS)
