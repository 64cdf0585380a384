"""Forged with the running system's own key at hand, against the gateway and against a service called directly."""

import json
from collections.abc import AsyncIterator

import httpx
import pytest
from joserfc.jwk import RSAKey

from services.gateway.keys import SigningKeys
from shared.db import Database, create_engine
from tests.conftest import System
from tests.shared.forgeries import Forger
from tests.shared.test_auth import MUTANTS, OTHER


@pytest.fixture(scope="module")
async def forger(system: System) -> Forger:
    database = Database(create_engine(system.database_url("gateway")))
    secret = json.loads((system.home / "secrets.json").read_text())["secret"]
    keys = SigningKeys(database, secret)
    await keys.refresh()
    await database.close()
    assert isinstance(keys.signing, RSAKey)
    return Forger(system.url, keys.signing, OTHER)


class Doors:
    """Of the gateway's own, of a service behind it, and the service's itself."""

    def __init__(self, system: System, client: httpx.AsyncClient) -> None:
        direct = f"http://127.0.0.1:{system.ports['training']}/v1/modules"
        self._places, self._client = (f"{system.url}/v1/me", f"{system.url}/v1/modules", direct), client

    async def knock(self, token: str | None) -> list[httpx.Response]:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return [await self._client.get(place, headers=headers) for place in self._places]


@pytest.fixture
async def doors(system: System) -> AsyncIterator[Doors]:
    async with httpx.AsyncClient(timeout=30) as client:
        yield Doors(system, client)


@pytest.mark.parametrize("mutant", MUTANTS)
async def test_a_forged_token_opens_no_door(forger: Forger, doors: Doors, mutant: str) -> None:
    for refused in await doors.knock(forger.mutants()[mutant]):
        assert refused.status_code == 401, refused.url
        assert refused.headers["www-authenticate"] == 'Bearer realm="score", error="invalid_token"'
        assert refused.headers["content-type"] == "application/problem+json"


async def test_the_forger_has_the_right_key(forger: Forger, doors: Doors) -> None:
    """Else every refusal above would prove nothing."""
    for answer in await doors.knock(forger.token(scope="modules:read")):
        assert answer.status_code == 200, answer.text


async def test_without_a_token_the_challenge_names_no_error(doors: Doors) -> None:
    for refused in await doors.knock(None):
        assert refused.status_code == 401
        assert refused.headers["www-authenticate"] == 'Bearer realm="score"'
