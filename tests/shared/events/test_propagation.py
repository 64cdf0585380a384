"""From a commit here to an effect there."""

import pytest
from sqlalchemy import select

from shared.context import Context, using
from shared.db import uuid7
from shared.errors import PayloadTooLarge
from shared.outbox import announce
from shared.tables import inbox, outbox
from tests.shared.events.conftest import Make
from tests.shared.events.things import (
    Effect,
    Service,
    ThingChanged,
    ThingHeardOf,
    ThingUnheardOf,
    converged,
    drained,
    eventually,
    exactly_once,
)

CONTEXT = Context("req-1", f"00-{'a' * 32}-{'b' * 16}-01", "client é\nx")


async def test_a_change_here_is_seen_there(publisher: Service, subscriber: Service) -> None:
    event = await publisher.change(name="first")
    assert await subscriber.consumer.wait_for([event])
    assert await converged(publisher, subscriber) == []
    assert await exactly_once(publisher, subscriber) == []
    assert publisher.relay.problem is None
    assert subscriber.consumer.problem is None


async def test_a_change_that_is_rolled_back_is_announced_to_nobody(publisher: Service) -> None:
    async def announce_and_fail() -> None:
        async with publisher.database.transaction() as session:
            await announce(session, ThingChanged(id=uuid7(), version=1, name="never"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await announce_and_fail()
    assert await publisher.rows(select(outbox.c.event_id)) == []


async def test_the_thread_of_a_request_goes_on_through_events(publisher: Service, subscriber: Service) -> None:
    """Also through a second one, that the handler of the first announces."""
    with using(CONTEXT):
        event = await publisher.change(name="tell")
    assert await subscriber.consumer.wait_for([event])
    assert await subscriber.rows(select(Effect.request_id, Effect.by)) == [("req-1", "client é\nx")]

    [answer] = await subscriber.rows(select(outbox))
    assert answer.subject == ThingHeardOf.subject
    assert Context(answer.request_id, answer.traceparent, answer.by) == CONTEXT
    assert await publisher.consumer.wait_for([answer.event_id])


async def test_what_nobody_subscribed_to_is_only_recorded(publisher: Service, subscriber: Service) -> None:
    event = await publisher.tell(ThingUnheardOf(id=uuid7(), version=1, name="x"))
    assert await subscriber.consumer.wait_for([event])
    assert await subscriber.rows(select(inbox.c.event_id, inbox.c.subject)) == [(event, ThingUnheardOf.subject)]
    assert await subscriber.rows(select(Effect.n)) == []


async def test_an_event_the_broker_would_refuse_is_refused_at_the_door(publisher: Service) -> None:
    """In the outbox it would stop all behind it."""
    with pytest.raises(PayloadTooLarge):
        await publisher.tell(ThingChanged(id=uuid7(), version=1, name="x" * 900_001))
    event = await publisher.tell(ThingChanged(id=uuid7(), version=1, name="x" * 890_000))
    assert await publisher.consumer.wait_for([event])


async def test_what_another_process_announced_is_found_without_a_nudge(publisher: Service, make: Make) -> None:
    beside: Service = await make("enterprise", beside=publisher)
    event = await beside.change()
    await eventually(lambda: drained(publisher), seconds=3)
    assert await publisher.consumer.wait_for([event])
