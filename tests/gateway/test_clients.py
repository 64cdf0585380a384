"""/v1/clients under the rules of every resource; the services behind are stand-ins that know every id."""

from typing import Any
from uuid import uuid4

import httpx
import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey

from tests.builders import unique
from tests.gateway.conftest import assert_problem

CLIENTS = "/v1/clients"
SOMEBODY = "019a5c3e-7f00-7000-8000-000000000000"


def auditor(**changes: Any) -> dict[str, Any]:
    return {"name": unique("Auditor"), "role": "auditor"} | changes


async def made(partner: httpx.AsyncClient, **changes: Any) -> dict[str, Any]:
    answer = await partner.post(CLIENTS, json=auditor(**changes))
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def token_of(stranger: httpx.AsyncClient, client: dict[str, Any], **changes: str) -> httpx.Response:
    names = ("client_id", "client_secret")
    form = {"grant_type": "client_credentials", **{name: client[name] for name in names}, **changes}
    return await stranger.post("/oauth/token", data=form)


def pointers(refused: httpx.Response) -> list[str]:
    return [place["pointer"] for place in assert_problem(refused, 422, "validation-failed")["errors"]]


async def test_a_client_is_shown_with_its_secret_once(partner: httpx.AsyncClient) -> None:
    answer = await partner.post(CLIENTS, json=auditor(countries=["CN", "CN", "GH"], scopes=["results:read"]))
    assert answer.status_code == 201
    client = answer.json()
    assert answer.headers["location"] == f"{CLIENTS}/{client['id']}"
    assert answer.headers["etag"] == '"1"'
    assert len(client.pop("client_secret")) > 40
    assert (client["countries"], client["scopes"]) == (["CN", "GH"], ["results:read"])
    assert (client["state"], client["allowed_actions"]) == ("active", ["rotate-secret", "disable"])
    seen = await partner.get(answer.headers["location"])
    assert seen.json() == client
    assert (await partner.head(answer.headers["location"])).headers["etag"] == '"1"'
    assert (await partner.get(seen.url.path, headers={"If-None-Match": '"1"'})).status_code == 304


@pytest.mark.parametrize(
    ("role", "binding"),
    [
        ("buyer", "organisation_id"),
        ("donor", "organisation_id"),
        ("provider", "organisation_id"),
        ("enterprise", "enterprise_id"),
        ("trainer", "trainer_id"),
        ("coordinator", "countries"),
    ],
)
async def test_a_role_is_bound_to_what_it_acts_for(partner: httpx.AsyncClient, role: str, binding: str) -> None:
    refused = await partner.post(CLIENTS, json={"name": "x", "role": role})
    assert pointers(refused) == [f"/{binding}"]
    value: Any = ["CN"] if binding == "countries" else str(uuid4())
    assert (await made(partner, role=role, **{binding: value}))[binding] == value


async def test_scopes_lie_within_those_of_the_role(partner: httpx.AsyncClient) -> None:
    refused = await partner.post(CLIENTS, json=auditor(scopes=["results:read", "clients:write", "nonsense:read"]))
    assert pointers(refused) == ["/scopes/1", "/scopes/2"]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"is_admin": True}, "/is_admin"),
        ({"state": "active"}, "/state"),
        ({"client_secret": "mine"}, "/client_secret"),
        ({"role": "root"}, "/role"),
        ({"countries": ["XX"]}, "/countries/0"),
        ({"scopes": ["everything"]}, "/scopes/0"),
        ({"organisation_id": "x"}, "/organisation_id"),
        ({"name": "  "}, "/name"),
        ({"name": "a\u0000b"}, "/name"),
    ],
)
async def test_input_is_taken_strictly(partner: httpx.AsyncClient, change: dict[str, Any], pointer: str) -> None:
    assert pointers(await partner.post(CLIENTS, json=auditor(**change))) == [pointer]


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", f"{CLIENTS}/{SOMEBODY}", 404, "not-found"),
        ("GET", f"{CLIENTS}/x", 404, "not-found"),
        ("GET", f"{CLIENTS}/", 404, "not-found"),
        ("DELETE", f"{CLIENTS}/{SOMEBODY}", 405, "method-not-allowed"),
        ("PUT", CLIENTS, 405, "method-not-allowed"),
        ("GET", f"{CLIENTS}?nonsense=1", 422, "validation-failed"),
        ("GET", f"{CLIENTS}?limit=501", 422, "validation-failed"),
        ("GET", f"{CLIENTS}?cursor=x", 422, "validation-failed"),
        ("POST", f"{CLIENTS}/{SOMEBODY}/disable", 404, "not-found"),
        ("POST", "/v1/me", 405, "method-not-allowed"),
        ("GET", "/v1/me/x", 404, "not-found"),
        ("GET", "/v1/me?x=1", 422, "validation-failed"),
    ],
)
async def test_what_is_not_offered_is_refused_as_everywhere(
    partner: httpx.AsyncClient, method: str, path: str, status: int, code: str
) -> None:
    assert_problem(await partner.request(method, path), status, code)


async def test_a_change_names_the_version_it_changes(partner: httpx.AsyncClient) -> None:
    place = f"{CLIENTS}/{(await made(partner))['id']}"
    assert_problem(await partner.patch(place, json={"name": "New"}), 428, "precondition-required")
    stale = await partner.patch(place, json={"name": "New"}, headers={"If-Match": '"7"'})
    assert_problem(stale, 412, "precondition-failed")
    amended = await partner.patch(place, json={"name": "New"}, headers={"If-Match": '"1"'})
    assert (amended.json()["name"], amended.headers["etag"]) == ("New", '"2"')
    whole = await partner.patch(place, json={"role": "buyer"}, headers={"If-Match": '"2"'})
    assert pointers(whole) == ["/organisation_id"]


async def test_every_change_is_told(partner: httpx.AsyncClient, credentials: dict[str, str]) -> None:
    client = await made(partner)
    place = f"{CLIENTS}/{client['id']}"
    await partner.patch(place, json={"countries": ["GH"]}, headers={"If-Match": '"1"'})
    await partner.post(f"{place}/rotate-secret")
    await partner.post(f"{place}/disable")
    told = (await partner.get(f"{place}/history")).json()["items"]
    assert [entry["version"] for entry in told] == [1, 2, 3, 4]
    assert {entry["by"] for entry in told} == {credentials["client_id"]}
    assert told[1]["changes"] == [{"field": "countries", "from": [], "to": ["GH"]}]
    assert told[3]["changes"] == [{"field": "state", "from": "active", "to": "disabled"}]
    assert client["client_secret"] not in str(told)


async def test_clients_are_listed_by_what_they_are(partner: httpx.AsyncClient) -> None:
    organisation, ref = str(uuid4()), unique()
    buyer = await made(partner, role="buyer", organisation_id=organisation, external_ref=ref, countries=["TL"])
    other = await made(partner, countries=["TL"])
    for query in (f"organisation_id={organisation}", f"external_ref={ref}", f"client_id={buyer['client_id']}"):
        found = (await partner.get(f"{CLIENTS}?{query}")).json()["items"]
        assert [one["id"] for one in found] == [buyer["id"]], query
    assert "client_secret" not in found[0]
    both = (await partner.get(f"{CLIENTS}?country=TL,NR&role=buyer,auditor&state=active&count=exact")).json()
    assert ([one["id"] for one in both["items"]], both["total"]) == ([buyer["id"], other["id"]], 2)
    first = await partner.get(f"{CLIENTS}?country=TL&limit=1")
    assert first.json()["items"][0]["id"] == buyer["id"]
    second = await partner.get(first.headers["link"].partition(">")[0].strip("<"))
    assert (second.json()["items"][0]["id"], second.json()["next_cursor"]) == (other["id"], None)


async def test_a_retry_is_done_once(partner: httpx.AsyncClient) -> None:
    client, key = await made(partner), {"Idempotency-Key": unique()}
    place = f"{CLIENTS}/{client['id']}"
    first = await partner.post(f"{place}/rotate-secret", headers=key)
    assert first.json()["client_secret"] != client["client_secret"]
    again = await partner.post(f"{place}/rotate-secret", headers=key)
    assert_problem(again, 409, "secret-already-shown")
    assert again.headers["location"] == place
    other = await partner.post(f"{place}/rotate-secret", headers=key, json={"grace_seconds": 1})
    assert_problem(other, 422, "idempotency-key-reused")


# --- nobody gives more than it has -----------------------------------------------------------------------------


async def test_who_is_narrowed_to_clients_lets_nobody_in_who_reaches_further(
    partner: httpx.AsyncClient, stranger: httpx.AsyncClient, credentials: dict[str, str]
) -> None:
    own = ["clients:read", "clients:write", "results:read"]
    narrow = await made(partner, role="programme_admin", scopes=own)
    headers = {"Authorization": f"Bearer {(await token_of(stranger, narrow)).json()['access_token']}"}

    async def ask(method: str, path: str, body: Any = None, **more: str) -> httpx.Response:
        return await stranger.request(method, path, json=body, headers=headers | more)

    admin = {"name": unique(), "role": "programme_admin"}
    refused = assert_problem(await ask("POST", CLIENTS, admin), 403, "forbidden")
    assert [place["pointer"] for place in refused["errors"]] == ["/scopes"]
    refused = assert_problem(
        await ask("POST", CLIENTS, admin | {"scopes": ["results:read", "enterprises:write"]}), 403, "forbidden"
    )
    assert [place["pointer"] for place in refused["errors"]] == ["/scopes/1"]
    assert_problem(await ask("POST", CLIENTS, auditor()), 403, "forbidden")
    assert (await ask("POST", CLIENTS, admin | {"scopes": own})).status_code == 201
    given = await ask("POST", CLIENTS, auditor(scopes=["results:read"]))
    assert given.status_code == 201
    place = f"{CLIENTS}/{given.json()['id']}"
    assert_problem(await ask("PATCH", place, {"scopes": []}, **{"If-Match": "*"}), 403, "forbidden")
    assert_problem(await ask("PATCH", place, {"scopes": ["surveys:read"]}, **{"If-Match": "*"}), 403, "forbidden")
    assert (await ask("PATCH", place, {"name": "Renamed"}, **{"If-Match": "*"})).status_code == 200
    assert (await ask("POST", f"{place}/rotate-secret")).status_code == 200

    (first,) = (await partner.get(f"{CLIENTS}?client_id={credentials['client_id']}")).json()["items"]
    further = await made(partner)
    keys = {"jwks": {"keys": [EC.as_dict(private=False)]}}
    for id in (first["id"], further["id"]):
        place = f"{CLIENTS}/{id}"
        assert_problem(await ask("POST", f"{place}/rotate-secret"), 403, "forbidden")
        assert_problem(await ask("PATCH", place, keys, **{"If-Match": "*"}), 403, "forbidden")
        assert_problem(await ask("PATCH", place, {"scopes": own}, **{"If-Match": "*"}), 403, "forbidden")
    assert (await ask("POST", f"{CLIENTS}/{further['id']}/disable")).status_code == 200  # which gives nobody anything


async def test_a_narrowed_token_gives_no_more_than_it_says(
    partner: httpx.AsyncClient, stranger: httpx.AsyncClient, credentials: dict[str, str]
) -> None:
    given = await token_of(stranger, credentials, scope="clients:write")
    headers = {"Authorization": f"Bearer {given.json()['access_token']}"}
    refused = await stranger.post(CLIENTS, json=auditor(scopes=["results:read"]), headers=headers)
    assert_problem(refused, 403, "forbidden")


# --- secrets ---------------------------------------------------------------------------------------------------


async def test_both_secrets_are_good_for_a_while(partner: httpx.AsyncClient, stranger: httpx.AsyncClient) -> None:
    first = await made(partner)
    place = f"{CLIENTS}/{first['id']}"
    second = (await partner.post(f"{place}/rotate-secret")).json()
    assert second["client_id"] == first["client_id"]
    for client in (first, second, first):
        assert (await token_of(stranger, client)).status_code == 200
    third = (await partner.post(f"{place}/rotate-secret", json={"grace_seconds": 0})).json()
    assert (await token_of(stranger, first)).status_code == 401
    assert (await token_of(stranger, second)).status_code == 401
    assert (await token_of(stranger, third)).status_code == 200


async def test_a_secret_known_from_before_does_not_outlive_its_time(
    partner: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    client = await made(partner)
    assert (await token_of(stranger, client)).status_code == 200
    assert (await token_of(stranger, client)).status_code == 200  # remembered, not hashed again
    await partner.post(f"{CLIENTS}/{client['id']}/disable")
    assert (await token_of(stranger, client)).status_code == 401


async def test_a_disabled_client_stays_so(partner: httpx.AsyncClient) -> None:
    place = f"{CLIENTS}/{(await made(partner))['id']}"
    assert (await partner.post(f"{place}/disable")).json()["state"] == "disabled"
    for verb in ("disable", "rotate-secret"):
        refused = assert_problem(await partner.post(f"{place}/{verb}"), 409, "wrong-state")
        assert (refused["state"], refused["allowed_actions"]) == ("disabled", [])


async def test_nobody_ends_the_token_it_asks_with(partner: httpx.AsyncClient, credentials: dict[str, str]) -> None:
    (own,) = (await partner.get(f"{CLIENTS}?client_id={credentials['client_id']}")).json()["items"]
    place, match = f"{CLIENTS}/{own['id']}", {"If-Match": "*"}
    for refused in (
        await partner.post(f"{place}/disable"),
        await partner.post(f"{place}/rotate-secret", json={"grace_seconds": 0}),
        await partner.patch(place, json={"role": "auditor"}, headers=match),
        await partner.patch(place, json={"scopes": ["results:read"]}, headers=match),
    ):
        assert_problem(refused, 409, "own-client")
    assert (await partner.patch(place, json={"name": "Still here"}, headers=match)).status_code == 200
    assert (await partner.get("/v1/me")).status_code == 200


async def test_a_verb_honours_the_version_if_it_is_named(partner: httpx.AsyncClient) -> None:
    place = f"{CLIENTS}/{(await made(partner))['id']}"
    assert_problem(await partner.post(f"{place}/disable", headers={"If-Match": '"9"'}), 412, "precondition-failed")
    assert (await partner.post(f"{place}/disable", headers={"If-Match": '"1"'})).status_code == 200


async def test_a_token_says_what_its_client_is(partner: httpx.AsyncClient, stranger: httpx.AsyncClient) -> None:
    organisation = str(uuid4())
    scopes = ["enterprises:read", "partnerships:read"]
    client = await made(partner, role="buyer", organisation_id=organisation, countries=["CN"], scopes=scopes)
    given = (await token_of(stranger, client)).json()
    assert given["scope"] == "enterprises:read partnerships:read"
    me = (await stranger.get("/v1/me", headers={"Authorization": f"Bearer {given['access_token']}"})).json()
    assert me.pop("permissions")
    assert me == {
        "client_id": client["client_id"],
        "role": "buyer",
        "organisation_id": organisation,
        "countries": ["CN"],
        "scopes": scopes,
    }
    narrow = (await token_of(stranger, client, scope="enterprises:read")).json()
    assert narrow["scope"] == "enterprises:read"
    assert (await token_of(stranger, client, scope="results:read")).json()["error"] == "invalid_scope"


async def test_guessing_is_slow_and_keeps_nobody_out(partner: httpx.AsyncClient, stranger: httpx.AsyncClient) -> None:
    client = await made(partner)
    assert (await token_of(stranger, client)).status_code == 200
    guesses = [await token_of(stranger, client, client_secret=f"guess-{n}") for n in range(22)]
    assert [guess.status_code for guess in guesses] == [401] * 20 + [429] * 2
    last = guesses[-1]
    assert last.json()["error"] == "temporarily_unavailable"
    assert 0 < int(last.headers["retry-after"]) <= 60
    assert last.headers["ratelimit"].startswith('"secrets";r=0;t=')
    assert (await token_of(stranger, client)).status_code == 200


# --- keys ------------------------------------------------------------------------------------------------------

RSA = RSAKey.generate_key(2048, auto_kid=True)
EC = ECKey.generate_key("P-256", auto_kid=True)


async def test_a_client_may_have_keys_and_then_no_secret(partner: httpx.AsyncClient) -> None:
    keys = {"keys": [RSA.as_dict(private=False), EC.as_dict(private=False) | {"x-own": 1}]}
    client = await made(partner, jwks=keys)
    assert client["client_secret"] is None
    assert [(key["kty"], key["kid"]) for key in client["jwks"]["keys"]] == [("RSA", RSA.kid), ("EC", EC.kid)]
    assert "x-own" not in client["jwks"]["keys"][1]
    second = (await partner.post(f"{CLIENTS}/{client['id']}/rotate-secret")).json()
    assert second["client_secret"]


@pytest.mark.parametrize(
    "jwks",
    [
        {},
        {"keys": []},
        {"keys": "x"},
        {"keys": [1]},
        {"keys": [{"kty": "RSA"}]},
        {"keys": [EC.as_dict(private=True)]},
        {"keys": [RSA.as_dict(private=True)]},
        {"keys": [OctKey.generate_key(256).as_dict()]},
        {"keys": [ECKey.generate_key("P-384").as_dict(private=False)]},
        {"keys": [EC.as_dict(private=False), EC.as_dict(private=False)]},
        {"keys": [EC.as_dict(private=False) | {"x": "AAAA"}]},
        {"keys": [RSA.as_dict(private=False) | {"n": "AQAB"}]},
        {"keys": [EC.as_dict(private=False) | {"kid": 7}]},
        {"keys": [EC.as_dict(private=False)], "x": 1},
    ],
)
async def test_other_keys_are_refused(partner: httpx.AsyncClient, jwks: Any) -> None:
    refused = await partner.post(CLIENTS, json=auditor(jwks=jwks))
    assert pointers(refused) == ["/jwks"]
    assert "AQAB" not in refused.text
