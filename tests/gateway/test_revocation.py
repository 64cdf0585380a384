"""Tokens given back, asked about, and void; what the gateway tells the other processes of it."""

import asyncio
import time
from typing import Any

import httpx
import pytest

from shared.revocations import Revoked, mark_of
from tests.builders import unique
from tests.gateway.conftest import PUBLIC_URL
from tests.gateway.test_tokens import GRANT, assert_oauth_error, payload

Pair = tuple[str, str]


async def new_client(partner: httpx.AsyncClient, **facts: Any) -> dict[str, Any]:
    made = await partner.post("/v1/clients", json={"name": unique(), "role": "auditor"} | facts)
    assert made.status_code == 201, made.text
    found: dict[str, Any] = made.json()
    return found


def pair_of(client: dict[str, Any]) -> Pair:
    return client["client_id"], client["client_secret"]


async def token_of(stranger: httpx.AsyncClient, client: dict[str, Any]) -> str:
    return str((await stranger.post("/oauth/token", data=GRANT, auth=pair_of(client))).json()["access_token"])


async def introspected(stranger: httpx.AsyncClient, token: str, pair: Pair) -> dict[str, Any]:
    answer = await stranger.post("/oauth/introspect", data={"token": token}, auth=pair)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    found: dict[str, Any] = answer.json()
    return found


async def seconds_until_refused(stranger: httpx.AsyncClient, token: str) -> float:
    begun = time.monotonic()
    while (await stranger.get("/v1/me", headers={"Authorization": f"Bearer {token}"})).status_code != 401:
        assert time.monotonic() - begun < 5
        await asyncio.sleep(0.02)
    return time.monotonic() - begun


@pytest.fixture
def admin(credentials: dict[str, str]) -> Pair:
    return credentials["client_id"], credentials["client_secret"]


async def test_a_token_given_back_is_void(partner: httpx.AsyncClient, stranger: httpx.AsyncClient) -> None:
    client = await new_client(partner)
    token, other = await token_of(stranger, client), await token_of(stranger, client)
    assert (await introspected(stranger, token, pair_of(client)))["active"]
    for _ in range(2):  # once more does no harm
        given_back = await stranger.post(
            "/oauth/revoke", data={"token": token, "token_type_hint": "access_token"}, auth=pair_of(client)
        )
        assert (given_back.status_code, given_back.content) == (200, b"")
    assert await seconds_until_refused(stranger, token) < 1
    assert await introspected(stranger, token, pair_of(client)) == {"active": False}
    assert (await introspected(stranger, other, pair_of(client)))["active"]


async def test_what_is_no_token_can_be_given_back_all_the_same(
    partner: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    client = await new_client(partner)
    for nonsense in ("x", "a.b.c", "x" * 10_000):
        answer = await stranger.post("/oauth/revoke", data={"token": nonsense}, auth=pair_of(client))
        assert answer.status_code == 200
        assert await introspected(stranger, nonsense, pair_of(client)) == {"active": False}


async def test_nobody_gives_back_anothers_token(partner: httpx.AsyncClient, stranger: httpx.AsyncClient) -> None:
    victim, other = await new_client(partner), await new_client(partner)
    token = await token_of(stranger, victim)
    refused = await stranger.post("/oauth/revoke", data={"token": token}, auth=pair_of(other))
    assert_oauth_error(refused, 400, "unauthorized_client")
    assert (await introspected(stranger, token, pair_of(victim)))["active"]


async def test_who_may_ask_about_a_token(partner: httpx.AsyncClient, stranger: httpx.AsyncClient, admin: Pair) -> None:
    mine = await new_client(partner, role="coordinator", countries=["CN"])
    other = await new_client(partner, role="coordinator", countries=["CN"])
    token = await token_of(stranger, mine)
    said = await introspected(stranger, token, pair_of(mine))
    assert said == {"active": True, "token_type": "Bearer", **payload(token)}
    assert said["iss"] == PUBLIC_URL
    assert await introspected(stranger, token, admin) == said
    assert await introspected(stranger, token, pair_of(other)) == {"active": False}


async def test_a_token_of_a_disabled_client_is_void_at_once_for_who_asks(
    partner: httpx.AsyncClient, stranger: httpx.AsyncClient, admin: Pair
) -> None:
    client = await new_client(partner)
    token = await token_of(stranger, client)
    await partner.post(f"/v1/clients/{client['id']}/disable")
    assert await seconds_until_refused(stranger, token) < 1
    assert await introspected(stranger, token, admin) == {"active": False}


async def test_an_ended_secret_ends_its_tokens_only_without_grace(
    partner: httpx.AsyncClient, stranger: httpx.AsyncClient, admin: Pair
) -> None:
    client = await new_client(partner)
    token = await token_of(stranger, client)
    await partner.post(f"/v1/clients/{client['id']}/rotate-secret")
    await asyncio.sleep(0.3)
    assert (await introspected(stranger, token, admin))["active"]
    await partner.post(f"/v1/clients/{client['id']}/rotate-secret", json={"grace_seconds": 0})
    assert await seconds_until_refused(stranger, token) < 1


@pytest.mark.parametrize("path", ["/oauth/revoke", "/oauth/introspect"])
async def test_both_want_to_know_who_asks(stranger: httpx.AsyncClient, admin: Pair, path: str) -> None:
    assert_oauth_error(await stranger.post(path, data={"token": "x"}), 401, "invalid_client")
    assert_oauth_error(await stranger.post(path, data={"token": "x"}, auth=(admin[0], "wrong")), 401, "invalid_client")
    assert_oauth_error(await stranger.post(path, data={"x": "x"}, auth=admin), 400, "invalid_request")
    assert_oauth_error(await stranger.post(path, json={"token": "x"}, auth=admin), 400, "invalid_request")


async def test_the_list_names_nobody_and_is_told_once(partner: httpx.AsyncClient, stranger: httpx.AsyncClient) -> None:
    client = await new_client(partner)
    token = await token_of(stranger, client)
    await stranger.post("/oauth/revoke", data={"token": token}, auth=pair_of(client))
    await partner.post(f"/v1/clients/{client['id']}/disable")
    await asyncio.sleep(0.3)
    answer = await stranger.get("/oauth/revoked")
    told = Revoked.model_validate_json(answer.content)
    assert told.clients[mark_of(client["client_id"])] == 2
    assert mark_of(payload(token)["jti"]) in told.tokens
    assert client["client_id"] not in answer.text
    assert payload(token)["jti"] not in answer.text
    same = await stranger.get("/oauth/revoked", headers={"If-None-Match": answer.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")


async def test_the_metadata_names_every_endpoint(stranger: httpx.AsyncClient) -> None:
    said = (await stranger.get("/.well-known/oauth-authorization-server")).json()
    for name in ("token", "revocation", "introspection"):
        assert said[f"{name}_endpoint"].startswith(f"{PUBLIC_URL}/oauth/")
        assert set(said[f"{name}_endpoint_auth_methods_supported"]) == {
            "client_secret_basic",
            "client_secret_post",
            "private_key_jwt",
        }
        assert set(said[f"{name}_endpoint_auth_signing_alg_values_supported"]) == {"ES256", "PS256", "RS256"}
