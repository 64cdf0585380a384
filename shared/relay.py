"""Carries announced events from the outbox to the broker, in order: one relay at a time for each database.

The mark follows the broker's acknowledgement. A crash between the two publishes again; the broker's window and the inboxes
see to it that nobody notices.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from uuid import UUID

import asyncpg
import structlog
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from shared import outbox
from shared.db import Database, Driver, driver_of
from shared.envelope import Row, headers_of
from shared.failures import reason
from shared.leading import leading
from shared.nats import STREAM, BrokerError, Bus, Message, Refused
from shared.tables import streams_seen

BATCH = 500
POLL_SECONDS = 0.5  # a nudge wakes at once; this is for what other processes announced
RETRY_SECONDS = 0.5
LOOK_SECONDS = 10  # how often the stream is looked at: is it still the one we knew?
DATABASE_SECONDS = 30.0
LOCK = "score relay"
log = structlog.get_logger()


class Relay:
    """`run` for ever, `nudge` after a commit; `problem` says why events wait, None if they do not."""

    def __init__(self, database: Database, bus: Bus, service: str) -> None:
        self._engine, self._bus, self._service = database.engine, bus, service
        self._awake = asyncio.Event()
        self._own_problem: str | None = None

    @property
    def problem(self) -> str | None:
        return self._bus.problem or self._own_problem

    def nudge(self) -> None:
        self._awake.set()

    async def run(self) -> None:
        """Never returns: a failure is told by `problem` and tried again."""
        while True:
            try:
                async with leading(self._engine, LOCK, self._stand_by) as connection:
                    await self._serve(connection)
            except Exception as error:
                log.warning("events wait", error=str(error) if isinstance(error, BrokerError) else reason(error))
                self._own_problem = f"events-wait: {type(error).__name__}"
            await asyncio.sleep(RETRY_SECONDS)

    async def _serve(self, connection: AsyncConnection) -> None:
        """Ends by an exception only: a lost connection is also a lost lock."""
        looked: tuple[int, int] | None = None
        driver = await driver_of(connection)
        while True:
            self._awake.clear()
            if self._bus.problem is None:
                moment = (self._bus.generation, int(time.monotonic() / LOOK_SECONDS))
                if moment != looked:
                    await self._mend_lost_stream(connection)
                    looked = moment
                await self._drain(driver)
                self._own_problem = None
            with suppress(TimeoutError):
                await asyncio.wait_for(self._awake.wait(), POLL_SECONDS)

    def _stand_by(self) -> None:
        self._own_problem = None

    async def _mend_lost_stream(self, connection: AsyncConnection) -> None:
        """The database is the record, the stream is transport: a new stream gets everything that is still kept."""
        created = (await self._bus.consumer_info())["created"]
        async with asyncio.timeout(DATABASE_SECONDS), connection.begin():
            before = await seen(connection, created)
            if before not in (None, created):
                log.error("the stream is a new one", published_again=await outbox.publish_again(connection))

    async def _drain(self, driver: Driver) -> None:
        full = True
        while full and self._bus.problem is None:
            rows = await self._waiting(driver)
            if rows:
                await self._mark(driver, await self._publish(rows))
            full = len(rows) == BATCH

    async def _waiting(self, driver: Driver) -> Sequence[asyncpg.Record]:
        async with asyncio.timeout(DATABASE_SECONDS):
            return await outbox.unpublished(driver, BATCH)

    async def _publish(self, rows: Sequence[asyncpg.Record]) -> dict[UUID, int]:
        """Event id -> its sequence in the stream."""
        messages = [message_of(row, self._service) for row in rows]
        try:
            # alone, a message is written to the disk once; as a batch of one it would be several times
            many = len(messages) > 1
            places = await (self._bus.publish_batch(messages) if many else self._bus.publish_each(messages))
        except Refused:
            # published before, but not marked: now one after the other, in the same order
            places = await self._bus.publish_each(messages)
        return {row["event_id"]: place for row, place in zip(rows, places, strict=True)}

    async def _mark(self, driver: Driver, places: Mapping[UUID, int]) -> None:
        async with asyncio.timeout(DATABASE_SECONDS):
            await outbox.mark_published(driver, places)


async def seen(connection: AsyncConnection, created: str) -> str | None:
    """Remembers when the present stream was made (its consumer is as old); gives what was remembered before."""
    before = await connection.scalar(select(streams_seen.c.created).where(streams_seen.c.stream == STREAM))
    if before != created:
        new = insert(streams_seen).values(stream=STREAM, created=created)
        await connection.execute(new.on_conflict_do_update(index_elements=["stream"], set_={"created": created}))
    return before


def message_of(row: Row, service: str) -> Message:
    return Message(row["subject"], headers_of(row, service), row["payload"].encode())
