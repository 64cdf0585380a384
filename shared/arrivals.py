"""Whether what a consistency token covers has arrived: the other half of `shared.consistency`."""

import asyncio
import time
from collections import deque
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import literal, select

from shared.db import Database, now
from shared.nats import BrokerError, Bus, Delivery
from shared.tables import dead_letters, inbox, outbox

LOOK_SECONDS = 0.05
PATIENCE_SECONDS = 1.0
REMEMBERED = 10_000
UNACKNOWLEDGED = 2_000  # more than the broker lets be under way at once
NEVER = datetime.fromtimestamp(0, UTC)


class Arrivals:
    """An event has arrived when it took effect here, and so did all that stands before it in the stream.

    The stream keeps causes before effects, so whoever has arrived at an event has arrived at everything it followed from.
    A dead letter has not arrived until it is redriven; those behind it have.
    """

    def __init__(self, database: Database, bus: Bus) -> None:
        self._database, self._bus = database, bus
        self._arrived: set[UUID] = set()  # once is for ever
        self._floor, self._floor_of = 0, -1  # all up to here is done, as was said in this generation of the connection
        self._progress = asyncio.Event()
        self._finished: deque[tuple[int, int, datetime]] = deque(maxlen=UNACKNOWLEDGED)
        self._fresh_as_of = NEVER

    def progressed(self, finished: Iterable[Delivery] = ()) -> None:
        """The consumer finished something: whoever waits looks again."""
        self._finished.extend((self._bus.generation, one.stream_seq, one.sent_at) for one in finished)
        self._progress.set()
        self._progress = asyncio.Event()

    async def wait_for(self, event_ids: Iterable[UUID], timeout: float = 5.0) -> bool:
        """True as soon as all have arrived, False after `timeout` seconds."""
        wanted, deadline = set(event_ids), time.monotonic() + timeout
        while True:
            progress = self._progress
            if await self.has_arrived(wanted):
                return True
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            with suppress(TimeoutError):
                await asyncio.wait_for(progress.wait(), min(left, LOOK_SECONDS))

    async def fresh_as_of(self) -> datetime:
        """Every event that had reached the broker by this instant has taken effect here: now, when nothing is pending.

        Ask *before* reading what the answer is built from. While the broker is away it stands still; it never goes back but
        for a dead letter, which holds it at the time of the event until it is redriven.
        """
        looked_at = now()
        with suppress(BrokerError, TimeoutError):
            async with asyncio.timeout(PATIENCE_SECONDS):
                info = await self._bus.consumer_info()
            self._fresh_as_of = max(self._fresh_as_of, self._fresh_by(info, looked_at))
        return min([self._fresh_as_of, *await self._times_of_dead_letters()])

    def _fresh_by(self, info: Mapping[str, Any], looked_at: datetime) -> datetime:
        if info["num_pending"] + info["num_ack_pending"] == 0:
            return looked_at
        floor, present = info["ack_floor"]["stream_seq"], self._bus.generation
        done = (sent for generation, seq, sent in self._finished if generation == present and seq <= floor)
        return max(done, default=NEVER)

    async def _times_of_dead_letters(self) -> list[datetime]:
        due = select(dead_letters.c.headers, dead_letters.c.first_failed_at).where(dead_letters.c.redriven_at.is_(None))
        async with self._database.transaction() as session:
            letters = (await (await session.connection()).execute(due)).all()
        return [time_of(letter.headers, letter.first_failed_at) for letter in letters]

    async def has_arrived(self, event_ids: Iterable[UUID]) -> bool:
        """Events of one's own are always there."""
        missing = set(event_ids) - self._arrived
        if missing:
            places = await self._places(missing)
            if places.keys() != missing or not await self._done_up_to(max(places.values())):
                return False
            self._remember(missing)
        return True

    async def _places(self, event_ids: set[UUID]) -> dict[UUID, int]:
        """Sequence in the stream of those that took effect; 0 for one's own."""
        received = select(inbox.c.event_id, inbox.c.stream_seq).where(inbox.c.event_id.in_(event_ids))
        own = select(outbox.c.event_id, literal(0)).where(outbox.c.event_id.in_(event_ids))
        async with self._database.transaction() as session:
            found = (await (await session.connection()).execute(received.union_all(own))).all()
        places: dict[UUID, int] = {}
        for event_id, place in found:
            places[event_id] = min(place, places.get(event_id, place))  # one's own comes back, too
        return places

    async def _done_up_to(self, stream_seq: int) -> bool:
        if self._floor_of == self._bus.generation and stream_seq <= self._floor:
            return True
        generation = self._bus.generation
        try:
            info = await self._bus.consumer_info()
        except BrokerError:
            return stream_seq == 0
        self._floor, self._floor_of = info["ack_floor"]["stream_seq"], generation
        return stream_seq <= self._floor or info["num_pending"] + info["num_ack_pending"] == 0

    def _remember(self, event_ids: set[UUID]) -> None:
        if len(self._arrived) > REMEMBERED:
            self._arrived.clear()
        self._arrived |= event_ids


def time_of(headers: Mapping[str, str], first_failed_at: datetime) -> datetime:
    """When the event of a dead letter happened, as far as it can be read."""
    try:
        told = datetime.fromisoformat(headers["ce-time"])
    except (KeyError, ValueError):
        return first_failed_at
    return min(told, first_failed_at) if told.tzinfo else first_failed_at
