"""Declares the stream and its consumers, as the broker's administrator: `python -m shared.streams`, before the services start.

Equal configuration changes nothing; what was changed by hand is named and set right where the broker allows it.
"""

import asyncio
import os
import sys
import time
from dataclasses import dataclass
from typing import Any

from shared.nats import STREAM, Ask, BrokerError, Refused, administration
from shared.settings import Environment, NatsSettings

CONSUMERS = ("enterprise", "training", "metrics")
SUBJECTS = "score.>"
SECOND = 1_000_000_000  # the broker counts in nanoseconds
NOT_FOUND = 404
PATIENCE_SECONDS = 30


def stream_config(replicas: int) -> dict[str, Any]:
    """`limits` retention: an acknowledged event stays, so that a new consumer can read it."""
    return {
        "name": STREAM,
        "subjects": [SUBJECTS],
        "retention": "limits",
        "storage": "file",
        "discard": "old",
        "max_age": 14 * 24 * 3600 * SECOND,
        "duplicate_window": 600 * SECOND,
        "max_msg_size": 1024 * 1024,
        "deny_delete": True,
        "deny_purge": True,
        "allow_atomic": True,
        "num_replicas": replicas,
    }


def consumer_config(service: str) -> dict[str, Any]:
    """Delivered until acknowledged: giving up is ours, with a dead letter. What a service says itself it need not hear."""
    return {
        "durable_name": service,
        "name": service,
        "filter_subject": None,  # of one that was made to hear everything
        "filter_subjects": [f"score.{other}.>" for other in CONSUMERS if other != service],
        "deliver_policy": "all",
        "ack_policy": "explicit",
        # whose acknowledgement got lost with a connection comes again after this, and holds up what waits for its arrival
        "ack_wait": 5 * SECOND,
        "max_ack_pending": 1000,
        "max_deliver": -1,
    }


def drift(wanted: dict[str, Any], found: dict[str, Any]) -> list[str]:
    """Names of the settings in which `found` is another."""
    return [name for name, value in wanted.items() if found.get(name) != value]


@dataclass(frozen=True)
class Wanted:
    """One thing to be there: how to ask for it, make it and change it."""

    name: str
    info: str
    make: str
    change: str
    config: dict[str, Any]
    about: dict[str, Any]  # what the request says beside the configuration

    def request(self, config: dict[str, Any]) -> dict[str, Any]:
        return {**self.about, "config": config} if self.about else config


def stream(replicas: int) -> Wanted:
    info, make, change = (f"STREAM.{verb}.{STREAM}" for verb in ("INFO", "CREATE", "UPDATE"))
    return Wanted(f"stream {STREAM}", info, make, change, stream_config(replicas), {})


def consumer(service: str) -> Wanted:
    put = f"CONSUMER.CREATE.{STREAM}.{service}"
    info = f"CONSUMER.INFO.{STREAM}.{service}"
    return Wanted(
        f"consumer {service}", info, put, put, consumer_config(service), {"stream_name": STREAM, "action": ""}
    )


async def declare(ask: Ask, replicas: int) -> list[str]:
    """Brings the broker to the configuration; gives a sentence for each thing done. Raises `Refused` if it won't."""
    done = [await declare_one(ask, wanted) for wanted in (stream(replicas), *map(consumer, CONSUMERS))]
    return [sentence for sentence in done if sentence]


async def declare_one(ask: Ask, wanted: Wanted) -> str:
    found = await ask(wanted.info, {})
    if found.get("error", {}).get("code") == NOT_FOUND:
        check(wanted, await ask(wanted.make, wanted.request(wanted.config)), "cannot be made")
        return f"{wanted.name}: made"
    check(wanted, found, "cannot be read")
    names = drift(wanted.config, found["config"])
    if not names:
        return ""
    changed = wanted.request(found["config"] | wanted.config)
    check(wanted, await ask(wanted.change, changed), f"differs in {', '.join(names)} and cannot be mended")
    return f"{wanted.name}: {', '.join(names)} set right"


def check(wanted: Wanted, answer: dict[str, Any], what: str) -> None:
    if error := answer.get("error"):
        raise Refused(f"{wanted.name} {what}: {error.get('description')}")


async def declare_when_there(settings: NatsSettings, replicas: int) -> list[str]:
    """The broker may still be starting: tries for half a minute."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            async with administration(settings) as ask:
                return await declare(ask, replicas)
        except Refused:
            raise
        except BrokerError:
            if time.monotonic() > deadline:
                raise
        await asyncio.sleep(0.2)


def main() -> None:
    env = Environment(os.environ)
    settings = NatsSettings.read(env, "admin")
    try:
        done = asyncio.run(declare_when_there(settings, int(env.get("SCORE_NATS_REPLICAS", "1"))))
    except BrokerError as error:
        sys.exit(f"The broker is not as the services need it: {error}")
    print("\n".join(done or ["stream and consumers: up to date"]))


if __name__ == "__main__":
    main()
