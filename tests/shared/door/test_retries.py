"""Idempotency-Key, and the one transaction behind it: the row, its history, its event, the record of the answer."""

import asyncio
from typing import Any

import asyncpg
import httpx
import pytest

from shared.db import uuid7
from tests.gateway.servers import Running, until
from tests.shared.door.conftest import World, assert_problem, bearer, client_of, make, toy, toys_process
from tests.shared.events.things import eventually

AT_ONCE = 50
REPLAYED = ("etag", "location", "consistency-token", "content-type")
EVERYTHING = """
select (select count(*) from toys where name = $1) as rows,
       (select count(*) from history h join toys t on t.id = h.aggregate_id where t.name = $1) as history,
       (select count(*) from outbox where payload ->> 'name' = $1) as events,
       (select count(*) from idempotency where key = $1) as records
"""


def key() -> str:
    return str(uuid7())


async def post(toys: httpx.AsyncClient, key: str, path: str = "/v1/toys", **changes: Any) -> httpx.Response:
    return await toys.post(path, json=toy(**changes), headers={"Idempotency-Key": key})


async def stored(world: World, name: str, database: str = "toys_0") -> dict[str, int]:
    connection = await asyncpg.connect(world.postgres.url(database))
    try:
        return dict(await connection.fetchrow(EVERYTHING, name))
    finally:
        await connection.close()


@pytest.fixture(scope="session")
def database(world: World, served: Running) -> str:
    return world.databases[0]


async def test_a_repeat_is_answered_alike_and_done_once(toys: httpx.AsyncClient, world: World, database: str) -> None:
    name = key()
    first = await post(toys, name, name=name)
    again = await post(toys, name, name=name)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert {header: again.headers[header] for header in REPLAYED} == {name: first.headers[name] for name in REPLAYED}
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    assert await stored(world, name, database) == dict.fromkeys(("rows", "history", "events", "records"), 1)


async def test_of_fifty_at_once_one_is_done(toys: httpx.AsyncClient, world: World, database: str) -> None:
    name = key()
    answers = await asyncio.gather(*(post(toys, name, name=name) for _ in range(AT_ONCE)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
    for answer in answers:
        if answer.status_code == 409:
            assert_problem(answer, 409, "idempotency-in-progress")
            assert answer.headers["retry-after"] == "1"
    assert await stored(world, name, database) == dict.fromkeys(("rows", "history", "events", "records"), 1)


async def test_a_repeat_while_the_first_runs_is_told_so_at_once(
    toys: httpx.AsyncClient, world: World, database: str
) -> None:
    """The first waits for a row that somebody else holds."""
    path = f"/v1/toys/{(await make(toys))['id']}"
    connection = await asyncpg.connect(world.postgres.url(database))
    async with connection.transaction():
        await connection.execute("select 1 from toys where id = $1 for update", path.rpartition("/")[2])
        headers = {"Idempotency-Key": key()}
        first = asyncio.create_task(toys.post(f"{path}/wind", headers=headers))
        await until_locked(connection)
        async with asyncio.timeout(2):
            refused = await toys.post(f"{path}/wind", headers=headers)
        assert_problem(refused, 409, "idempotency-in-progress")
    assert (await first).status_code == 200
    assert (await toys.post(f"{path}/wind", headers=headers)).headers["idempotent-replayed"] == "true"
    await connection.close()


async def until_locked(connection: Any) -> None:
    waiting = "select count(*) from pg_stat_activity where wait_event_type = 'Lock'"
    await eventually(lambda: connection.fetchval(waiting))


async def test_another_request_under_the_key_is_refused(toys: httpx.AsyncClient) -> None:
    used, headers = key(), {"Content-Type": "application/json"}
    await post(toys, used, name="a")
    assert_problem(await post(toys, used, name="b"), 422, "idempotency-key-reused")
    spaced = b'{ "name": "a", "kind": "wooden", "country": "GH"}'
    refused = await toys.post("/v1/toys", content=spaced, headers=headers | {"Idempotency-Key": used})
    assert_problem(refused, 422, "idempotency-key-reused")
    other_type = {"Content-Type": "application/json; charset=utf-8", "Idempotency-Key": used}
    same = await toys.post(
        "/v1/toys", content=toys.build_request("POST", "/", json=toy(name="a")).content, headers=other_type
    )
    assert_problem(same, 422, "idempotency-key-reused")


async def test_a_key_is_of_one_path_and_one_client(served: Running, toys: httpx.AsyncClient) -> None:
    used = key()
    first, second = [(await make(toys))["id"] for _ in range(2)]
    headers = {"Idempotency-Key": used}
    for path in ("/v1/toys", "/v1/secret-toys"):
        assert (await post(toys, used, path)).status_code == 201
    for id in (first, second):
        assert (await toys.post(f"/v1/toys/{id}/wind", headers=headers)).status_code == 200
    async with client_of(served.url, client="client-2") as other:
        answer = await post(other, used)
        assert answer.status_code == 201
        assert "idempotent-replayed" not in answer.headers


async def test_after_a_refusal_the_key_is_free(toys: httpx.AsyncClient) -> None:
    used = key()
    assert (await post(toys, used, pieces=-1)).status_code == 422
    assert (await post(toys, used, parent_id="018f0c5e-7f00-7000-8000-000000000000")).status_code == 422
    path = f"/v1/toys/{(await make(toys))['id']}"
    await toys.post(f"{path}/wind")
    assert (await toys.post(f"{path}/wind", headers={"Idempotency-Key": used})).status_code == 409
    done = await post(toys, used)
    assert done.status_code == 201
    assert "idempotent-replayed" not in done.headers


async def test_permission_is_checked_before_a_repeat(served: Running, toys: httpx.AsyncClient) -> None:
    used = key()
    await post(toys, used)
    async with client_of(served.url, scope="toys:read") as reader:
        assert_problem(await post(reader, used), 403, "insufficient-scope")


async def test_a_secret_is_shown_once(toys: httpx.AsyncClient, world: World, database: str) -> None:
    used = key()
    first = await post(toys, used, "/v1/secret-toys", name=used)
    assert first.json()["secret"] == "told-once"
    again = await post(toys, used, "/v1/secret-toys", name=used)
    assert_problem(again, 409, "secret-already-shown")
    assert again.headers["location"] == first.headers["location"] == f"/v1/toys/{first.json()['id']}"
    assert "told-once" not in again.text
    assert (await stored(world, used, database))["rows"] == 1
    connection = await asyncpg.connect(world.postgres.url(database))
    assert await connection.fetchval("select count(*) from idempotency where body like '%told-once%'") == 0
    await connection.close()


async def test_a_record_lives_a_day(toys: httpx.AsyncClient, world: World, database: str) -> None:
    used = key()
    await post(toys, used, name=used)
    connection = await asyncpg.connect(world.postgres.url(database))
    aged = "update idempotency set created_at = now() - interval '24 hours 1 second' where key = $1"
    await connection.execute(aged, used)
    await connection.close()
    anew = await post(toys, used, name=used)
    assert "idempotent-replayed" not in anew.headers
    assert (await stored(world, used, database))["rows"] == 2


async def test_an_external_ref_is_taken_once_and_found(toys: httpx.AsyncClient, served: Running) -> None:
    ref = key()
    first = await make(toys, external_ref=ref)
    refused = await toys.post("/v1/toys", json=toy(external_ref=ref))
    assert_problem(refused, 409, "already-exists", pointer="/external_ref", error="taken")
    assert refused.headers["location"] == f"/v1/toys/{first['id']}"
    assert [one["id"] for one in (await toys.get(f"/v1/toys?external_ref={ref}")).json()["items"]] == [first["id"]]
    async with client_of(served.url, client="client-3") as other:
        assert (await other.post("/v1/toys", json=toy(external_ref=ref))).status_code == 201


async def test_of_many_with_one_external_ref_at_once_one_is_made(toys: httpx.AsyncClient) -> None:
    ref = key()
    answers = await asyncio.gather(*(toys.post("/v1/toys", json=toy(external_ref=ref)) for _ in range(20)))
    [made] = [answer for answer in answers if answer.status_code == 201]
    for answer in answers:
        if answer is not made:
            assert_problem(answer, 409, "already-exists")
            assert answer.headers["location"] == made.headers["location"]


# --- one transaction -------------------------------------------------------------------------------------------


async def test_a_commit_that_fails_is_never_a_success(toys: httpx.AsyncClient, world: World, database: str) -> None:
    name = key()
    failed = await post(toys, name, name=name, buddy_id="018f0c5e-7f00-7000-8000-000000000000")
    assert_problem(failed, 500, "internal-error")
    assert await stored(world, name, database) == dict.fromkeys(("rows", "history", "events", "records"), 0)


async def test_a_crash_at_any_point_leaves_all_or_nothing(world: World) -> None:
    """Killed before its first, second, ... statement, the commit included, and after it, until a request gets through."""
    database = await asyncio.to_thread(world.new_database)
    states = []
    with toys_process(world, database, CRASHING="1") as url:
        for point in range(1, 40):
            status = await asyncio.to_thread(post_once, url, f"crash-{point}")
            states.append(set((await stored(world, f"crash-{point}", database)).values()))
            if status:
                break
        assert status == 201
    with toys_process(world, database) as url:
        repeated = [await asyncio.to_thread(post_once, url, f"crash-{n}") for n in range(1, point + 1)]
    assert states == [{0}] * (point - 2) + [{1}] * 2  # the last but one was killed between its commit and its answer
    assert point > 6
    assert set(repeated) == {201}
    for n in range(1, point + 1):
        assert set((await stored(world, f"crash-{n}", database)).values()) == {1}


def post_once(url: str, name: str) -> int | None:
    """Status; None if the process died instead of answering."""
    until(lambda: is_live(url))
    headers = bearer() | {"Idempotency-Key": name}
    try:
        return httpx.post(f"{url}/v1/toys", json=toy(name=name), headers=headers, timeout=20).status_code
    except httpx.TransportError:
        return None


def is_live(url: str) -> bool:
    try:
        return httpx.get(f"{url}/-/live").status_code == 200
    except httpx.TransportError:
        return False
