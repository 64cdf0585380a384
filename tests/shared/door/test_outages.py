"""What a part's absence looks like from outside: told truthfully, never a success that is none, and over when it is over."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import asyncpg
import httpx
import pytest

from tests.gateway.servers import Running
from tests.shared.door.conftest import World, a_world, assert_problem, client_of, make, toy
from tests.shared.events.things import eventually

FAULTY = """
create sequence tries;
create function stumble() returns trigger language plpgsql as $$
begin
  if new.name = 'always' or (new.name = 'twice' and nextval('tries') <= 2) then
    raise exception 'in the way' using errcode = tg_argv[0];
  end if;
  return new;
end $$;
"""


@pytest.fixture(scope="module")
def frail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Servers that may be stopped."""
    with a_world(tmp_path_factory.mktemp("frail")) as world:
        yield world


@pytest.fixture(scope="module")
def frail_served(frail: World) -> Iterator[Running]:
    with frail.serving(frail.new_database()) as running:
        yield running


@pytest.fixture
async def toys(frail_served: Running) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(frail_served.url) as client:
        await eventually(lambda: is_ready(client))
        yield client


async def is_ready(client: httpx.AsyncClient) -> bool:
    return (await client.get("/-/ready")).status_code == 200


async def problems_of(client: httpx.AsyncClient) -> dict[str, str]:
    """Part -> what is wrong with it."""
    answer = await client.get("/-/ready")
    parts: dict[str, dict[str, str]] = answer.json()["parts"]
    assert (answer.status_code == 200) == all(part["status"] == "ready" for part in parts.values())
    return {name: part["problem"] for name, part in parts.items() if part["status"] != "ready"}


async def connect(frail: World) -> Any:
    return await asyncpg.connect(frail.postgres.url(frail.databases[0]))


async def test_when_all_is_well_every_part_says_so(toys: httpx.AsyncClient) -> None:
    parts = (await toys.get("/-/ready")).json()["parts"]
    assert parts == {
        name: {"status": "ready"}
        for name in ("broker", "relay", "consumer", "imports", "audit", "tokens", "database", "migrations")
    }


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["stopped", "crashed"])
async def test_a_database_that_is_down_is_told_and_comes_back(
    toys: httpx.AsyncClient, frail: World, how: signal.Signals
) -> None:
    """Requests go on throughout: what was acknowledged is there afterwards, and nothing is answered but success or 503."""
    path = f"/v1/toys/{(await make(toys))['id']}"
    stop, made, statuses = asyncio.Event(), [], set()

    async def write() -> None:
        while not stop.is_set():
            answer = await toys.post("/v1/toys", json=toy(name="written meanwhile"))
            statuses.add(answer.status_code)
            if answer.status_code == 201:
                made.append(answer.json()["id"])
            else:
                assert_problem(answer, 503, "service-unavailable")
                await asyncio.sleep(0.05)

    writers = [asyncio.create_task(write()) for _ in range(3)]
    await eventually(lambda: enough(made))
    await asyncio.to_thread(frail.postgres.stop, how)
    started = time.monotonic()
    for answer in (await toys.get(path), await toys.post("/v1/toys", json=toy()), await toys.get("/v1/toys")):
        assert_problem(answer, 503, "service-unavailable")
        assert answer.headers["retry-after"].isdigit()
    assert time.monotonic() - started < 5
    assert (await toys.get("/-/live")).status_code == 200
    assert (await problems_of(toys))["database"].startswith("database-unavailable")

    await asyncio.to_thread(frail.postgres.start)
    await eventually(lambda: is_ready(toys), seconds=10)
    stop.set()
    await asyncio.gather(*writers)
    assert statuses == {201, 503}
    for id in made:
        assert (await toys.get(f"/v1/toys/{id}")).status_code == 200


async def test_a_read_whose_connections_the_database_has_ended_is_asked_again(
    toys: httpx.AsyncClient, frail: World
) -> None:
    """Nothing can have been done twice: while they are ended again and again, every read is answered."""
    path, connection = f"/v1/toys/{(await make(toys))['id']}", await connect(frail)
    ended = 0
    ending = "select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = 'score reader'"
    try:
        for _ in range(10):
            answers = asyncio.gather(*(toys.get(path) for _ in range(4)), toys.get("/v1/toys"))
            ended += await connection.fetchval(ending)
            assert {answer.status_code for answer in await answers} == {200}
    finally:
        await connection.close()
    assert ended


async def enough(made: list[str]) -> bool:
    return len(made) > 5


@pytest.fixture
async def stumbling(frail: World, toys: httpx.AsyncClient) -> AsyncIterator[Any]:
    """`await stumbling("40001")`: the database refuses a toy named `twice` twice, and one named `always` always."""
    connection = await connect(frail)
    await connection.execute(FAULTY)

    async def stumble(state: str) -> None:
        await connection.execute(
            "drop trigger if exists stumbles on toys; alter sequence tries restart;"
            f"create trigger stumbles before insert on toys for each row execute function stumble('{state}')"
        )

    yield stumble
    await connection.execute("drop function stumble cascade; drop sequence tries")
    await connection.close()


@pytest.mark.parametrize("state", ["40001", "40P01"])
async def test_what_the_database_took_back_is_tried_again(toys: httpx.AsyncClient, stumbling: Any, state: str) -> None:
    await stumbling(state)
    assert (await toys.post("/v1/toys", json=toy(name="twice"))).status_code == 201
    refused = await toys.post("/v1/toys", json=toy(name="always"))
    assert_problem(refused, 503, "service-unavailable")
    assert refused.headers["retry-after"].isdigit()


@pytest.mark.parametrize(("state", "status"), [("53300", 503), ("57014", 503), ("22012", 500), ("XX000", 500)])
async def test_what_would_fail_again_is_not_tried_again(
    toys: httpx.AsyncClient, stumbling: Any, state: str, status: int
) -> None:
    await stumbling(state)
    assert (await toys.post("/v1/toys", json=toy(name="twice"))).status_code == status


async def test_a_connection_that_is_cut_before_the_commit_is_no_matter(toys: httpx.AsyncClient, frail: World) -> None:
    path = f"/v1/toys/{(await make(toys))['id']}"
    connection = await connect(frail)
    async with connection.transaction():
        await connection.execute("select 1 from toys where id = $1 for update", path.rpartition("/")[2])
        winding = asyncio.create_task(toys.post(f"{path}/wind"))
        cut = "select count(pg_terminate_backend(pid)) from pg_stat_activity where wait_event_type = 'Lock'"
        await eventually(lambda: connection.fetchval(cut))
    answer = await winding
    assert (answer.status_code, answer.json()["version"]) == (200, 2)
    await connection.close()


async def test_writes_go_on_without_the_broker(toys: httpx.AsyncClient, frail: World) -> None:
    frail.nats.kill()
    await eventually(lambda: has_problem(toys, "broker", "broker-unavailable"), seconds=5)
    made = await make(toys)
    assert (await toys.get(f"/v1/toys/{made['id']}")).json() == made
    assert float(await figure(toys, "score_outbox_backlog")) >= 1
    assert float(await figure(toys, "score_outbox_oldest_unpublished_seconds")) > 0
    assert await figure(toys, "score_consumer_pending") == "NaN"
    frail.nats.start()
    await eventually(lambda: is_ready(toys), seconds=5)
    await eventually(lambda: has_figure(toys, "score_outbox_backlog", "0.0"), seconds=5)


async def has_problem(client: httpx.AsyncClient, part: str, problem: str) -> bool:
    return (await problems_of(client)).get(part) == problem


async def figure(client: httpx.AsyncClient, name: str) -> str:
    [line] = [line for line in (await client.get("/-/metrics")).text.splitlines() if line.startswith(f"{name} ")]
    return line.rpartition(" ")[2]


async def has_figure(client: httpx.AsyncClient, name: str, value: str) -> bool:
    return await figure(client, name) == value


async def test_a_broker_that_may_forget_is_refused(toys: httpx.AsyncClient, frail: World) -> None:
    frail.nats.stop()
    frail.nats.durable = False
    frail.nats.start()
    await eventually(lambda: has_problem(toys, "broker", "broker-not-durable"), seconds=5)
    await make(toys)
    await asyncio.sleep(1.2)  # two polls of the relay
    assert float(await figure(toys, "score_outbox_backlog")) >= 1
    assert (await toys.get("/-/ready")).status_code == 503
    frail.nats.stop()
    frail.nats.durable = True
    frail.nats.start()
    await eventually(lambda: is_ready(toys), seconds=5)


async def test_a_schema_of_yesterday_is_not_ready_one_of_tomorrow_is(toys: httpx.AsyncClient, frail: World) -> None:
    connection = await connect(frail)
    heads = await connection.fetch("delete from alembic_version returning version_num")
    try:
        assert await problems_of(toys) == {"migrations": "schema-behind: run the migrations"}
        await connection.execute("insert into alembic_version values ('9999_of_tomorrow')")
        assert await problems_of(toys) == {}
    finally:
        await connection.execute("delete from alembic_version")
        await connection.executemany("insert into alembic_version values ($1)", [tuple(head) for head in heads])
        await connection.close()


async def test_what_is_old_is_forgotten_by_itself(
    frail: World, toys: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Records of answers, published events, received events: each grew old; a young one of each stays."""
    monkeypatch.setattr("shared.service.HOUSEKEEPING_SECONDS", 0.1)
    connection = await connect(frail)
    for age in ("31 days", "1 minute"):
        await connection.execute(
            f"""insert into outbox (event_id, subject, aggregate_id, aggregate_version, payload, traceparent, request_id, by,
                                    occurred_at, published_at, stream_seq)
                select uuidv7(), 's', uuidv7(), 1, '{{}}', '', '', '', now(), now() - interval '{age}', 1;
                insert into inbox values (uuidv7(), 's', 1, now() - interval '{age}');
                insert into idempotency (client, method, path, key, fingerprint, status, body, headers, created_at)
                values ('c', 'POST', '/', '{age}', '', 201, '', '{{}}', now() - interval '{age}')"""
        )
    counts = """select (select count(*) from outbox where subject = 's'), (select count(*) from inbox where subject = 's'),
                       (select count(*) from idempotency where client = 'c')"""
    try:
        with frail.serving(frail.databases[0]):
            await eventually(lambda: is_row(connection, counts, (1, 1, 1)))
    finally:
        await connection.close()


async def is_row(connection: Any, query: str, row: tuple[int, ...]) -> bool:
    return tuple(await connection.fetchrow(query)) == row
