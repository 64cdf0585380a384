import asyncio
import base64
import json
from typing import Any

import asyncpg
import httpx
import pytest

from services.gateway.keys import SigningKeys
from services.gateway.upstreams import SERVICE_OF
from shared.db import Database, create_engine
from tests.gateway.conftest import PUBLIC_URL, World, assert_problem, fetch_token
from tests.gateway.servers import Running

GRANT = {"grant_type": "client_credentials"}


def payload(token: str) -> dict[str, Any]:
    part = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return claims


def assert_oauth_error(answer: httpx.Response, status: int, code: str) -> None:
    assert answer.status_code == status, answer.text
    assert answer.json()["error"] == code
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-type"] == "application/json"


async def test_a_client_gets_a_token_either_way(stranger: httpx.AsyncClient, credentials: dict[str, str]) -> None:
    pair = (credentials["client_id"], credentials["client_secret"])
    for answer in (
        await stranger.post("/oauth/token", data=GRANT, auth=pair),
        await stranger.post("/oauth/token", data=GRANT | credentials),
    ):
        assert answer.status_code == 200, answer.text
        assert answer.headers["cache-control"] == "no-store"
        given = answer.json()
        assert (given["token_type"], given["expires_in"]) == ("Bearer", 600)
        claims = payload(given["access_token"])
        assert claims["iss"] == claims["aud"] == PUBLIC_URL
        assert claims["sub"] == claims["client_id"] == credentials["client_id"]
        assert claims["role"] == "programme_admin"
        assert claims["exp"] - claims["iat"] == 600
        assert set(claims["scope"].split()) == {f"{name}:{what}" for name in SERVICE_OF for what in ("read", "write")}


async def test_a_client_may_ask_for_less(stranger: httpx.AsyncClient, credentials: dict[str, str]) -> None:
    answer = await stranger.post("/oauth/token", data=GRANT | credentials | {"scope": "results:read enterprises:read"})
    assert answer.json()["scope"] == "enterprises:read results:read"
    assert payload(answer.json()["access_token"])["scope"] == "enterprises:read results:read"


async def test_a_client_may_not_ask_for_more(stranger: httpx.AsyncClient, credentials: dict[str, str]) -> None:
    for scope in ("enterprises:read enterprises:own", "everything", " "):
        answer = await stranger.post("/oauth/token", data=GRANT | credentials | {"scope": scope})
        assert_oauth_error(answer, 400, "invalid_scope")


@pytest.mark.parametrize("client_id", ["score-0000000000000000", "nobody", "a\x00b", "é", "x" * 5000])
async def test_who_is_unknown_and_who_is_wrong_are_told_the_same(
    stranger: httpx.AsyncClient, credentials: dict[str, str], client_id: str
) -> None:
    wrong = await stranger.post("/oauth/token", data=GRANT | credentials | {"client_secret": "wrong"})
    unknown = await stranger.post("/oauth/token", data=GRANT | credentials | {"client_id": client_id})
    assert_oauth_error(wrong, 401, "invalid_client")
    assert (unknown.status_code, unknown.content) == (wrong.status_code, wrong.content)


async def test_a_refusal_of_basic_challenges(stranger: httpx.AsyncClient) -> None:
    for headers in ({"Authorization": "Basic !!"}, {"Authorization": "Bearer x"}, {}):
        answer = await stranger.post("/oauth/token", data=GRANT, headers=headers)
        assert_oauth_error(answer, 401, "invalid_client")
        assert answer.headers["www-authenticate"].startswith("Basic ")


async def test_credentials_in_basic_are_form_encoded(stranger: httpx.AsyncClient, credentials: dict[str, str]) -> None:
    pair = ":".join(
        "".join(f"%{ord(char):02X}" for char in credentials[name]) for name in ("client_id", "client_secret")
    )
    basic = {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}
    assert (await stranger.post("/oauth/token", data=GRANT, headers=basic)).status_code == 200


@pytest.mark.parametrize(
    ("body", "kind", "code"),
    [
        ("", None, "invalid_request"),
        ("grant_type=client_credentials&grant_type=client_credentials", None, "invalid_request"),
        ("scope=x", None, "invalid_request"),
        ("grant_type=%ff", None, "invalid_request"),
        ("&".join(f"a{n}=1" for n in range(50)), None, "invalid_request"),
        (json.dumps(GRANT), "application/json", "invalid_request"),
        ("grant_type=password&client_id={client_id}&client_secret={client_secret}", None, "unsupported_grant_type"),
    ],
)
async def test_what_rfc_6749_does_not_know_is_refused(
    stranger: httpx.AsyncClient, credentials: dict[str, str], body: str, kind: str | None, code: str
) -> None:
    content = body.format(**credentials) if "{client_id}" in body else body
    headers = {"Content-Type": kind or "application/x-www-form-urlencoded"}
    assert_oauth_error(await stranger.post("/oauth/token", content=content, headers=headers), 400, code)


async def test_two_ways_at_once_are_refused(stranger: httpx.AsyncClient, credentials: dict[str, str]) -> None:
    pair = (credentials["client_id"], credentials["client_secret"])
    answer = await stranger.post("/oauth/token", data=GRANT | credentials, auth=pair)
    assert_oauth_error(answer, 400, "invalid_request")


async def test_the_metadata_leads_to_the_keys(stranger: httpx.AsyncClient, token: str) -> None:
    metadata = await stranger.get("/.well-known/oauth-authorization-server")
    assert metadata.headers["cache-control"] == "no-store"
    assert metadata.json()["issuer"] == PUBLIC_URL
    assert metadata.json()["jwks_uri"] == f"{PUBLIC_URL}/oauth/jwks"
    assert "results:read" in metadata.json()["scopes_supported"]
    keys = (await stranger.get("/oauth/jwks")).json()["keys"]
    assert len(keys) >= 2  # others of these tests leave some behind
    assert {(key["kty"], key["alg"], key["use"], len(key["n"])) for key in keys} == {("RSA", "RS256", "sig", 342)}
    assert not {"d", "p", "q"} & set(keys[0])


def test_the_first_client_replaces_another(world: World, gateway: Running) -> None:
    first = json.loads(world.run("services.gateway.bootstrap").stdout)
    assert world.run("services.gateway.bootstrap", "--check", first["client_id"]).returncode == 0
    second = json.loads(world.run("services.gateway.bootstrap", "--disable", first["client_id"]).stdout)
    assert world.run("services.gateway.bootstrap", "--check", first["client_id"]).returncode == 1
    assert world.run("services.gateway.bootstrap", "--check", "score-nobody").returncode == 1
    assert httpx.post(f"{gateway.url}/oauth/token", data=GRANT | first).status_code == 401
    assert fetch_token(gateway.url, second)


def test_a_check_without_a_database_is_neither_yes_nor_no(world: World, closed_port: int) -> None:
    nowhere = f"postgresql://nobody@127.0.0.1:{closed_port}/none"
    checked = world.run(
        "services.gateway.bootstrap", "--check", "score-0123456789abcdef", SCORE_DATABASE_URL_GATEWAY=nowhere
    )
    assert checked.returncode == 2
    made = world.run("services.gateway.bootstrap", SCORE_DATABASE_URL_GATEWAY=nowhere)
    assert made.returncode == 2
    assert not made.stdout


async def new_database(world: World, name: str) -> str:
    connection = await asyncpg.connect(world.postgres.url())
    await connection.execute(f"create database {name}")
    await connection.close()
    place = world.postgres.url(name)
    made = await asyncio.to_thread(world.run, "shared.migrations", "gateway", SCORE_MIGRATION_URL_GATEWAY=place)
    assert made.returncode == 0, made.stderr
    return place


async def test_gateways_starting_at_once_make_the_same_keys(world: World) -> None:
    place = await new_database(world, "score_at_once")
    databases = [Database(create_engine(place)) for _ in range(3)]
    found = await asyncio.gather(*(SigningKeys(database, "secret").key_set() for database in databases))
    for database in databases:
        await database.close()
    assert found[0] == found[1] == found[2]
    assert len(found[0]["keys"]) == 2  # one that signs, and the next


async def test_a_key_sealed_under_another_secret_still_verifies_but_signs_no_more(world: World) -> None:
    place = await new_database(world, "score_resealed")
    database = Database(create_engine(place))
    before = (await SigningKeys(database, "old secret").key_set())["keys"]
    renewed = SigningKeys(database, "new secret")
    after = (await renewed.key_set())["keys"]
    signed = await renewed.sign({"sub": "x"})
    await database.close()
    assert len(after) == 4
    assert [key for key in after if key in before] == before
    signed_by = json.loads(base64.urlsafe_b64decode(signed.split(".")[0] + "=="))["kid"]
    assert signed_by in [key["kid"] for key in after if key not in before]


async def test_the_key_survives_a_restart_and_is_sealed(world: World, token: str) -> None:
    with world.gateway() as again:
        async with httpx.AsyncClient(base_url=again.url) as client:
            answer = await client.get("/v1/organisations/echo", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    connection = await asyncpg.connect(world.postgres.url("score_gateway"))
    kept = await connection.fetchval("select private_key from signing_keys")
    await connection.close()
    assert kept.count(".") == 4
    assert "PRIVATE" not in kept


async def test_without_its_database_the_gateway_says_so(
    world: World, credentials: dict[str, str], closed_port: int
) -> None:
    nowhere = f"postgresql://nobody@127.0.0.1:{closed_port}/none"
    with world.gateway(SCORE_DATABASE_URL_GATEWAY=nowhere) as gateway:
        async with httpx.AsyncClient(base_url=gateway.url, timeout=20) as client:
            refused = await client.post("/oauth/token", data=GRANT | credentials)
            assert_oauth_error(refused, 503, "temporarily_unavailable")
            assert int(refused.headers["retry-after"]) > 0
            assert_problem(await client.get("/oauth/jwks"), 503, "service-unavailable")
            ready = await client.get("/-/ready")
            assert ready.status_code == 503
            assert ready.json()["parts"]["gateway"]["status"] == "not-ready"
            assert (await client.get("/-/live")).status_code == 200
