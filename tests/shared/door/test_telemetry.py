"""What an operator sees: one thread from request to event, figures with bounded labels, and no word of what was sent."""

import asyncio
import json
import re
import secrets
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import select

from shared.db import Database, create_engine
from shared.envelope import Envelope
from shared.nats import Bus
from shared.relay import message_of
from shared.tables import dead_letters, history, inbox, outbox
from tests.gateway.servers import Running, until
from tests.shared.door.conftest import World, bearer, client_of, make, toy, toys_process
from tests.shared.events.things import eventually, settings_of

REQUESTS = 100


async def rows(world: World, statement: Any) -> list[Any]:
    database = Database(create_engine(world.postgres.url(world.databases[0])))
    try:
        async with database.transaction() as session:
            return list((await session.execute(statement)).all())
    finally:
        await database.close()


async def test_one_thread_goes_from_the_request_into_the_event(
    toys: httpx.AsyncClient, served: Running, world: World
) -> None:
    """Trace, request id and who asked: in the answer, the history, the outbox and the broker's headers."""
    threads = {f"req-{uuid4()}": f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01" for _ in range(REQUESTS)}

    async def post(request_id: str, trace: str) -> str:
        headers = {"X-Request-ID": request_id, "traceparent": trace}
        answer = await toys.post("/v1/toys", json=toy(), headers=headers)
        assert answer.headers["x-request-id"] == request_id
        assert answer.headers["traceparent"][3:35] == trace[3:35]
        return str(answer.json()["id"])

    ids = await asyncio.gather(*(post(*thread) for thread in threads.items()))
    announced = await rows(world, select(outbox).where(outbox.c.request_id.in_(threads)))
    assert {str(row.aggregate_id) for row in announced} == set(ids)
    assert {row.request_id: row.traceparent[3:35] for row in announced} == {
        request_id: trace[3:35] for request_id, trace in threads.items()
    }
    assert {row.by for row in announced} == {"client-1"}
    changed = await rows(world, select(history).where(history.c.request_id.in_(threads)))
    assert {(str(row.aggregate_id), row.by, row.version) for row in changed} == {(id, "client-1", 1) for id in ids}
    assert await carried(world, threads)


async def carried(world: World, threads: dict[str, str]) -> bool:
    """Whether the broker delivers each to another service in its thread."""
    bus = Bus(settings_of(world.nats.url, "metrics"), "metrics")
    loop = asyncio.create_task(bus.run())
    missing = dict(threads)
    await eventually(lambda: connected(bus))
    async with bus.pulling() as fetch:
        while missing and (deliveries := await fetch()):
            for delivery in deliveries:
                context = Envelope.read(delivery.subject, delivery.headers, delivery.payload).context
                if trace := missing.pop(context.request_id, None):
                    assert context.traceparent[3:35] == trace[3:35]
                    assert context.subject == "client-1"
                await delivery.ack()
    loop.cancel()
    await asyncio.gather(loop, return_exceptions=True)
    await bus.close()
    return not missing


async def connected(bus: Bus) -> bool:
    return bus.problem is None


# --- figures ---------------------------------------------------------------------------------------------------


async def series(client: httpx.AsyncClient) -> dict[str, str]:
    page = (await client.get("/-/metrics")).text
    return dict(line.rsplit(" ", 1) for line in page.splitlines() if not line.startswith("#"))


async def test_the_figures_of_events_are_there(toys: httpx.AsyncClient) -> None:
    figures = await series(toys)
    for name in (
        "score_outbox_backlog",
        "score_outbox_oldest_unpublished_seconds",
        "score_dead_letters",
        "score_consumer_pending",
        "score_consumer_ack_pending",
        "score_consumer_redelivered",
        "score_inbox_duplicates_total",
    ):
        assert float(figures[name]) >= 0


async def test_an_event_that_comes_again_is_counted(toys: httpx.AsyncClient, world: World) -> None:
    before = float((await series(toys))["score_inbox_duplicates_total"])
    made = await make(toys)
    [row] = await rows(world, select(outbox).where(outbox.c.aggregate_id == made["id"]))
    news = {"event_id": uuid4(), "subject": "score.training.toy.made.v1", "payload": json.dumps(row.payload)}
    bus = Bus(settings_of(world.nats.url, "training"), "training")
    loop = asyncio.create_task(bus.run())
    await eventually(lambda: connected(bus))
    message = message_of({**row._mapping, **news}, "training")
    await bus.publish(message)
    await eventually(lambda: taken_in(world, news["event_id"]))
    again = type(message)(message.subject, {**message.headers, "Nats-Msg-Id": str(uuid4())}, message.payload)
    await bus.publish(again)
    await eventually(lambda: counted(toys, before + 1))
    loop.cancel()
    await asyncio.gather(loop, return_exceptions=True)
    await bus.close()


async def taken_in(world: World, event_id: Any) -> bool:
    return bool(await rows(world, select(inbox.c.event_id).where(inbox.c.event_id == event_id)))


async def counted(toys: httpx.AsyncClient, at_least: float) -> bool:
    return float((await series(toys))["score_inbox_duplicates_total"]) >= at_least


async def test_a_dead_letter_is_counted_until_it_is_redriven(toys: httpx.AsyncClient, world: World) -> None:
    database = Database(create_engine(world.postgres.url(world.databases[0])))
    letter = {"event_id": uuid4(), "subject": "s", "headers": {}, "payload": b"", "error": "e", "stream_seq": 1}
    async with database.transaction() as session:
        await session.execute(dead_letters.insert().values(**letter, attempts=1))
    assert (await series(toys))["score_dead_letters"] == "1.0"
    async with database.transaction() as session:
        await session.execute(dead_letters.delete())
    await database.close()
    assert (await series(toys))["score_dead_letters"] == "0.0"


async def test_labels_are_bounded(toys: httpx.AsyncClient) -> None:
    async def strange_requests(count: int) -> None:
        for _ in range(count):
            await toys.get(f"/v1/{uuid4()}")
            await toys.get(f"/v1/toys/{uuid4()}")
            await toys.request("PROPFIND", f"/v1/toys/{uuid4()}")
            await toys.post("/v1/toys", json={uuid4().hex: 1})

    await strange_requests(1)
    before = set(await series(toys))
    await strange_requests(100)
    assert set(await series(toys)) == before
    assert not any(re.search(r"[0-9a-f]{8}-[0-9a-f]{4}", name) for name in before)


async def test_figures_are_for_this_machine(served: Running) -> None:
    """Whoever speaks for others says so."""
    async with httpx.AsyncClient(base_url=served.url) as stranger:
        assert (await stranger.get("/-/metrics")).status_code == 200
        assert (await stranger.get("/-/metrics", headers={"X-Forwarded-For": "8.8.8.8"})).status_code == 404


# --- logs ------------------------------------------------------------------------------------------------------


def canary() -> str:
    return f"canary{secrets.token_hex(8)}"


async def test_nothing_that_was_sent_is_in_the_log(world: World, tmp_path: Path) -> None:
    database = await asyncio.to_thread(world.new_database)
    log, canaries = tmp_path / "log", {name: canary() for name in ("text", "key", "query", "path", "header", "field")}
    secret = world.environment(database, 1)["SCORE_SECRET"]
    with toys_process(world, database, log, SCORE_LOG_FORMAT="json") as url:
        until(lambda: is_live(url))
        async with client_of(url) as toys:
            statuses = await provoke(toys, canaries)
        until(lambda: b"PROPFIND" not in log.read_bytes() and log.read_bytes().count(b'"request"') >= len(statuses))
    written = log.read_text()
    assert 500 in statuses
    assert 201 in statuses
    for name, word in canaries.items():
        assert word not in written, name
    assert secret not in written
    assert bearer()["Authorization"].partition(".")[0].removeprefix("Bearer ") not in written
    assert "Traceback" not in written
    check_lines([json.loads(line) for line in written.splitlines()])


def check_lines(lines: list[dict[str, Any]]) -> None:
    assert all({"ts", "level", "event", "service"} <= line.keys() for line in lines)
    [bug, *_] = [line for line in lines if line["event"] == "bug" and line["error"] == "ZeroDivisionError"]
    assert any("toys.py" in place for place in bug["frames"])
    requests = [line for line in lines if line["event"] == "request"]
    assert all(len(line["trace_id"]) == 32 and line["request_id"] for line in requests)
    assert {line["route"] for line in requests} >= {"/v1/toys", "/v1/toys/{toy_id}", "unmatched"}
    assert bug["request_id"] in {line["request_id"] for line in requests if line["status"] == 500}


async def provoke(toys: httpx.AsyncClient, word: dict[str, str]) -> list[int]:
    """Statuses of requests that carry a canary in every place, and go wrong in every way."""
    made = await toys.post("/v1/toys", json=toy(name=word["text"], notes={"in": word["text"]}))
    path, text = made.headers["location"], word["text"]
    absent = "018f0c5e-7f00-7000-8000-000000000000"
    answers = [
        made,
        await toys.post(f"{path}/drop"),
        await toys.post("/v1/toys", json=toy(name=text, buddy_id=absent)),
        await toys.post("/v1/toys", json=toy(name=text), headers={"Idempotency-Key": word["key"]}),
        await toys.post("/v1/toys", json=toy(kind=text, pieces=text, **{f"{word['field']} x": text})),
        await toys.post("/v1/toys", content=f'{{"{text}'.encode(), headers={"Content-Type": "application/json"}),
        await toys.get(f"/v1/toys?{word['query']}%20={word['query']}&kind={word['query']}"),
        await toys.get(f"/v1/{word['path']}"),
        await toys.get(f"/v1/toys/{word['path']}"),
        await toys.get("/v1/toys", headers={"X-Custom": word["header"], "Consistency-Token": word["header"]}),
        await toys.get("/v1/toys", headers={"Authorization": f"Bearer {word['header']}"}),
        await toys.get("/v1/toys", headers={"traceparent": word["header"], "If-None-Match": word["header"]}),
        await toys.get(path, headers={"X-Request-ID": f"{word['header']} {word['header']}"}),
    ]
    for answer in answers[1:]:
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == "application/problem+json"
            assert not any(one in answer.text for one in word.values()), answer.text
    return [answer.status_code for answer in answers]


def is_live(url: str) -> bool:
    try:
        return httpx.get(f"{url}/-/live").status_code == 200
    except httpx.TransportError:
        return False


@pytest.mark.parametrize("path", ["/-/live", "/-/ready", "/-/metrics"])
async def test_what_machines_ask_all_the_time_is_not_logged(
    toys: httpx.AsyncClient, path: str, capfd: pytest.CaptureFixture[str]
) -> None:
    await toys.get(path)
    assert path not in capfd.readouterr().out


LOGGING = """
import asyncio, logging
from shared.telemetry import configure_logging
configure_logging("toys", "json")
try:
    raise ValueError("canary")
except ValueError:
    logging.getLogger("uvicorn.error").exception("went wrong")
async def main():
    task = asyncio.create_task(asyncio.sleep(0)); await task
    async def fail(): raise KeyError("canary")
    asyncio.create_task(fail()); await asyncio.sleep(0.01)
asyncio.run(main())
"""


def test_an_exception_that_others_log_is_told_without_its_text() -> None:
    done = subprocess.run([sys.executable, "-c", LOGGING], capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["error"] for line in lines] == ["ValueError", "KeyError"]
    assert all(line["frames"] for line in lines)
    assert "canary" not in done.stdout + done.stderr
