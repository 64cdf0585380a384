"""How long an event takes from a commit here to a commit there, beside publishing to JetStream and reading it; and how fast the
outbox is emptied, beside publishing as fast as the broker takes it. Both brokers write to the disk before they acknowledge.
"""

import asyncio
import json
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

import asyncpg
import nats
import orjson
from nats.aio.client import Client

from bench import scratch
from bench.load import Asked, ask_all, holds
from bench.measure import Row, Run, Sample, WrongAnswer, at_least, at_most, in_turn, percentile
from bench.place import Place
from bench.records import enterprise

PER_SECOND = 100.0
JSON = {"Content-Type": "application/json"}
PATIENCE_SECONDS = 60.0
LOOK_SECONDS = 0.05
RELAY_BATCH = 500
STREAM, SUBJECT, CONSUMER = "SCORE", "score.enterprise.bench.v1", "metrics"
OUTBOX = "outbox_beside"
FIRST, AMENDED = 50_000_000, 100
# a commit is told of by the database itself, to whoever measures: nothing is asked for again and again
TELL = """
create or replace function tell_bench() returns trigger language plpgsql as
  $$ begin perform pg_notify('bench', new.{id} || ' ' || new.{version}); return null; end $$;
create or replace trigger tell_bench after insert or update on {table} for each row execute function tell_bench()
"""
WAITING = """
insert into outbox (event_id, subject, aggregate_id, aggregate_version, payload, traceparent, request_id, by, occurred_at)
select uuidv7(), $2, uuidv7(), 1, $3, '', '', 'bench', now() from generate_series(1, $1::int)
"""


async def measure(place: Place) -> list[Row]:
    with scratch.broker(place) as beside:
        async with connected(beside, "enterprise") as publisher, connected(beside, "metrics") as reader:
            latency = await in_turn(
                "events", raw_latency(place, publisher, reader), await our_latency(place), few(place), place.say
            )
            drained = await drain(place, beside, publisher)
    peer = "JetStream, publish to read"
    reached = f"{statistics.median(latency.candidates('rate')):.0f} commits a second were reached"
    return [
        Row(
            "event at 100/s: committed here to committed there, p50",
            peer,
            at_most(5),
            latency.ratios("p50"),
            note=reached,
        ),
        Row("event at 100/s: committed here to committed there, p99", peer, at_most(10), latency.ratios("p99")),
        Row("event: p50", "", None, latency.candidates("p50"), unit="ms"),
        *drained,
    ]


def few(place: Place) -> int:
    return max(2, place.size.pairs // 2)


@asynccontextmanager
async def connected(broker: scratch.Broker, user: str) -> AsyncIterator[Client]:
    password = broker.environment[f"SCORE_NATS_PASSWORD_{user.upper()}"]
    client = await nats.connect(broker.url, user=user, password=password, inbox_prefix=f"_INBOX_{user}")
    try:
        yield client
    finally:
        await client.close()


# --- latency -----------------------------------------------------------------------------------------------------------


def raw_latency(place: Place, publisher: Client, reader: Client) -> Run:
    """The message says when it left."""
    payload = orjson.dumps(enterprise(1))

    async def read(count: int) -> list[float]:
        subscription = await reader.jetstream().pull_subscribe_bind(CONSUMER, STREAM)
        seconds: list[float] = []
        while len(seconds) < count:
            for message in await subscription.fetch(100, timeout=PATIENCE_SECONDS):
                seconds.append(time.monotonic() - float((message.headers or {})["sent"]))
                await message.ack()
        return seconds

    async def run() -> Sample:
        reading = asyncio.create_task(read(place.size.events))
        due = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for _ in range(place.size.events):
                due += 1 / PER_SECOND
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                headers = {"sent": repr(time.monotonic())}
                group.create_task(publisher.jetstream().publish(SUBJECT, payload, headers=headers))
        return in_milliseconds(await asyncio.wait_for(reading, PATIENCE_SECONDS))

    return run


async def our_latency(place: Place) -> Run:
    """Of amendments: the cheapest writes that are told of, so that what is measured is the way and not the queue before it."""
    ids = await registered(place)
    numbers = count()

    async def run() -> Sample:
        headers = place.headers() | JSON | {"If-Match": "*"}
        asked = (amendment(ids, next(numbers), headers) for _ in range(place.size.events))
        left, arrived = await heard(place, "enterprise", "outbox", "aggregate_id", "aggregate_version"), None
        try:
            arrived = await heard(place, "metrics", "enterprise_views", "id", "version")
            url = place.service_url("enterprise")
            load = await ask_all(url, asked, holds(b'"legal_name"'), per_second=PER_SECOND)
            await until(lambda: len(arrived.at) >= place.size.events)
            between = [arrived.at[id] - left.at[id] for id in arrived.at]
            return {**in_milliseconds(between), "rate": load.sample["rate"]}
        finally:
            await left.connection.close()
            if arrived:
                await arrived.connection.close()

    return run


async def registered(place: Place) -> list[str]:
    async with place.api() as api:
        answers = [await api.post("/v1/enterprises", json=enterprise(FIRST + n)) for n in range(AMENDED)]
    return [str(answer.raise_for_status().json()["id"]) for answer in answers]


def amendment(ids: list[str], n: int, headers: dict[str, str]) -> Asked:
    """No two of the same enterprise at once; each changes something."""
    body = json.dumps({"languages": ["en"] if n // len(ids) % 2 else ["en", "fr"]}).encode()
    return Asked.of("PATCH", f"/v1/enterprises/{ids[n % len(ids)]}", headers, body)


class Heard:
    """When the database first told of each version of each id."""

    def __init__(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        self.connection = connection
        self.at: dict[str, float] = {}

    def hear(self, _: Any, __: int, ___: str, id: object) -> None:
        self.at.setdefault(str(id), time.monotonic())


async def heard(place: Place, service: str, table: str, id: str, version: str) -> Heard:
    connection = await place.connect(f"score_{service}")
    await connection.execute(TELL.format(table=table, id=id, version=version))
    told = Heard(connection)
    await connection.add_listener("bench", told.hear)
    return told


def in_milliseconds(seconds: list[float]) -> Sample:
    return {"p50": percentile(seconds, 0.50) * 1000, "p99": percentile(seconds, 0.99) * 1000}


async def until(done: Any) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not done():
        if time.monotonic() > deadline:
            raise WrongAnswer("not all events arrived")
        await asyncio.sleep(LOOK_SECONDS)


# --- the outbox --------------------------------------------------------------------------------------------------------


async def drain(place: Place, beside: scratch.Broker, publisher: Client) -> list[Row]:
    await scratch.make_database(place, OUTBOX, "enterprise")
    with scratch.service(place, "enterprise", OUTBOX, beside):
        database = await place.connect(OUTBOX)
        try:
            pairs = await in_turn(
                "outbox", publishing(place, publisher), emptying(place, database), few(place), place.say
            )
        finally:
            await database.close()
    return [Row("outbox: events a second", "JetStream, published asynchronously", at_least(0.40), pairs.ratios("rate"))]


def publishing(place: Place, publisher: Client) -> Run:
    payload = orjson.dumps(enterprise(1))

    async def run() -> Sample:
        stream = publisher.jetstream(publish_async_max_pending=RELAY_BATCH)
        began = time.monotonic()
        for _ in range(place.size.outbox):
            await stream.publish_async(SUBJECT, payload, wait_stall=PATIENCE_SECONDS)
        await stream.publish_async_completed()
        return {"rate": place.size.outbox / (time.monotonic() - began)}

    return run


def emptying(place: Place, database: "asyncpg.Connection[asyncpg.Record]") -> Run:
    """From the first batch to the last: the relay looks for what others wrote twice a second, which is not what is asked here."""
    payload = json.dumps(enterprise(1))

    async def run() -> Sample:
        began = await database.fetchval("select clock_timestamp()")
        await database.execute(WAITING, place.size.outbox, SUBJECT, payload)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while await database.fetchval("select exists (select from outbox where published_at is null)"):
            if time.monotonic() > deadline:
                raise WrongAnswer("the outbox was not emptied")
            await asyncio.sleep(LOOK_SECONDS)
        spent = "select extract(epoch from max(published_at) - min(published_at))::float from outbox where published_at > $1"
        return {"rate": (place.size.outbox - RELAY_BATCH) / await database.fetchval(spent, began)}

    return run
