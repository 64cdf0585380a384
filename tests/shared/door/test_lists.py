"""Lists: pages that stay stable while others write, cursors that belong to one list, filters, sort."""

import asyncio
from typing import Any
from urllib.parse import urlencode

import asyncpg
import httpx
import pytest

from shared.db import uuid7
from tests.gateway.servers import Running
from tests.shared.door.conftest import World, assert_problem, make, toy

ROWS, WRITERS = 500, 4


async def walk(toys: httpx.AsyncClient, **query: Any) -> list[dict[str, Any]]:
    """Every item, by following the links."""
    items: list[dict[str, Any]] = []
    path: str | None = f"/v1/toys?{urlencode(query)}"
    while path:
        answer = await toys.get(path)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        items += page["items"]
        path = next_of(answer)
        assert (page["next_cursor"] is None) == (path is None)
    return items


def next_of(answer: httpx.Response) -> str | None:
    link = answer.headers.get("link")
    if link is None:
        return None
    assert link.startswith("</v1/toys?")
    assert link.endswith('>; rel="next"')
    return str(link[1 : link.index(">")])


FILL = """
insert into toys (id, version, created_at, updated_at, created_by, name, kind, country, pieces, fragile, weight, tags, wheels,
                  notes, state)
select uuidv7(), 1, at, at + interval '1 second' * (n % 7), 'filler', 'Horse', 'tin', 'FJ', n, false, 0, '[]', '[]', '{}', 'still'
from generate_series(1, $1) n, lateral (select now() - interval '1 second' * (n / 10) as at) a
returning id
"""


@pytest.fixture(scope="session")
async def five_hundred(world: World, served: Running) -> list[str]:
    """Ids of toys in Fiji; ten of each were made at the same instant, as an import does."""
    connection = await asyncpg.connect(world.postgres.url(world.databases[0]))
    ids = [str(row["id"]) for row in await connection.fetch(FILL, ROWS)]
    await connection.close()
    return ids


@pytest.mark.parametrize("sort", ["created_at", "-created_at", "updated_at", "-updated_at"])
async def test_a_walk_sees_each_untouched_row_once_while_others_write(
    toys: httpx.AsyncClient, five_hundred: list[str], sort: str
) -> None:
    """Writers make, change and delete toys of their own in the same list meanwhile."""
    done = asyncio.Event()

    async def write() -> None:
        while not done.is_set():
            made = (await toys.post("/v1/toys", json=toy(country="FJ", name="theirs"))).json()
            path = f"/v1/toys/{made['id']}"
            await toys.patch(path, json={"pieces": 2}, headers={"If-Match": '"1"'})
            await toys.delete(path, headers={"If-Match": '"2"'})

    writers = [asyncio.create_task(write()) for _ in range(WRITERS)]
    seen = [one["id"] for one in await walk(toys, country="FJ", sort=sort, limit=17)]
    done.set()
    await asyncio.gather(*writers)
    counts = [seen.count(id) for id in five_hundred]
    assert set(counts) == {1}


@pytest.mark.parametrize("sort", ["created_at", "-created_at", "updated_at", "-updated_at"])
async def test_items_come_in_the_order_asked_for(toys: httpx.AsyncClient, sort: str) -> None:
    for n in range(3):
        path = f"/v1/toys/{(await make(toys, country='TO'))['id']}"
        await toys.patch(path, json={"pieces": n}, headers={"If-Match": '"1"'})
    items = await walk(toys, country="TO", sort=sort, limit=2)
    keys = [(item[sort.lstrip("-")], item["id"]) for item in items]
    assert keys == sorted(keys, reverse=sort.startswith("-"))
    assert len(keys) >= 3


async def test_ties_are_parted_by_id(toys: httpx.AsyncClient, five_hundred: list[str]) -> None:
    keys = [(one["created_at"], one["id"]) for one in await walk(toys, country="FJ", limit=7)]
    assert keys == sorted(keys)
    assert {id for _, id in keys} >= set(five_hundred)


async def test_the_last_page_has_no_next(toys: httpx.AsyncClient) -> None:
    for _ in range(2):
        await make(toys, country="NR")
    full = await toys.get("/v1/toys?country=NR&limit=2")
    if len(await walk(toys, country="NR")) == 2:
        assert full.json()["next_cursor"] is None
        assert "link" not in full.headers
    empty = await toys.get("/v1/toys?country=AQ")
    assert empty.json() == {"items": [], "next_cursor": None}


async def test_a_count_is_given_when_asked_for(toys: httpx.AsyncClient) -> None:
    for _ in range(3):
        await make(toys, country="WS")
    counted = (await toys.get("/v1/toys?country=WS&count=exact&limit=1")).json()
    assert counted["total"] == len(await walk(toys, country="WS"))
    assert "total" not in (await toys.get("/v1/toys?country=WS&limit=1")).json()


async def test_filters_hold_together_and_a_comma_means_any_of(toys: httpx.AsyncClient) -> None:
    parent = await make(toys, country="KI", kind="tin")
    child = await make(toys, country="KI", kind="wooden", parent_id=parent["id"])
    await make(toys, country="PW", kind="tin")

    async def ids(**query: str) -> set[str]:
        return {one["id"] for one in await walk(toys, **query)}

    assert {parent["id"], child["id"]} <= await ids(country="KI")
    assert child["id"] not in await ids(country="KI", kind="tin")
    assert {parent["id"], child["id"]} <= await ids(country="PW,KI", kind="tin,wooden")
    assert await ids(parent_id=parent["id"]) == {child["id"]}
    assert await ids(parent_id=f"{uuid7()},{parent['id']}") == {child["id"]}
    assert await ids(parent_id=str(uuid7())) == set()


async def test_what_changed_since_an_instant_is_found(toys: httpx.AsyncClient) -> None:
    old, other = await make(toys, country="VU"), await make(toys, country="VU")
    since = (await make(toys, country="VU"))["updated_at"]
    await toys.patch(f"/v1/toys/{old['id']}", json={"pieces": 3}, headers={"If-Match": '"1"'})
    found = {one["id"] for one in await walk(toys, country="VU", updated_since=since)}
    assert old["id"] in found
    assert other["id"] not in found
    assert all(one["updated_at"] >= since for one in await walk(toys, updated_since=since))


async def test_a_cursor_belongs_to_its_filters_and_sort(toys: httpx.AsyncClient) -> None:
    for _ in range(3):
        await make(toys, country="SB")
    cursor = (await toys.get("/v1/toys?country=SB&limit=1")).json()["next_cursor"]
    assert (await toys.get(f"/v1/toys?country=SB&limit=2&cursor={cursor}")).status_code == 200
    for query in ("country=FJ", "country=SB&kind=tin", "country=SB&sort=-created_at", "limit=1", "country=SB,FJ"):
        refused = await toys.get(f"/v1/toys?{query}&cursor={cursor}")
        assert_problem(refused, 422, "validation-failed", parameter="cursor", error="bad_cursor")


async def test_a_forged_cursor_is_refused(toys: httpx.AsyncClient) -> None:
    for _ in range(3):
        await make(toys, country="SB")
    cursor = (await toys.get("/v1/toys?country=SB&limit=1")).json()["next_cursor"]
    for index in range(0, len(cursor), 7):
        forged = cursor[:index] + ("A" if cursor[index] != "A" else "B") + cursor[index + 1 :]
        refused = await toys.get(f"/v1/toys?country=SB&limit=1&cursor={forged}")
        assert_problem(refused, 422, "validation-failed", parameter="cursor", error="bad_cursor")
    for forged in (cursor[:-1], cursor + "A", cursor + "=", "eyJ9", "."):
        refused = await toys.get(f"/v1/toys?country=SB&limit=1&cursor={forged}")
        assert_problem(refused, 422, "validation-failed", parameter="cursor", error="bad_cursor")


async def test_a_cursor_lives_a_day(toys: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        await make(toys, country="SB")
    monkeypatch.setattr("shared.pagination.CURSOR_SECONDS", -1)
    cursor = (await toys.get("/v1/toys?country=SB&limit=1")).json()["next_cursor"]
    refused = await toys.get(f"/v1/toys?country=SB&limit=1&cursor={cursor}")
    assert_problem(refused, 422, "validation-failed", parameter="cursor", error="bad_cursor")
