"""Keys change under load: by command and by age, over two gateways, and before a service that verifies by itself."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Any

import asyncpg
import httpx
from joserfc import jwt
from joserfc.jwk import RSAKey

from services.gateway.keys import KNOWN_AFTER, SigningKeys
from services.gateway.limits import Limits
from shared.auth import AuthMiddleware
from shared.db import Database, create_engine
from shared.loops import end_all
from shared.public_keys import fetch_document
from shared.revocations import OverHttp, Revocations
from shared.verification import TokenVerifier
from tests.gateway.conftest import PUBLIC_URL, World
from tests.gateway.servers import Running
from tests.gateway.test_tokens import GRANT, new_database
from tests.shared.test_auth import says_who

ECHO = "/v1/organisations/echo"
PAUSE_SECONDS = 0.02


class Verifying:
    """A service's door: it has the gateway's keys and list from the gateway alone, and counts how often it asks for keys."""

    def __init__(self, gateway_url: str) -> None:
        self.asked = 0
        self._url = f"{gateway_url}/oauth"
        revocations = Revocations(OverHttp(f"{self._url}/revoked"))
        self.verifier = TokenVerifier(PUBLIC_URL, fetch=self._keys, revocations=revocations)
        self._door = AuthMiddleware(says_who, self.verifier, ())

    async def _keys(self) -> dict[str, Any]:
        self.asked += 1
        return await fetch_document(f"{self._url}/jwks")

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "lifespan":
            await self._door(scope, receive, send)
            return
        await receive()
        watching = asyncio.create_task(self.verifier.watch())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await end_all([watching])
        await send({"type": "lifespan.shutdown.complete"})


@asynccontextmanager
async def clients_of(*urls: str) -> AsyncIterator[list[httpx.AsyncClient]]:
    async with AsyncExitStack() as opened:
        yield [await opened.enter_async_context(httpx.AsyncClient(base_url=url, timeout=20)) for url in urls]


async def until_signed_by(kid: str, signed_by: list[str]) -> None:
    """By both gateways: each signs with the same key as the other a moment later."""
    async with asyncio.timeout(10):
        while set(signed_by[-4:]) != {kid}:  # noqa: ASYNC110 - nobody would set an event
            await asyncio.sleep(PAUSE_SECONDS)


def kid_of(token: str) -> str:
    head = token.split(".")[0]
    return str(json.loads(base64.urlsafe_b64decode(head + "=="))["kid"])


async def test_keys_rotated_twice_under_load_fail_nobody(world: World, credentials: dict[str, str]) -> None:
    with (
        world.gateway(Limits()) as one,
        world.gateway(Limits()) as other,
        Running(service := Verifying(one.url), lifespan="on") as door,
    ):
        async with clients_of(one.url, other.url, door.url) as (first, second, direct):
            statuses: list[int] = []
            signed_by: list[str] = []

            async def load(tokens_from: httpx.AsyncClient) -> None:
                while True:
                    given = await tokens_from.post("/oauth/token", data=GRANT | credentials)
                    token = given.json()["access_token"]
                    signed_by.append(kid_of(token))
                    headers = {"Authorization": f"Bearer {token}"}
                    asked = (
                        first.get(ECHO, headers=headers),
                        second.get(ECHO, headers=headers),
                        direct.get("/x", headers=headers),
                    )
                    statuses.extend(answer.status_code for answer in await asyncio.gather(*asked))
                    await asyncio.sleep(PAUSE_SECONDS)

            loads = [asyncio.create_task(load(source)) for source in (first, second) * 2]
            for _ in range(2):
                rotated = await asyncio.to_thread(world.run, "services.gateway.rotate_keys")
                assert rotated.returncode == 0, rotated.stderr
                await until_signed_by(rotated.stdout.split()[-4], signed_by)
            await end_all(loads)
            published = {key["kid"] for key in (await second.get("/oauth/jwks")).json()["keys"]}
    assert set(statuses) == {200}
    assert len(statuses) > 300
    assert len(set(signed_by)) == 3
    assert set(signed_by) < published
    assert service.asked < 10


async def test_unknown_keys_cost_the_gateway_little(world: World, credentials: dict[str, str]) -> None:
    stranger = RSAKey.generate_key(2048)
    with world.gateway() as gateway, Running(service := Verifying(gateway.url), lifespan="on") as door:
        async with clients_of(gateway.url, door.url) as (one, direct):
            given = await one.post("/oauth/token", data=GRANT | credentials)
            known = {"Authorization": f"Bearer {given.json()['access_token']}"}
            assert (await direct.get("/x", headers=known)).status_code == 200
            before = service.asked
            for number in range(1_000):
                head = {"alg": "RS256", "typ": "at+jwt", "kid": f"unknown-{number}"}
                token = jwt.encode(head, {"iss": PUBLIC_URL}, stranger)
                refused = await direct.get("/x", headers={"Authorization": f"Bearer {token}"})
                assert refused.status_code == 401
    assert service.asked - before <= 2


async def test_a_key_that_has_signed_long_enough_hands_over_by_itself(world: World) -> None:
    place = await new_database(world, "score_old_keys")
    database = Database(create_engine(place))
    young = SigningKeys(database, "secret")
    await young.refresh()
    assert young.signing is not None
    first, following = young.signing.kid, [key["kid"] for key in (await young.key_set())["keys"]]
    old = SigningKeys(database, "secret", sign_for=timedelta())
    await old.refresh()
    assert old.signing is not None
    assert old.signing.kid == first  # the next has not been there for long enough
    await made_earlier(place, KNOWN_AFTER)
    await old.refresh()
    assert old.signing.kid in following
    assert old.signing.kid != first
    assert first in [key["kid"] for key in (await old.key_set())["keys"]]
    await young.refresh()
    assert young.signing.kid == old.signing.kid
    await database.close()


async def test_a_key_is_gone_when_its_last_token_has_expired(world: World) -> None:
    place = await new_database(world, "score_gone_keys")
    database = Database(create_engine(place))
    keys = SigningKeys(database, "secret")
    await keys.refresh()
    assert keys.signing is not None
    first = keys.signing.kid
    await made_earlier(place, KNOWN_AFTER)
    assert await keys.rotate() != first
    before = await keys.key_set()
    connection = await asyncpg.connect(place)
    await connection.execute("update signing_keys set retired_at = retired_at - interval '11 minutes'")
    await keys.refresh()
    assert await keys.key_set() == before
    await connection.execute("update signing_keys set retired_at = retired_at - interval '2 minutes'")
    await connection.close()
    await keys.refresh()
    assert first not in [key["kid"] for key in (await keys.key_set())["keys"]]
    assert len((await keys.key_set())["keys"]) == 2
    await database.close()


async def made_earlier(place: str, by: timedelta) -> None:
    connection = await asyncpg.connect(place)
    await connection.execute("update signing_keys set created_at = created_at - $1::interval", by)
    await connection.close()
