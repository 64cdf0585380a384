"""Door 2: takes events from the broker into the service, each exactly once.

begin -> inbox -> handlers -> commit -> acknowledge. A batch shares one transaction; when anything in it fails, each event gets
its own. What fails for a passing reason is delivered again later, what can't succeed becomes a dead letter, and neither stops
the others.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import structlog
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from shared import dead_letters, inbox, streams
from shared.arrivals import Arrivals
from shared.db import Database, now
from shared.envelope import Envelope
from shared.failures import reason
from shared.nats import HEARTBEAT_SECONDS, BrokerError, Bus, Delivery
from shared.subscriptions import Subscriptions

__all__ = ["Consumer", "Subscriptions"]

MAX_DELIVERIES = 8  # with the delays below: given up after about a minute
FIRST_DELAY, MAX_DELAY = 0.5, 30.0
STALL_SECONDS = 10.0
RETRY_SECONDS = 0.5
SKEW = timedelta(minutes=5)
# rollback (deadlock, serialization), lock not available, statement cancelled
PASSING_STATES = ("40", "55", "57014")
# connection, read-only, resources, shutdown
OUTAGE_STATES = ("08", "25006", "53", "57P")
Fetch = Callable[[], Awaitable[list[Delivery]]]
Open = dict[int, Delivery]  # by place in the stream: those not yet settled
log = structlog.get_logger()


class Consumer:
    """`run` for ever; `problem` is None while events come in. Also answers what has arrived (`wait_for`)."""

    def __init__(
        self,
        database: Database,
        bus: Bus,
        service: str,
        subscriptions: Subscriptions,
        count_duplicates: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._database, self._bus, self._service = database, bus, service
        self._subscriptions, self._count_duplicates = subscriptions, count_duplicates
        self._own_problem: str | None = None
        self._arrivals = Arrivals(database, bus)
        self.wait_for, self.has_arrived = self._arrivals.wait_for, self._arrivals.has_arrived
        self.fresh_as_of = self._arrivals.fresh_as_of

    @property
    def problem(self) -> str | None:
        return self._bus.problem or self._own_problem

    async def run(self) -> None:
        """Never returns: a failure is told by `problem` and tried again."""
        while True:
            try:
                await self._consume_while_possible()
            except Exception as error:
                log.warning(
                    "events do not come in", error=str(error) if isinstance(error, BrokerError) else reason(error)
                )
                self._own_problem = f"events-do-not-come-in: {type(error).__name__}"
            await asyncio.sleep(RETRY_SECONDS)

    async def _consume_while_possible(self) -> None:
        if self._bus.problem is None:
            await self._await_database()
            async with self._bus.pulling() as fetch:
                await self._consume(fetch)

    async def _await_database(self) -> None:
        """Raises while there is none: then nothing is fetched, and no event uses up its deliveries."""
        async with self._database.transaction() as session:
            await (await session.connection()).execute(text("select 1"))

    async def _consume(self, fetch: Fetch) -> None:
        """Returns when the subscription has stalled: the caller makes a new one."""
        await self._look()
        quiet_since = time.monotonic()
        while True:
            deliveries = await fetch()
            if deliveries:
                await self._take(deliveries)
                quiet_since = time.monotonic()
            elif time.monotonic() - quiet_since > STALL_SECONDS:
                if await self._look():
                    log.warning("the subscription has stalled")
                    return
                quiet_since = time.monotonic()

    async def _look(self) -> int:
        """How many events wait at the broker. Raises if the consumer is not there; names what was changed by hand."""
        info = await self._bus.consumer_info()
        names = streams.drift(streams.consumer_config(self._service), info["config"])
        self._own_problem = f"consumer-drifted: {', '.join(names)}" if names else None
        return int(info["num_pending"])

    # --- one batch ---------------------------------------------------------------------------------------------

    async def _take(self, deliveries: Sequence[Delivery]) -> None:
        async with working_on(deliveries) as still_open:
            if not await self._take_together(deliveries, still_open):
                for delivery in deliveries:
                    await self._take_alone(delivery, still_open)

    async def _take_together(self, deliveries: Sequence[Delivery], still_open: Open) -> bool:
        seconds = max(self._subscriptions.seconds_for(delivery.subject) for delivery in deliveries)
        try:
            async with asyncio.timeout(seconds):
                await self._apply(deliveries)
        except Exception as error:
            if is_outage(error):
                raise
            return False
        await self._acknowledge(deliveries, still_open)
        return True

    async def _take_alone(self, delivery: Delivery, still_open: Open) -> None:
        try:
            async with asyncio.timeout(self._subscriptions.seconds_for(delivery.subject)):
                await self._apply([delivery])
        except Exception as error:
            if is_outage(error):
                raise
            await self._put_off(delivery, error)
            still_open.pop(delivery.stream_seq, None)
        else:
            await self._acknowledge([delivery], still_open)

    async def _apply(self, deliveries: Sequence[Delivery]) -> None:
        envelopes = [Envelope.read(delivery.subject, delivery.headers, delivery.payload) for delivery in deliveries]
        places = zip(envelopes, deliveries, strict=True)
        arrivals = {envelope.event_id: (envelope.subject, delivery.stream_seq) for envelope, delivery in places}
        async with self._database.transaction() as session:
            copies = await self._subscriptions.copies_of(session, envelopes)
            fresh = await inbox.take(session, arrivals, copies)
            self._count_duplicates(len(envelopes) - len(fresh))
            news = {envelope.event_id: envelope for envelope in envelopes if envelope.event_id in fresh}
            for envelope in news.values():
                warn_of_skew(envelope)
            await self._subscriptions.run_handlers(session, *news.values())

    async def _acknowledge(self, deliveries: Sequence[Delivery], still_open: Open) -> None:
        """What can't be acknowledged now comes again, and is found in the inbox."""
        *others, last = deliveries
        with suppress(BrokerError):
            for delivery in others:
                await delivery.ack_unheard()
            await last.ack()
        for delivery in deliveries:
            still_open.pop(delivery.stream_seq, None)
        self._arrivals.progressed(deliveries)

    async def _put_off(self, delivery: Delivery, error: Exception) -> None:
        """Delays what may succeed later; keeps as a dead letter what won't, and delays it if even that fails."""
        told = {"event_id": str(dead_letters.id_of(delivery)), "subject": delivery.subject, "error": reason(error)}
        if is_passing(error) and delivery.delivered < MAX_DELIVERIES:
            log.warning("event put off", delivered=delivery.delivered, **told)
            await delivery.nak(delay_after(delivery.delivered))
        elif await self._kept(delivery, error):
            log.error("dead letter", delivered=delivery.delivered, **told)
            await delivery.term()
            self._arrivals.progressed()
        else:
            await delivery.nak(MAX_DELAY)

    async def _kept(self, delivery: Delivery, error: Exception) -> bool:
        try:
            async with self._database.transaction() as session:
                await dead_letters.keep(session, delivery, error)
        except SQLAlchemyError as failure:
            log.error("a dead letter can't be kept", error=reason(failure), stream_seq=delivery.stream_seq)
            return False
        return True


@asynccontextmanager
async def working_on(deliveries: Sequence[Delivery]) -> AsyncIterator[Open]:
    """Tells the broker all the time that these are being worked on, and at the end which were not finished."""
    still_open = {delivery.stream_seq: delivery for delivery in deliveries}
    heartbeat = asyncio.create_task(keep_telling(still_open))
    try:
        yield still_open
    finally:
        heartbeat.cancel()
        with suppress(BrokerError):
            for delivery in still_open.values():
                await delivery.nak(FIRST_DELAY)


async def keep_telling(still_open: Open) -> None:
    with suppress(BrokerError):
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            for delivery in list(still_open.values()):
                await delivery.in_progress()


def delay_after(deliveries: int) -> float:
    """Seconds until the next try: 0.5, 1, 2, ... 30."""
    return float(min(FIRST_DELAY * 2 ** (deliveries - 1), MAX_DELAY))


def is_outage(error: Exception) -> bool:
    """The database can't be used by anyone: nothing is learned about the event."""
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or state_of(error).startswith(OUTAGE_STATES)
    return isinstance(error, PoolTimeout) or (isinstance(error, OSError) and not isinstance(error, TimeoutError))


def is_passing(error: Exception) -> bool:
    """Another try may succeed: the handler took too long, or was in somebody's way."""
    if isinstance(error, DBAPIError):
        return state_of(error).startswith(PASSING_STATES)
    return isinstance(error, TimeoutError)


def state_of(error: DBAPIError) -> str:
    return getattr(error.orig, "sqlstate", None) or ""


def warn_of_skew(envelope: Envelope) -> None:
    """A clock elsewhere is wrong; nothing here goes by it."""
    if envelope.occurred_at > now() + SKEW:
        log.warning("an event from the future", event_id=str(envelope.event_id), subject=envelope.subject)
