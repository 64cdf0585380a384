"""Whether an event has arrived is answered truthfully, also about those it followed from."""

import asyncio
import time

from sqlalchemy import select, update

from shared import inbox as inbox_rows
from shared import outbox as outbox_rows
from shared.db import now, uuid7
from shared.tables import inbox, outbox
from tests.shared.events.conftest import Make
from tests.shared.events.things import BUSY, Service, drained, eventually


async def test_nothing_is_there_at_once(subscriber: Service) -> None:
    assert await subscriber.consumer.wait_for([], timeout=0)


async def test_an_unknown_event_is_waited_for_and_not_longer(subscriber: Service) -> None:
    started = time.monotonic()
    assert not await subscriber.consumer.wait_for([uuid7()], timeout=0.3)
    assert 0.3 <= time.monotonic() - started < 1.0


async def test_an_event_of_ones_own_is_always_there(make: Make) -> None:
    publisher: Service = await make("enterprise")
    event = await publisher.change()
    assert await publisher.consumer.has_arrived([event])


async def test_whoever_waits_is_told_when_it_comes(publisher: Service, subscriber: Service) -> None:
    first = await publisher.change()
    assert await subscriber.consumer.wait_for([first])
    for _ in range(20):
        event = await publisher.change()
        started = time.monotonic()
        assert await subscriber.consumer.wait_for([event])
        assert time.monotonic() - started < 1.0


async def test_an_event_has_not_arrived_before_those_in_front_of_it(publisher: Service, subscriber: Service) -> None:
    subscriber.faults.busy_times = 4  # together, then alone three times: after 0.5 s, 1 s and 2 s
    held_up = await publisher.change(name=BUSY)
    await eventually(lambda: drained(publisher))
    later = await publisher.change()
    await eventually(lambda: is_in_inbox(subscriber, later))
    assert not await subscriber.consumer.has_arrived([later])
    assert await subscriber.consumer.wait_for([later])
    assert await is_in_inbox(subscriber, held_up)


async def is_in_inbox(service: Service, event: object) -> bool:
    return bool(await service.rows(select(inbox.c.event_id).where(inbox.c.event_id == event)))


async def test_what_is_old_is_forgotten_and_nothing_else(publisher: Service, subscriber: Service) -> None:
    old, young = await publisher.change(), await publisher.change()
    assert await subscriber.consumer.wait_for([old, young])
    long_ago = now() - inbox_rows.KEPT_FOR * 1.01
    async with publisher.database.transaction() as session, subscriber.database.transaction() as there:
        await (await session.connection()).execute(
            update(outbox).where(outbox.c.event_id == old).values(published_at=long_ago)
        )
        await (await there.connection()).execute(
            update(inbox).where(inbox.c.event_id == old).values(received_at=long_ago)
        )
        await outbox_rows.forget_old(session)
        await inbox_rows.forget_old(there)
    assert await publisher.rows(select(outbox.c.event_id)) == [(young,)]
    assert await subscriber.rows(select(inbox.c.event_id)) == [(young,)]


async def test_waiting_ends_with_the_service(subscriber: Service) -> None:
    waiting = asyncio.create_task(subscriber.consumer.wait_for([uuid7()], timeout=30))
    await asyncio.sleep(0.1)
    waiting.cancel()
    assert isinstance((await asyncio.gather(waiting, return_exceptions=True))[0], asyncio.CancelledError)
