"""Whether an event has arrived is answered truthfully, also about those it followed from."""

import asyncio
import time
from datetime import datetime

from sqlalchemy import select, update

from shared import inbox as inbox_rows
from shared import outbox as outbox_rows
from shared.db import now, uuid7
from shared.dead_letters import redrive_all
from shared.tables import inbox, outbox
from tests.shared.events.conftest import Make
from tests.shared.events.servers import Nats
from tests.shared.events.things import BUSY, POISON, Service, drained, eventually, quiet, subscriptions_of


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


async def test_what_is_here_is_fresh_as_of_now_when_nothing_is_pending(publisher: Service, subscriber: Service) -> None:
    assert await subscriber.consumer.wait_for([await publisher.change()])
    before = now()
    assert before <= await eventually(lambda: fresh_since(subscriber, before)) <= now()


async def test_what_is_pending_holds_freshness_at_the_last_before_it(publisher: Service, subscriber: Service) -> None:
    assert await subscriber.consumer.wait_for([await publisher.change()])
    subscriber.faults.busy_times = 4
    before = now()
    held_up = await publisher.change(name=BUSY)
    await eventually(lambda: drained(publisher))
    later = await publisher.change()
    await eventually(lambda: is_in_inbox(subscriber, later))
    assert await subscriber.consumer.fresh_as_of() <= before
    assert not await subscriber.consumer.has_arrived([held_up])
    assert await subscriber.consumer.wait_for([held_up])
    assert await eventually(lambda: fresh_since(subscriber, before)) <= now()


async def fresh_since(service: Service, instant: datetime) -> datetime | None:
    fresh: datetime = await service.consumer.fresh_as_of()
    return fresh if fresh >= instant else None


async def test_a_dead_letter_holds_freshness_until_it_is_redriven(publisher: Service, subscriber: Service) -> None:
    before = now()
    event = await publisher.change(name=POISON)
    after = now()
    assert await subscriber.consumer.wait_for([await publisher.change()])
    await eventually(lambda: quiet(subscriber))
    assert before <= await subscriber.consumer.fresh_as_of() <= after
    subscriber.faults.poisoned = False
    assert await redrive_all(subscriber.database, subscriptions_of(subscriber.faults), event) == 0
    assert await subscriber.consumer.fresh_as_of() > after


async def test_freshness_stands_still_while_the_broker_is_away(
    nats: Nats, publisher: Service, subscriber: Service
) -> None:
    assert await subscriber.consumer.wait_for([await publisher.change()])
    await eventually(lambda: quiet(subscriber))
    fresh = await subscriber.consumer.fresh_as_of()
    nats.kill()
    stopped = now()
    assert fresh <= await subscriber.consumer.fresh_as_of() <= stopped
    await publisher.change()
    assert await subscriber.consumer.fresh_as_of() <= stopped


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
