"""Consistency-Token: whoever carries one is served only when what it covers has arrived."""

import asyncio
import time
from collections.abc import AsyncIterator
from uuid import UUID

import httpx
import pytest

from shared.consistency import Token, Tokens
from shared.db import uuid7
from shared.outbox import announce
from tests.shared.door.conftest import World, assert_problem, make, toy
from tests.shared.events.things import Service, ThingHeardOf

TOKEN = "Consistency-Token"
TOKENS = Tokens("a secret of the tests, long enough for it")


@pytest.fixture
async def training(world: World) -> AsyncIterator[Service]:
    """Another service, that announces."""
    database = await asyncio.to_thread(world.new_database)
    service = Service("training", world.postgres.url(database), world.nats)
    async with service.running():
        yield service
    await service.database.close()


def covering(service: str, event: UUID) -> str:
    return TOKENS.write(Token(frozenset([(service, event)])))


async def heard(training: Service) -> UUID:
    return await training.tell(ThingHeardOf(id=uuid7(), version=1, name="x"))


async def test_every_write_answers_with_a_token(toys: httpx.AsyncClient) -> None:
    made = await toys.post("/v1/toys", json=toy())
    path = made.headers["location"]
    changed = await toys.patch(path, json={"pieces": 2}, headers={"If-Match": '"1"'})
    wound = await toys.post(f"{path}/wind")
    broken = await toys.delete(path, headers={"If-Match": '"3"'})
    tokens = [answer.headers[TOKEN] for answer in (made, changed, wound)]
    assert len(set(tokens)) == 3
    assert all(len(TOKENS.read(token).events) == 1 for token in tokens)
    assert TOKENS.read(broken.headers[TOKEN]).events == frozenset()  # it announced nothing
    assert TOKEN not in (await toys.get("/v1/toys?limit=1")).headers


async def test_one_s_own_write_is_there_at_once(toys: httpx.AsyncClient) -> None:
    made = await toys.post("/v1/toys", json=toy())
    started = time.monotonic()
    got = await toys.get(made.headers["location"], headers={TOKEN: made.headers[TOKEN]})
    assert got.json() == made.json()
    assert time.monotonic() - started < 1
    assert TOKENS.read(got.headers[TOKEN]) == TOKENS.read(made.headers[TOKEN])


async def test_tokens_add_up(toys: httpx.AsyncClient, training: Service) -> None:
    """A read covers what it carried; a write replaces what its own service had told before."""
    first, second = await heard(training), await heard(training)
    mine = (await toys.post("/v1/toys", json=toy())).headers[TOKEN]
    both = f"{covering('training', first)}, {covering('training', second)}"
    got = await toys.get("/v1/toys?limit=1", headers=[(TOKEN, both), (TOKEN, mine)])
    told = TOKENS.read(got.headers[TOKEN]).events
    assert {("training", first), ("training", second)} < told
    assert len(told) == 3
    written = await toys.post("/v1/toys", json=toy(), headers={TOKEN: got.headers[TOKEN]})
    after = TOKENS.read(written.headers[TOKEN]).events
    assert {one for one in after if one[0] == "training"} == {("training", first), ("training", second)}
    [own] = [one for one in after if one[0] == "enterprise"]
    assert own not in told


async def test_what_is_not_modified_covers_it_too(toys: httpx.AsyncClient, training: Service) -> None:
    path = f"/v1/toys/{(await make(toys))['id']}"
    token = covering("training", await heard(training))
    answer = await toys.get(path, headers={TOKEN: token, "If-None-Match": '"1"'})
    assert (answer.status_code, answer.headers[TOKEN]) == (304, token)


async def test_what_is_on_its_way_is_waited_for(toys: httpx.AsyncClient, training: Service) -> None:
    async with training.database.transaction() as session:
        await announce(session, ThingHeardOf(id=uuid7(), version=1, name="late"))
        event = session.info["last_event"]
        asked = asyncio.create_task(toys.get("/v1/toys?limit=1", headers={TOKEN: covering("training", event)}))
        await asyncio.sleep(0.7)
        assert not asked.done()
    assert (await asked).status_code == 200


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_what_does_not_come_is_told_after_a_while(
    toys: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    monkeypatch.setattr("shared.consistency.PATIENCE_SECONDS", 0.5)
    started = time.monotonic()
    headers = {TOKEN: covering("training", uuid7())}
    refused = await toys.request(method, "/v1/toys", headers=headers, json=toy() if method == "POST" else None)
    assert_problem(refused, 503, "not-caught-up")
    assert refused.headers["retry-after"] == "1"
    assert 0.5 <= time.monotonic() - started < 3


def mangled() -> list[str]:
    good = covering("training", uuid7())
    other = Tokens("another secret").write(Token(frozenset([("training", uuid7())])))
    return [
        "",
        "x",
        good[:-1],
        good[:-2] + "AA",
        good + "=",
        f"{good},",
        f"{good} {good}",
        other,
        "é",
        "{}",
        "a" * 4000,
    ]


@pytest.mark.parametrize("index", range(len(mangled())))
async def test_what_none_of_ours_gave_is_malformed(toys: httpx.AsyncClient, index: int) -> None:
    headers = {TOKEN: mangled()[index].encode()}
    for answer in (
        await toys.get("/v1/toys", headers=headers),
        await toys.post("/v1/toys", json=toy(), headers=headers),
    ):
        assert_problem(answer, 400, "malformed-header", header=TOKEN, error="unknown_token")
