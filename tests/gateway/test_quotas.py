"""So many requests of one client in a minute, over all gateways; told on every answer, never by address."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import http_sf
import httpx
import pytest
from sqlalchemy import text

from services.gateway import quotas as quotas_module
from services.gateway.quotas import Quotas
from shared.db import Database, create_engine
from tests.gateway.conftest import ORIGIN, World, assert_problem, fetch_token

ECHO = "/v1/organisations/echo"


def item(answer: httpx.Response, name: str) -> tuple[str, dict[str, Any]]:
    """The one member of the list, as a structured field has it."""
    (member,) = http_sf.parse(answer.headers[name].encode(), tltype="list")
    return member


def new_client(world: World) -> dict[str, str]:
    return json.loads(world.run("services.gateway.bootstrap").stdout)


@pytest.fixture
async def two_gateways(world: World) -> AsyncIterator[list[httpx.AsyncClient]]:
    async with AsyncExitStack() as opened:
        running = [opened.enter_context(world.gateway(SCORE_RATE_LIMIT="100")) for _ in range(2)]
        clients = [httpx.AsyncClient(base_url=one.url, timeout=60) for one in running]
        yield [await opened.enter_async_context(client) for client in clients]


async def test_exactly_as_many_pass_as_may_over_two_gateways(
    world: World, two_gateways: list[httpx.AsyncClient]
) -> None:
    busy, calm = (fetch_token(str(two_gateways[0].base_url), new_client(world)) for _ in range(2))

    async def ask(number: int) -> httpx.Response:
        return await two_gateways[number % 2].get(ECHO, headers={"Authorization": f"Bearer {busy}"})

    answers = await asyncio.gather(*(ask(number) for number in range(150)))
    passed = [answer for answer in answers if answer.status_code == 200]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert (len(passed), len(refused)) == (100, 50)
    for answer in refused:
        assert_problem(answer, 429, "too-many-requests")
        assert 0 < int(answer.headers["retry-after"]) <= 60
        assert item(answer, "ratelimit")[1]["r"] == 0
    other = await two_gateways[0].get(ECHO, headers={"Authorization": f"Bearer {calm}"})
    assert other.status_code == 200


async def test_every_answer_says_how_it_stands(stranger: httpx.AsyncClient, partner: httpx.AsyncClient) -> None:
    answers = [
        await partner.get(ECHO),
        await partner.get("/v1/nonsense"),
        await partner.head("/v1/me"),
        await partner.get("/v1/clients?limit=x"),
        await stranger.get(ECHO),
        await stranger.get("/-/live"),
        await stranger.get("/oauth/jwks"),
        await stranger.get("/openapi"),
        await stranger.get(ECHO, headers={"Host": "elsewhere.example.org"}),
        await stranger.options(ECHO, headers={"Origin": ORIGIN, "Access-Control-Request-Method": "GET"}),
    ]
    for answer in answers:
        (name, policy), (same, limit) = item(answer, "ratelimit-policy"), item(answer, "ratelimit")
        assert name == same == "client", answer.url
        assert (policy["q"], policy["w"]) == (60_000, 60)
        assert 0 <= limit["r"] <= 60_000
        assert 0 < limit["t"] <= 60


async def test_what_is_left_grows_less_with_each_request(partner: httpx.AsyncClient) -> None:
    left = [item(await partner.get(ECHO), "ratelimit")[1]["r"] for _ in range(5)]
    assert left == [left[0] - n for n in range(5)]


async def test_a_request_without_a_good_token_is_nobodys(
    stranger: httpx.AsyncClient, partner: httpx.AsyncClient
) -> None:
    before = item(await partner.get(ECHO), "ratelimit")[1]["r"]
    for _ in range(5):
        await stranger.get(ECHO, headers={"Authorization": "Bearer x"})
    assert item(await partner.get(ECHO), "ratelimit")[1]["r"] == before - 1


# --- the counting itself, with a clock of our own for the process ------------------------------------------------


@pytest.fixture
async def database(world: World) -> AsyncIterator[Database]:
    database = Database(create_engine(world.environment()["SCORE_DATABASE_URL_GATEWAY"]))
    yield database
    await database.close()


async def passing(quotas: Quotas, client: str, times: int) -> int:
    return sum([(await quotas.take(client))[0] for _ in range(times)])


async def test_a_process_takes_a_portion_at_a_time(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = 0

    async def counting(*arguments: Any) -> Any:
        nonlocal asked
        asked += 1
        return await real(*arguments)

    real = quotas_module.rows_of
    monkeypatch.setattr(quotas_module, "rows_of", counting)
    assert await passing(Quotas(database, 10_000), "portions", 1_000) == 1_000
    assert asked < 20


async def test_what_one_process_does_not_need_another_gets(database: Database) -> None:
    idle, busy = Quotas(database, 1_000), Quotas(database, 1_000)
    assert await passing(idle, "shared", 1) == 1
    giving_back = asyncio.create_task(idle.give_back_idle())
    await asyncio.sleep(0.8)
    giving_back.cancel()
    assert await passing(busy, "shared", 1_010) == 999


async def test_a_minute_later_all_is_there_again(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.gateway.quotas.WINDOW_SECONDS", 0.5)
    quotas = Quotas(database, 10)
    assert await passing(quotas, "anew", 12) == 10
    await asyncio.sleep(0.6)
    assert await passing(quotas, "anew", 12) == 10


async def test_a_database_that_is_busy_is_waited_for(database: Database) -> None:
    one, other = Quotas(database, 50), Quotas(database, 50)
    assert await passing(one, "busy", 1) == 1
    async with database.engine.begin() as holding:
        await holding.execute(text("select 1 from quotas where client = 'busy' for update"))
        asking = [asyncio.create_task(passing(quotas, "busy", 50)) for quotas in (one, other)]
        await asyncio.sleep(1)
    assert 1 + sum(await asyncio.gather(*asking)) == 50


async def test_without_the_database_a_process_counts_by_itself(world: World, closed_port: int) -> None:
    database = Database(create_engine(f"postgresql://nobody@127.0.0.1:{closed_port}/none"))
    quotas = Quotas(database, 50)
    assert await passing(quotas, "alone", 60) == 50
    await database.close()
