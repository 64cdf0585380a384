"""Each event takes effect once: though it is published again, though acknowledgements get lost, though consumers die."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select

from shared.consumer import Consumer
from shared.db import uuid7
from shared.envelope import Envelope
from shared.nats import Bus, Delivery
from shared.relay import message_of
from shared.tables import outbox
from tests.shared.events.conftest import Make
from tests.shared.events.things import Service, converged, drained, eventually, exactly_once, quiet

EVENTS, RESTARTS, SHARE = 600, 5, 0.05
CHANCE = random.Random(5)


@dataclass(frozen=True)
class Unheard(Delivery):
    """Its acknowledgement gets lost on the way; to be quick, the broker does not wait out its 5 seconds."""

    async def ack(self) -> None:
        await self.nak(0.1)

    async def ack_unheard(self) -> None:
        await self.ack()


class LossyBus(Bus):
    @asynccontextmanager
    async def pulling(self) -> AsyncIterator[Callable[[], Awaitable[list[Delivery]]]]:
        async with super().pulling() as fetch:

            async def lossy() -> list[Delivery]:
                return [Unheard(**vars(one)) if CHANCE.random() < SHARE else one for one in await fetch()]

            yield lossy


class CarelessConsumer(Consumer):
    """The mistake: trusts that what is acknowledged does not come again."""

    async def _apply(self, deliveries: Sequence[Delivery]) -> None:
        async with self._database.transaction() as session:
            for delivery in deliveries:
                envelope = Envelope.read(delivery.subject, delivery.headers, delivery.payload)
                await self._subscriptions.handle(session, envelope)


@pytest.mark.parametrize(
    ("consumer", "sound"), [(Consumer, True), (CarelessConsumer, False)], ids=["ours", "without an inbox"]
)
async def test_each_event_takes_effect_once(make: Make, consumer: type[Consumer], sound: bool) -> None:
    publisher, subscriber = await make("enterprise"), await make("training", bus=LossyBus, consumer=consumer)
    async with publisher.running():
        await asyncio.gather(write(publisher), restart_often(subscriber))
        await eventually(lambda: drained(publisher))
        await publish_some_again(publisher)
        async with subscriber.running():
            await eventually(lambda: quiet(subscriber))
        wrong = await exactly_once(publisher, subscriber)
    assert (wrong == []) is sound, wrong
    assert await converged(publisher, subscriber) == []


async def write(publisher: Service) -> None:
    for _ in range(EVENTS // 10):
        await asyncio.gather(*(publisher.change() for _ in range(10)))


async def restart_often(subscriber: Service) -> None:
    for _ in range(RESTARTS):
        async with subscriber.running():
            await asyncio.sleep(0.4)


async def publish_some_again(publisher: Service) -> None:
    """As after a relay's outage of more than the broker's window: under another message id, the event's own id kept."""
    for row in await publisher.rows(select(outbox)):
        if CHANCE.random() < SHARE:
            message = message_of({**row._mapping, "payload": json.dumps(row.payload)}, "enterprise")
            await publisher.bus.publish(type(message)(**vars(message) | {"headers": fresh_id(message.headers)}))


def fresh_id(headers: Any) -> dict[str, str]:
    return {**headers, "Nats-Msg-Id": str(uuid7())}
