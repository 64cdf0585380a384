"""Void tokens: known to every process within a moment, and not forgotten while the gateway is away."""

import asyncio
from typing import Any

import pytest

from shared import errors
from shared.loops import end_all
from shared.revocations import POLL_SECONDS, OverHttp, Revocations, Revoked, mark_of
from shared.verification import TokenVerifier
from tests.gateway.servers import Running, answer
from tests.shared.test_auth import FORGER, ISSUER, KEY, token


class Gateway:
    """Publishes keys and a list; counts what was sent whole and what was as before."""

    def __init__(self) -> None:
        self.revoked, self.down, self.whole, self.same = Revoked(keys="1"), False, 0, 0
        self.keys = [KEY]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        body = self.revoked.model_dump_json().encode()
        tag = f'"{hash(body)}"'.encode()
        known = dict(scope["headers"]).get(b"if-none-match") == tag
        if self.down:
            await answer(send, 503, b"")
        elif known:
            self.same += 1
            await send({"type": "http.response.start", "status": 304, "headers": [(b"etag", tag)]})
            await send({"type": "http.response.body"})
        else:
            self.whole += 1
            await answer(send, 200, body, [(b"etag", tag)])

    async def key_set(self) -> dict[str, Any]:
        return {"keys": [key.as_dict(private=False) for key in self.keys]}


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


def verifier_of(gateway: Gateway, url: str) -> TokenVerifier:
    return TokenVerifier(ISSUER, fetch=gateway.key_set, revocations=Revocations(OverHttp(url)))


async def looked_again() -> None:
    await asyncio.sleep(POLL_SECONDS * 1.5)


async def test_a_token_known_to_be_good_is_void_a_moment_later(gateway: Gateway) -> None:
    with Running(gateway, lifespan="off") as running:
        verifier = verifier_of(gateway, running.url)
        watching = asyncio.create_task(verifier.watch())
        voided, kept = token(jti="voided"), token(jti="kept")
        for one in (voided, kept):
            await verifier.verify(one)
        gateway.revoked = Revoked(tokens=frozenset({mark_of("voided")}), keys="1")
        await looked_again()
        with pytest.raises(errors.Unauthorized):
            await verifier.verify(voided)
        assert await verifier.verify(kept)
        await end_all([watching])


async def test_tokens_of_a_clients_earlier_versions_are_void(gateway: Gateway) -> None:
    gateway.revoked = Revoked(clients={mark_of("score-1"): 3}, keys="1")
    with Running(gateway, lifespan="off") as running:
        revocations = Revocations(OverHttp(running.url))
        verifier = TokenVerifier(ISSUER, fetch=gateway.key_set, revocations=revocations)
        for version in (None, 1, 2):
            with pytest.raises(errors.Unauthorized):
                await verifier.verify(token(client_version=version))
        for version in (3, 4):
            assert await verifier.verify(token(client_version=version))
        assert await verifier.verify(token(client_version=1, client_id="another"))
        await revocations.close()


async def test_the_list_is_kept_while_the_gateway_is_away(gateway: Gateway) -> None:
    gateway.revoked = Revoked(tokens=frozenset({mark_of("voided")}), keys="1")
    with Running(gateway, lifespan="off") as running:
        verifier = verifier_of(gateway, running.url)
        watching = asyncio.create_task(verifier.watch())
        assert await verifier.verify(token())
        gateway.down = True
        await looked_again()
        assert await verifier.verify(token(jti="2"))
        with pytest.raises(errors.Unauthorized):
            await verifier.verify(token(jti="voided"))
        await end_all([watching])


async def test_without_a_list_nobody_is_let_in(gateway: Gateway) -> None:
    gateway.down = True
    with Running(gateway, lifespan="off") as running:
        verifier = verifier_of(gateway, running.url)
        watching = asyncio.create_task(verifier.watch())
        with pytest.raises(errors.ServiceUnavailable):
            await verifier.verify(token())
        assert verifier.problem
        gateway.down = False
        await looked_again()
        assert await verifier.verify(token())
        assert verifier.problem is None
        await end_all([watching])


async def test_a_list_that_is_the_same_is_not_sent_again(gateway: Gateway) -> None:
    with Running(gateway, lifespan="off") as running:
        revocations = Revocations(OverHttp(running.url))
        for _ in range(5):
            await revocations.refresh()
        await revocations.close()
    assert (gateway.whole, gateway.same) == (1, 4)


async def test_new_keys_are_fetched_when_the_list_says_so(gateway: Gateway) -> None:
    """Not only when a token names one: the seconds between two questions for unknown keys would fail good tokens."""
    with Running(gateway, lifespan="off") as running:
        verifier = verifier_of(gateway, running.url)
        watching = asyncio.create_task(verifier.watch())
        await verifier.verify(token())
        other = FORGER.token(FORGER.other, FORGER.header(kid=FORGER.other.kid))
        with pytest.raises(errors.Unauthorized):
            await verifier.verify(other)
        gateway.keys, gateway.revoked = [KEY, FORGER.other], Revoked(keys="2")
        await looked_again()
        assert await verifier.verify(other)
        await end_all([watching])
