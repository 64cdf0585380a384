"""What the broker must have is declared in one place; what was changed by hand is named."""

import asyncio
from typing import Any

import pytest

from shared.dead_letters import subscriptions_of
from shared.events.rebuild import BY_SUBSCRIBER
from shared.nats import Refused, administration
from shared.streams import CONSUMERS, SUBJECTS, consumer_config, declare
from tests.shared.events.servers import Nats
from tests.shared.events.things import Service, declare_on, eventually, settings_of


async def ask(nats: Nats, what: str, body: dict[str, Any]) -> dict[str, Any]:
    async with administration(settings_of(nats.url, "admin")) as asking:
        return await asking(what, body)


async def test_declaring_again_changes_nothing(nats: Nats) -> None:
    before = await ask(nats, "STREAM.INFO.SCORE", {})
    assert await declare_on(nats) == []
    after = await ask(nats, "STREAM.INFO.SCORE", {})
    assert after["config"] == before["config"]


async def test_what_was_changed_by_hand_is_named_and_set_right(nats: Nats) -> None:
    config = (await ask(nats, "STREAM.INFO.SCORE", {}))["config"]
    await ask(nats, "STREAM.UPDATE.SCORE", config | {"max_age": 3600 * 10**9, "duplicate_window": 10**9})
    await ask(nats, "CONSUMER.DELETE.SCORE.metrics", {})
    assert await declare_on(nats) == ["stream SCORE: max_age, duplicate_window set right", "consumer metrics: made"]
    assert await declare_on(nats) == []


async def test_a_consumer_that_was_made_to_hear_everything_hears_the_others_only(nats: Nats) -> None:
    config = consumer_config("training") | {"filter_subjects": None, "filter_subject": SUBJECTS}
    await ask(nats, "CONSUMER.DELETE.SCORE.training", {})
    await ask(nats, "CONSUMER.CREATE.SCORE.training", {"stream_name": "SCORE", "config": config, "action": ""})
    assert await declare_on(nats) == ["consumer training: filter_subject, filter_subjects set right"]
    assert await declare_on(nats) == []


@pytest.mark.parametrize("service", CONSUMERS)
def test_no_service_counts_on_hearing_itself(service: str) -> None:
    asked = {fact.subject for fact in BY_SUBSCRIBER.values()}  # heard by all, meant for the others
    own = [subject for subject in subscriptions_of(service).subjects if subject.startswith(f"score.{service}.")]
    assert set(own) <= asked


async def test_what_the_broker_will_not_change_is_named(nats: Nats) -> None:
    await ask(nats, "STREAM.DELETE.SCORE", {})
    await ask(nats, "STREAM.CREATE.SCORE", {"name": "SCORE", "subjects": ["score.>"], "storage": "memory"})
    with pytest.raises(Refused, match=r"stream SCORE differs in .*storage.* and cannot be mended"):
        await declare_on(nats)


async def test_more_replicas_than_servers_are_refused(nats: Nats) -> None:
    async with administration(settings_of(nats.url, "admin")) as asking:
        with pytest.raises(Refused, match="num_replicas"):
            await declare(asking, replicas=3)


async def test_a_consumer_changed_by_hand_is_named_by_the_service(nats: Nats, make: Any) -> None:
    config = (await ask(nats, "CONSUMER.INFO.SCORE.training", {}))["config"] | {"ack_wait": 7 * 10**9}
    body = {"stream_name": "SCORE", "config": config, "action": ""}
    await ask(nats, "CONSUMER.CREATE.SCORE.training", body)
    subscriber: Service = await make("training")
    async with subscriber.running():
        await eventually(lambda: has_problem(subscriber, "consumer-drifted: ack_wait"), seconds=5)


async def test_a_deleted_consumer_is_missed_and_taken_up_again_when_it_is_back(
    nats: Nats, publisher: Service, subscriber: Service
) -> None:
    event = await publisher.change()
    assert await subscriber.consumer.wait_for([event])
    await ask(nats, "CONSUMER.DELETE.SCORE.training", {})
    await eventually(lambda: has_problem(subscriber, "events-do-not-come-in"), seconds=8)
    await declare_on(nats)
    event = await publisher.change()
    assert await subscriber.consumer.wait_for([event])
    assert subscriber.consumer.problem is None


async def has_problem(service: Service, problem: str) -> bool:
    return (service.consumer.problem or "").startswith(problem)


async def test_a_service_may_do_no_more_than_its_part(nats: Nats) -> None:
    """The broker does not answer what it forbids."""
    async with administration(settings_of(nats.url, "training")) as asking:
        for what in ("STREAM.DELETE.SCORE", "STREAM.PURGE.SCORE", "CONSUMER.DELETE.SCORE.enterprise"):
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(asking(what, {}), 0.3)
    assert (await ask(nats, "STREAM.INFO.SCORE", {}))["state"]["consumer_count"] == 3
