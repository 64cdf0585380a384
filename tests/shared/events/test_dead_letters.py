"""What can't take effect is put aside and stops nobody; what can't take effect *now* is tried again."""

import pytest
from sqlalchemy import select

from shared.db import uuid7
from shared.dead_letters import redrive_all
from shared.nats import Message
from shared.tables import dead_letters, inbox
from tests.shared.events.things import (
    BUSY,
    POISON,
    SLOW,
    Effect,
    Service,
    ThingChanged,
    ThingView,
    eventually,
    exactly_once,
    quiet,
    subscriptions_of,
)

VALID = {
    "ce-specversion": "1.0",
    "ce-type": ThingChanged.subject,
    "ce-source": "/enterprise",
    "ce-id": "",
    "ce-time": "",
}


def envelope(**changes: str | None) -> dict[str, str]:
    """Headers of a thing's event; a change to None leaves one out."""
    id = str(uuid7())
    headers = {"Nats-Msg-Id": id, **VALID, "ce-id": id, "ce-time": "2026-11-24T08:00:00+00:00"}
    named = {name.replace("_", "-"): value for name, value in changes.items()}
    return {name: value for name, value in (headers | named).items() if value is not None}


async def deliver(publisher: Service, headers: dict[str, str], payload: bytes | None = None) -> None:
    body = payload if payload is not None else b'{"id": "%s", "version": 1, "name": "x"}' % str(uuid7()).encode()
    await eventually(lambda: connected(publisher))
    await publisher.bus.publish(Message(ThingChanged.subject, headers, body))


async def connected(service: Service) -> bool:
    return service.bus.problem is None


async def test_poison_is_put_aside_and_the_others_flow(publisher: Service, subscriber: Service) -> None:
    poisonous = set()
    for n in range(100):
        event = await publisher.change(name=POISON if n % 20 == 0 else "good")
        poisonous |= {event} if n % 20 == 0 else set()
    await eventually(lambda: all_letters(subscriber, 5))
    await eventually(lambda: quiet(subscriber))
    letters = await subscriber.rows(select(dead_letters))
    assert {letter.event_id for letter in letters} == poisonous
    assert all(letter.error.startswith("KeyError at things.py:") for letter in letters)
    assert "a bug" not in str([letter.error for letter in letters])
    assert len(await subscriber.rows(select(Effect.n))) == 95
    assert subscriber.consumer.problem is None


async def all_letters(service: Service, count: int) -> bool:
    return len(await service.rows(select(dead_letters.c.event_id))) == count


async def test_a_redriven_letter_takes_effect_once(publisher: Service, subscriber: Service) -> None:
    event = await publisher.change(name=POISON)
    await eventually(lambda: all_letters(subscriber, 1))
    assert not await subscriber.consumer.wait_for([event], timeout=0.2)

    subscriptions = subscriptions_of(subscriber.faults)
    assert await redrive_all(subscriber.database, subscriptions, None) == 1
    assert await exactly_once(publisher, subscriber) == ["1 lost"]

    subscriber.faults.poisoned = False
    assert await redrive_all(subscriber.database, subscriptions, event) == 0
    assert await redrive_all(subscriber.database, subscriptions, event) == 0
    assert await exactly_once(publisher, subscriber) == []
    assert await subscriber.consumer.wait_for([event])


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"ce_id": None}, "ce-id missing"),
        ({"ce_type": None}, "ce-type missing"),
        ({"ce_source": None}, "ce-source missing"),
        ({"ce_specversion": "2.0"}, "ce-specversion"),
        ({"ce_Extra": "x"}, "lower case"),
        ({"ce_id": "no uuid"}, "ce-id or ce-time"),
        ({"ce_time": "yesterday"}, "ce-id or ce-time"),
        ({"ce_time": "2026-11-24T08:00:00"}, "no offset"),
        ({"ce_type": "score.enterprise.other.v1"}, "not the subject"),
    ],
)
async def test_a_broken_envelope_is_put_aside(
    publisher: Service, subscriber: Service, changes: dict[str, str | None], reason: str
) -> None:
    await deliver(publisher, envelope(**changes))
    await deliver(publisher, envelope())
    await eventually(lambda: quiet(subscriber))
    [letter] = await subscriber.rows(select(dead_letters))
    assert letter.error.startswith("invalid_envelope: ")
    assert reason in letter.error
    assert len(await subscriber.rows(select(Effect.n))) == 1


@pytest.mark.parametrize("payload", [b"", b"[]", b"{", b'{"id": "x", "version": 1, "name": "secret"}', b"\xff\xfe"])
async def test_a_payload_that_is_no_state_is_put_aside(publisher: Service, subscriber: Service, payload: bytes) -> None:
    await deliver(publisher, envelope(), payload)
    await eventually(lambda: quiet(subscriber))
    [letter] = await subscriber.rows(select(dead_letters))
    assert letter.error.startswith("invalid_payload: ")
    assert "secret" not in letter.error
    assert letter.payload == payload


async def test_clocks_that_are_wrong_change_nothing(publisher: Service, subscriber: Service) -> None:
    for time in ("2099-01-01T00:00:00+00:00", "1970-01-01T00:00:00+00:00"):
        await deliver(publisher, envelope(ce_time=time))
    await eventually(lambda: quiet(subscriber))
    assert len(await subscriber.rows(select(inbox.c.event_id))) == 2
    assert len(await subscriber.rows(select(Effect.n))) == 2


async def test_what_fails_for_a_passing_reason_is_tried_again(publisher: Service, subscriber: Service) -> None:
    event = await publisher.change(name=BUSY)
    assert await subscriber.consumer.wait_for([event])
    assert subscriber.faults.busy_times == 0
    assert await subscriber.rows(select(dead_letters)) == []
    assert await exactly_once(publisher, subscriber) == []


async def test_a_handler_that_hangs_is_stopped_and_tried_again(publisher: Service, subscriber: Service) -> None:
    subscriber.faults.seconds = 60
    event = await publisher.change(name=SLOW)
    await publisher.change(name="other")
    assert await subscriber.consumer.wait_for([event])
    await eventually(lambda: quiet(subscriber))
    assert await exactly_once(publisher, subscriber) == []
    assert len(await subscriber.rows(select(ThingView.id))) == 2
