"""People of a real OpenID provider, in a process of its own, before the gateway and before a service."""

import json
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from shared.oidc import read_issuers
from shared.verification import TokenVerifier
from tests.gateway.conftest import PUBLIC_URL, World, assert_problem
from tests.gateway.servers import Running
from tests.people.provider import AUDIENCE, Provider, running_provider
from tests.shared.forgeries import flipped
from tests.shared.test_auth import behind_the_door

CLIENTS = "/v1/clients"


def described(provider: Provider) -> str:
    """As an operator would, in SCORE_OIDC_ISSUERS."""
    return json.dumps(
        [
            {
                "name": "ghana",
                "issuer": provider.issuer,
                "audience": AUDIENCE,
                "token_type": "JWT",
                "roles": {"score-admins": "programme_admin", "score-coordinators": "coordinator"},
                "claims": {"role": "groups"},
                "fixed": {"countries": ["GH"]},
            }
        ]
    )


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with running_provider() as running:
        yield running


@pytest.fixture(scope="module")
def gateway(world: World, provider: Provider) -> Iterator[Running]:
    with world.gateway(SCORE_OIDC_ISSUERS=described(provider)) as running:
        yield running


@pytest.fixture
async def door(gateway: Running) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=gateway.url, timeout=20) as client:
        yield client


def bearing(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def test_a_person_is_who_the_provider_says(door: httpx.AsyncClient, provider: Provider) -> None:
    me = (await door.get("/v1/me", headers=bearing(provider.token("ama")))).json()
    assert me.pop("permissions")
    assert "enterprises:write" in me.pop("scopes")
    assert me == {"subject": "ghana:ama", "role": "coordinator", "countries": ["GH"]}


async def test_a_person_may_do_what_the_role_may(door: httpx.AsyncClient, provider: Provider) -> None:
    person = bearing(provider.token("ama"))
    assert (await door.get("/v1/enterprises", headers=person)).status_code == 200
    refused = await door.post(CLIENTS, json={"name": "x", "role": "auditor"}, headers=person)
    assert refused.status_code == 403


async def test_who_has_no_part_in_the_programme_is_told_so(door: httpx.AsyncClient, provider: Provider) -> None:
    assert_problem(await door.get("/v1/me", headers=bearing(provider.token("kofi"))), 403, "forbidden")


async def test_a_person_has_a_limit_of_its_own(door: httpx.AsyncClient, provider: Provider) -> None:
    person = bearing(provider.token("ama"))
    first, second = [(await door.get("/v1/me", headers=person)).headers["ratelimit"] for _ in range(2)]
    assert first != second


async def test_a_changed_token_is_nobodys(door: httpx.AsyncClient, provider: Provider) -> None:
    token = provider.token("ama")
    for index in (token.index(".") + 30, -20):
        refused = await door.get("/v1/me", headers=bearing(flipped(token, index)))
        assert_problem(refused, 401, "unauthorized")


def test_a_service_takes_the_same_people(provider: Provider) -> None:
    verifier = TokenVerifier(PUBLIC_URL, "http://127.0.0.1:9/jwks", providers=read_issuers(described(provider)))
    with behind_the_door(verifier) as url:
        assert httpx.get(f"{url}/v1/x", headers=bearing(provider.token("ama"))).json() == "ghana:ama"


async def test_a_gateway_that_does_not_know_the_provider_does_not_know_its_people(
    world: World, provider: Provider
) -> None:
    token = provider.token("ama")
    with world.gateway() as other:
        async with httpx.AsyncClient(base_url=other.url) as client:
            assert_problem(await client.get("/v1/me", headers=bearing(token)), 401, "unauthorized")
