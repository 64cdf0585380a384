"""A client that signs instead of showing a secret: to the issuer alone, for a minute, once."""

import asyncio
import json
import time
from contextlib import ExitStack
from typing import Any

import httpx
import pytest
from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

from tests.builders import unique
from tests.gateway.conftest import PUBLIC_URL, World
from tests.gateway.test_tokens import assert_oauth_error

JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
EC = ECKey.generate_key("P-256", auto_kid=True)
RSA = RSAKey.generate_key(2048, auto_kid=True)
STRANGE = ECKey.generate_key("P-256", auto_kid=True)


@pytest.fixture
async def client_id(partner: httpx.AsyncClient) -> str:
    keys = {"keys": [EC.as_dict(private=False), RSA.as_dict(private=False)]}
    made = await partner.post("/v1/clients", json={"name": "Signs", "role": "auditor", "jwks": keys})
    assert made.status_code == 201, made.text
    return str(made.json()["client_id"])


def signed(client_id: str, key: Any = EC, head: dict[str, Any] | None = None, **changes: Any) -> str:
    at = int(time.time())
    good = {"iss": client_id, "sub": client_id, "aud": PUBLIC_URL, "exp": at + 50, "iat": at, "jti": unique()}
    claims = {name: value for name, value in (good | changes).items() if value is not None}
    header = {"alg": "ES256", "typ": "client-authentication+jwt", "kid": key.kid} | (head or {})
    return jws.serialize_compact(
        {name: value for name, value in header.items() if value is not None},
        json.dumps(claims),
        key,
        algorithms=["ES256", "RS256", "PS256"],
    )


async def asked(stranger: httpx.AsyncClient, assertion: str, **form: str) -> httpx.Response:
    body = {"grant_type": "client_credentials", "client_assertion_type": JWT_BEARER, "client_assertion": assertion}
    return await stranger.post("/oauth/token", data=body | form)


async def test_who_signs_gets_a_token(stranger: httpx.AsyncClient, client_id: str) -> None:
    answers = [
        await asked(stranger, signed(client_id)),
        await asked(stranger, signed(client_id), client_id=client_id),
        await asked(stranger, signed(client_id, iat=None)),
        await asked(stranger, signed(client_id, head={"typ": "application/client-authentication+jwt"})),
        await asked(stranger, signed(client_id, RSA, {"alg": "RS256"})),
        await asked(stranger, signed(client_id, RSA, {"alg": "PS256"})),
        await asked(stranger, signed(client_id, head={"kid": None})),
    ]
    assert [answer.status_code for answer in answers] == [200] * 7, [answer.text for answer in answers]


REFUSED: dict[str, dict[str, Any]] = {
    "the token endpoint as audience": {"aud": f"{PUBLIC_URL}/oauth/token"},
    "the issuer in a list": {"aud": [PUBLIC_URL]},
    "the issuer and another": {"aud": [PUBLIC_URL, "https://other.example.org"]},
    "the issuer with a slash": {"aud": f"{PUBLIC_URL}/"},
    "no audience": {"aud": None},
    "longer than a minute": {"exp": int(time.time()) + 86_400},
    "a minute from now, begun long ago": {"iat": int(time.time()) - 600},
    "expired": {"exp": int(time.time()) - 1},
    "no end": {"exp": None},
    "not yet": {"nbf": int(time.time()) + 86_400},
    "issued in the future": {"iat": int(time.time()) + 86_400},
    "no jti": {"jti": None},
    "an empty jti": {"jti": ""},
    "another issuer": {"iss": "somebody"},
    "no issuer": {"iss": None},
    "another kind of token": {"head": {"typ": "JWT"}},
    "an access token": {"head": {"typ": "at+jwt"}},
    "no kind": {"head": {"typ": None}},
    "another's key under our id": {"key": STRANGE, "head": {"kid": EC.kid}},
    "another's key": {"key": STRANGE},
    "a key in the head": {"head": {"jwk": EC.as_dict(private=False)}},
    "an unknown kid": {"head": {"kid": "x"}},
}


@pytest.mark.parametrize("what", REFUSED)
async def test_who_signs_otherwise_gets_none(stranger: httpx.AsyncClient, client_id: str, what: str) -> None:
    refused = await asked(stranger, signed(client_id, **REFUSED[what]))
    assert_oauth_error(refused, 401, "invalid_client")


async def test_unsigned_or_garbage_gets_none(stranger: httpx.AsyncClient, client_id: str) -> None:
    head, claims, _ = signed(client_id).split(".")
    for garbage in (f"{head}.{claims}.", f"{head}.{claims}.AAAA", "x", "..", "a.b.c", "x" * 9000):
        assert_oauth_error(await asked(stranger, garbage), 401, "invalid_client")


async def test_each_is_taken_once_by_whichever_gateway(world: World, client_id: str) -> None:
    assertion = signed(client_id)
    with ExitStack() as opened:
        urls = [opened.enter_context(world.gateway()).url for _ in range(2)]
        async with httpx.AsyncClient(base_url=urls[0]) as one, httpx.AsyncClient(base_url=urls[1]) as other:
            answers = await asyncio.gather(*(asked(client, assertion) for client in (one, other) * 4))
    assert sorted(answer.status_code for answer in answers) == [200] + [401] * 7


async def test_it_is_for_whom_it_says(stranger: httpx.AsyncClient, client_id: str) -> None:
    assert_oauth_error(await asked(stranger, signed(client_id), client_id="another"), 401, "invalid_client")


async def test_one_way_of_authentication(stranger: httpx.AsyncClient, client_id: str) -> None:
    both = await asked(stranger, signed(client_id), client_secret="x")
    assert_oauth_error(both, 400, "invalid_request")
    untyped = await asked(stranger, signed(client_id), client_assertion_type="jwt")
    assert_oauth_error(untyped, 400, "invalid_request")


async def test_a_client_with_a_secret_can_not_sign(
    stranger: httpx.AsyncClient, credentials: dict[str, str], client_id: str
) -> None:
    assert_oauth_error(await asked(stranger, signed(credentials["client_id"])), 401, "invalid_client")
    form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": "x"}
    assert_oauth_error(await stranger.post("/oauth/token", data=form), 401, "invalid_client")
