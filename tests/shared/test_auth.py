import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from joserfc.jwk import RSAKey

from shared import errors
from shared.auth import AuthMiddleware, Principal
from shared.verification import TokenVerifier
from tests.gateway.servers import Running, answer, until
from tests.shared.forgeries import Forger

ISSUER = "https://score.example.org"
KEY = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, auto_kid=True)
OTHER = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, auto_kid=True)
FORGER = Forger(ISSUER, KEY, OTHER)
MUTANTS = FORGER.mutants()
token, header = FORGER.token, FORGER.header


class Issuer:
    """Serves its key set, and counts; nothing is revoked."""

    def __init__(self) -> None:
        self.keys, self.asked, self.down = [KEY], 0, False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["path"] == "/revoked":
            await answer(send, 200, b"{}")
        elif scope["type"] == "http":
            self.asked += 1
            body = json.dumps({"keys": [key.as_dict(private=False) for key in self.keys]}).encode()
            await answer(send, 503 if self.down else 200, b"" if self.down else body)


async def says_who(scope: Any, receive: Any, send: Any) -> None:
    principal: Principal = scope.get("state", {}).get("principal")
    await answer(send, 200, json.dumps(principal.subject if principal else None).encode())


@contextmanager
def serving(issuer: Issuer) -> Iterator[TokenVerifier]:
    with Running(issuer, lifespan="off") as running:
        yield TokenVerifier(issuer=ISSUER, jwks_url=running.url)


@contextmanager
def behind_the_door(verifier: TokenVerifier) -> Iterator[str]:
    app = AuthMiddleware(says_who, verifier=verifier, public_paths=("/-/live", "/oauth/*"))
    with Running(app, lifespan="off") as running:
        yield running.url


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
def verifier(issuer: Issuer) -> Iterator[TokenVerifier]:
    with serving(issuer) as verifier:
        yield verifier


@pytest.fixture(scope="module")
def door() -> Iterator[str]:
    with serving(Issuer()) as verifier, behind_the_door(verifier) as url:
        yield url


@pytest.fixture
async def client(door: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=door) as client:
        yield client


async def test_a_good_token_names_its_principal(verifier: TokenVerifier) -> None:
    principal = await verifier.verify(token(countries=["CN"], organisation_id="019a5c3e-7f00-7000-8000-000000000000"))
    assert principal.subject == principal.client_id == "score-1"
    assert principal.scopes == {"enterprises:read", "results:read"}
    assert principal.countries == ("CN",)
    assert str(principal.organisation_id) == "019a5c3e-7f00-7000-8000-000000000000"
    principal.require("results:read")
    with pytest.raises(errors.InsufficientScope):
        principal.require("results:write")


@pytest.mark.parametrize("mutant", MUTANTS)
async def test_a_forged_token_never_passes(client: httpx.AsyncClient, mutant: str) -> None:
    good = await client.get("/v1/x", headers={"Authorization": f"Bearer {token()}"})
    assert good.json() == "score-1"
    refused = await client.get("/v1/x", headers={"Authorization": f"Bearer {MUTANTS[mutant]}"})
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"].startswith("Bearer")
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["code"] == "unauthorized"


@pytest.mark.parametrize(
    "value", [None, "", "Bearer", f"Basic {token()}", token(), f"Bearer{token()}", f"Bearer {token()} x"]
)
async def test_without_a_bearer_token_nothing_is_told(client: httpx.AsyncClient, value: str | None) -> None:
    refused = await client.get("/v1/x", headers={} if value is None else {"Authorization": value})
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"].startswith("Bearer")


async def test_two_tokens_are_none(client: httpx.AsyncClient) -> None:
    both = [("Authorization", f"Bearer {token()}")] * 2
    assert (await client.get("/v1/x", headers=both)).status_code == 401


async def test_public_paths_need_no_token(client: httpx.AsyncClient) -> None:
    assert (await client.get("/-/live")).status_code == 200
    assert (await client.get("/oauth/anything")).status_code == 200
    assert (await client.get("/-/live/")).status_code == 401
    assert (await client.get("/oauth")).status_code == 401


async def test_keys_are_asked_for_once(issuer: Issuer, verifier: TokenVerifier) -> None:
    for _ in range(5):
        await verifier.verify(token())
    assert issuer.asked == 1


async def test_unknown_keys_cost_the_issuer_little(issuer: Issuer, verifier: TokenVerifier) -> None:
    for index in range(200):
        with pytest.raises(errors.Unauthorized):
            await verifier.verify(token(OTHER, header(kid=f"unknown-{index}")))
    assert issuer.asked == 1


async def test_a_new_key_is_found(issuer: Issuer, verifier: TokenVerifier, monkeypatch: pytest.MonkeyPatch) -> None:
    await verifier.verify(token())
    issuer.keys = [OTHER, KEY]
    monkeypatch.setattr("shared.public_keys.ASK_AGAIN_SECONDS", 0)
    await verifier.verify(token(OTHER, header(kid=OTHER.kid)))
    assert issuer.asked == 2


async def test_a_key_taken_back_is_good_no_longer_than_the_key_set(
    issuer: Issuer, verifier: TokenVerifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = token()
    await verifier.verify(mine)
    issuer.keys = [OTHER]
    monkeypatch.setattr("shared.public_keys.FRESH_SECONDS", 0)
    monkeypatch.setattr("shared.public_keys.ASK_AGAIN_SECONDS", 0)
    with pytest.raises(errors.Unauthorized):
        await verifier.verify(mine)


async def test_a_remembered_token_expires_like_any_other(verifier: TokenVerifier) -> None:
    expires = int(time.time()) + 1
    short = token(exp=expires)
    await verifier.verify(short)
    until(lambda: time.time() >= expires)
    with pytest.raises(errors.Unauthorized):
        await verifier.verify(short)


async def test_known_keys_stay_in_use_while_the_issuer_is_down(
    issuer: Issuer, verifier: TokenVerifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    await verifier.verify(token())
    issuer.down = True
    monkeypatch.setattr("shared.public_keys.FRESH_SECONDS", 0)
    monkeypatch.setattr("shared.public_keys.ASK_AGAIN_SECONDS", 0)
    assert (await verifier.verify(token(jti="2"))).subject == "score-1"


def test_without_keys_nobody_is_judged(issuer: Issuer, verifier: TokenVerifier) -> None:
    issuer.down = True
    with behind_the_door(verifier) as url:
        refused = httpx.get(f"{url}/v1/x", headers={"Authorization": f"Bearer {token()}"})
    assert refused.status_code == 503
    assert refused.headers["retry-after"] == "1"
