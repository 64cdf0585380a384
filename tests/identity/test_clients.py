"""Clients of every role, through the gateway of the whole system: made, read, changed, disabled; and what their tokens open."""

import asyncio
import time
from typing import Any

import httpx
import pytest

from tests.builders import organisation, unique
from tests.conftest import Api, ClientOf, System

ROLES = ["programme_admin", "coordinator", "provider", "trainer", "enterprise", "buyer", "donor", "auditor"]
A_PATH_OF_EACH_SERVICE = ("/v1/organisations", "/v1/modules", "/v1/indicators", "/v1/me")


async def refused_everywhere(client: Api, *also: str) -> None:
    """Waits until every service and the gateway, and `also`, answer 401; fails after a second, and half of one for the asking."""
    deadline = time.monotonic() + 1.5
    while True:
        found = [(await client.get(path)).status_code for path in (*A_PATH_OF_EACH_SERVICE, *also)]
        if set(found) == {401}:
            return
        assert time.monotonic() < deadline, found
        await asyncio.sleep(0.02)


@pytest.mark.parametrize("role", ROLES)
async def test_a_client_of_each_role_is_made_and_knows_itself(client_of: ClientOf, role: str) -> None:
    client = await client_of(role)
    me = (await client.get("/v1/me")).json()
    made = client.registered
    assert (me["client_id"], me["role"]) == (made["client_id"], role)
    for name in ("organisation_id", "enterprise_id", "trainer_id"):
        assert me.get(name) == made[name]
    assert me["countries"] == made["countries"]
    assert me["scopes"]
    assert "get_me" in me["permissions"]
    assert ("register_client" in me["permissions"]) == (role == "programme_admin")


async def test_a_client_is_told_no_operation_that_its_scopes_do_not_cover(client_of: ClientOf) -> None:
    client = await client_of("auditor", scopes=["enterprises:read"])
    permissions = (await client.get("/v1/me")).json()["permissions"]
    assert {"get_me", "get_enterprise"} <= set(permissions)
    assert "get_trainer" not in permissions
    for refused, why in (
        (await client.get("/v1/trainers"), "insufficient-scope"),
        (await client.post("/v1/trainers", json={}), "forbidden"),  # no scope would help
    ):
        assert (refused.status_code, refused.json()["code"]) == (403, why)


@pytest.mark.parametrize("role", [role for role in ROLES if role != "programme_admin"])
async def test_only_the_administrator_lets_machines_in(client_of: ClientOf, role: str) -> None:
    client = await client_of(role)
    refused = await client.post("/v1/clients", json={"name": "Mine", "role": "programme_admin"})
    assert refused.status_code == 403, refused.text


async def test_a_client_is_bound_to_what_is_there(api: Api) -> None:
    nobody = "019a5c3e-7f00-7000-8000-000000000000"
    for role, name in (("buyer", "organisation_id"), ("enterprise", "enterprise_id"), ("trainer", "trainer_id")):
        refused = await api.post("/v1/clients", json={"name": "x", "role": role, name: nobody})
        assert (refused.status_code, refused.json()["code"]) == (422, "unknown-reference"), refused.text
        assert refused.json()["errors"][0]["pointer"] == f"/{name}"


async def test_a_client_may_be_bound_to_what_was_made_a_moment_ago(api: Api) -> None:
    made = await api.make("/v1/organisations", organisation())
    client = await api.make("/v1/clients", {"name": "x", "role": "buyer", "organisation_id": made["id"]})
    assert client["organisation_id"] == made["id"]


async def test_a_disabled_client_is_out_within_a_second_everywhere(api: Api, client_of: ClientOf) -> None:
    client = await client_of("auditor")
    for path in A_PATH_OF_EACH_SERVICE:
        assert (await client.get(path)).status_code == 200
    disabled = await api.do(f"/v1/clients/{client.registered['id']}", "disable")
    assert (disabled["state"], disabled["allowed_actions"]) == ("disabled", [])
    await refused_everywhere(client)


async def test_a_service_called_directly_lets_a_disabled_client_in_no_longer(
    system: System, api: Api, client_of: ClientOf
) -> None:
    client = await client_of("auditor")
    direct = f"http://127.0.0.1:{system.ports['metrics']}/v1/indicators"
    assert (await client.get(direct)).status_code == 200
    await api.do(f"/v1/clients/{client.registered['id']}", "disable")
    await refused_everywhere(client, direct)
    refused = await client.get(direct)
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"] == 'Bearer realm="score", error="invalid_token"'


async def test_a_token_given_back_is_void_within_a_second_and_no_other_is(system: System, client_of: ClientOf) -> None:
    client = await client_of("auditor")
    mine = client.registered
    pair = (mine["client_id"], mine["client_secret"])
    other = Api(base_url=system.url, headers={"Authorization": f"Bearer {system.token(mine)}"}, timeout=30)
    token = client.headers["Authorization"].removeprefix("Bearer ")
    async with httpx.AsyncClient(base_url=system.url) as door:
        given_back = await door.post("/oauth/revoke", data={"token": token}, auth=pair)
    assert given_back.status_code == 200, given_back.text
    await refused_everywhere(client)
    async with other:
        assert (await other.get("/v1/modules")).status_code == 200


async def test_narrowed_rights_hold_within_a_second(system: System, api: Api, client_of: ClientOf) -> None:
    client = await client_of("coordinator", countries=["CN", "IN"])
    place = f"/v1/clients/{client.registered['id']}"
    seen = await api.get(place)
    amended = await api.patch(place, json={"countries": ["IN"]}, headers={"If-Match": seen.headers["ETag"]})
    assert amended.json()["countries"] == ["IN"]
    await refused_everywhere(client)
    client.headers["Authorization"] = f"Bearer {system.token(client.registered)}"
    assert (await client.get("/v1/me")).json()["countries"] == ["IN"]


async def test_what_shows_a_secret_is_not_shown_twice(api: Api) -> None:
    body: dict[str, Any] = {"name": "Once", "role": "auditor", "external_ref": unique()}
    key = {"Idempotency-Key": unique()}
    first = await api.post("/v1/clients", json=body, headers=key)
    assert first.status_code == 201, first.text
    assert first.headers["cache-control"] == "no-store"
    again = await api.post("/v1/clients", json=body, headers=key)
    assert (again.status_code, again.json()["code"]) == (409, "secret-already-shown")
    assert again.headers["location"] == f"/v1/clients/{first.json()['id']}" == first.headers["location"]
    assert "client_secret" not in (await api.get(first.headers["location"])).json()
    taken = await api.post("/v1/clients", json=body)
    assert (taken.status_code, taken.headers["location"]) == (409, first.headers["location"])
