"""No announced event is left behind, none goes out of order, and a crash between publishing and marking is noticed by nobody."""

import asyncio
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from shared.db import Driver
from shared.outbox import WAITING
from shared.relay import BATCH, Relay
from shared.tables import inbox, outbox
from tests.shared.events.conftest import Make
from tests.shared.events.things import (
    Service,
    converged,
    drained,
    eventually,
    exactly_once,
    never_back,
    quiet,
)

WRITERS, WRITES = 8, 40


class RelayByPosition(Relay):
    """The mistake: `seq > last`. Sequence values are taken before the commit, and the late ones are passed over."""

    last = 0

    async def _waiting(self, driver: Driver) -> Sequence[Any]:
        later = WAITING.replace("published_at is null", "seq > $2").replace("select", "select seq,")
        rows = await driver.fetch(later, BATCH, self.last)
        self.last = max((row["seq"] for row in rows), default=self.last)
        return rows


@pytest.mark.parametrize(("relay", "sound"), [(Relay, True), (RelayByPosition, False)], ids=["ours", "seq > last"])
async def test_a_late_commit_is_not_passed_over(make: Make, relay: type[Relay], sound: bool) -> None:
    publisher, subscriber = await make("enterprise", relay=relay), await make("training")
    async with publisher.running(), subscriber.running():
        await write_at_once(publisher)
        await eventually(lambda: announced_or_given_up(publisher, sound))
        await eventually(lambda: quiet(subscriber))
        wrong = await exactly_once(publisher, subscriber)
    assert (wrong == []) is sound, wrong


async def write_at_once(publisher: Service) -> None:
    """Eight writers with transactions of 0-30 ms, and one of a second beside them."""

    async def write(writer: int) -> None:
        for n in range(WRITES):
            await publisher.change(seconds=((writer * 7 + n * 13) % 31) / 1000)

    await asyncio.gather(publisher.change(name="slow", seconds=1.0), *(write(writer) for writer in range(WRITERS)))


async def announced_or_given_up(publisher: Service, sound: bool) -> bool:
    if sound:
        return await drained(publisher)
    await asyncio.sleep(1.5)  # three polls: whatever it leaves now, it leaves for ever
    return True


async def test_the_order_of_a_thing_is_kept_with_two_relays_and_two_consumers(make: Make) -> None:
    publisher, subscriber = await make("enterprise"), await make("training")
    second = await make("enterprise", beside=publisher)
    other = await make("training", beside=subscriber)
    async with publisher.running(), second.running(), subscriber.running(), other.running():
        for _ in range(3):
            await publisher.change()
        ids = [row.aggregate_id for row in await publisher.rows(select(outbox.c.aggregate_id))]
        await asyncio.gather(*(change_often(service, ids) for service in (publisher, second)))
        await eventually(lambda: drained(publisher))
        await eventually(lambda: quiet(subscriber))
    assert await never_back(subscriber) == []
    assert await exactly_once(publisher, subscriber) == []
    assert await converged(publisher, subscriber) == []
    assert await stream_inversions(publisher) == 0


async def change_often(service: Service, things: list[UUID]) -> None:
    for _ in range(25):
        for thing in things:
            await service.change(thing)


async def stream_inversions(publisher: Service) -> int:
    """Pairs of one thing's events that lie in the stream in another order than their versions."""
    places: dict[UUID, list[int]] = {}
    for row in await publisher.rows(select(outbox).order_by(outbox.c.aggregate_version)):
        places.setdefault(row.aggregate_id, []).append(row.stream_seq)
    return sum(before > after for seqs in places.values() for before, after in pairwise(seqs))


class RelayThatCrashes(Relay):
    """Dies once after the broker's acknowledgement, before the mark."""

    crashes = 1

    async def _mark(self, driver: Driver, places: Mapping[UUID, int]) -> None:
        if self.crashes:
            self.crashes -= 1
            raise ConnectionError
        await super()._mark(driver, places)


async def test_a_crash_between_publishing_and_marking_doubles_nothing(make: Make, subscriber: Service) -> None:
    publisher = await make("enterprise", relay=RelayThatCrashes)
    for _ in range(5):
        await publisher.change()
    async with publisher.running():
        await eventually(lambda: drained(publisher))
        await eventually(lambda: quiet(subscriber))
        assert await exactly_once(publisher, subscriber) == []
        places = [row.stream_seq for row in await publisher.rows(select(outbox.c.stream_seq).order_by(outbox.c.seq))]
        assert places == [1, 2, 3, 4, 5]
        assert publisher.relay.problem is None


async def test_a_standby_takes_over(make: Make, subscriber: Service) -> None:
    first = await make("enterprise")
    second = await make("enterprise", beside=first)
    async with second.running():
        async with first.running():
            await first.change()
            await eventually(lambda: drained(first))
        event = await first.change()
        await eventually(lambda: drained(second))
        assert await subscriber.consumer.wait_for([event])
    received: Any = await subscriber.rows(select(inbox.c.event_id))
    assert len(received) == 2
