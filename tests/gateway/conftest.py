"""The gateway on a real server and a real PostgreSQL; the three services behind it are stand-ins that speak real HTTP."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import asyncpg
import httpx
import pytest

from services.gateway.limits import Limits
from services.gateway.main import create_app
from shared.http_protocol import StrictHttp
from shared.settings import GatewaySettings
from tests.conftest import Tokens, free_port
from tests.gateway.servers import Running, Service
from tests.shared.events.servers import Postgres

LIMITS = Limits(silence=0.7, answer=1.5, import_file=4 * 1024 * 1024)
ORIGIN = "https://partner.example.org"
PUBLIC_URL = "https://score.example.org"


class HastyHttp(StrictHttp):
    head_seconds = 1.0


@dataclass
class World:
    """A database, three services, and the environment of a gateway in front of them."""

    postgres: Postgres
    services: dict[str, Service]
    servers: dict[str, Running]

    def environment(self, **changes: str) -> dict[str, str]:
        upstreams = {f"SCORE_UPSTREAM_{name.upper()}": server.url for name, server in self.servers.items()}
        return {
            "SCORE_DATABASE_URL_GATEWAY": self.postgres.url("score_gateway").replace("postgres@", "gateway_app@"),
            "SCORE_MIGRATION_URL_GATEWAY": self.postgres.url("score_gateway"),
            "SCORE_SECRET": "a secret of the tests",
            "SCORE_PUBLIC_URL": PUBLIC_URL,
            "SCORE_CORS_ORIGINS": ORIGIN,
            **upstreams,
            **changes,
        }

    def gateway(self, limits: Limits = LIMITS, **changes: str) -> AbstractContextManager[Running]:
        app = create_app(GatewaySettings.read(self.environment(**changes)), limits)
        return Running(app, http=HastyHttp, lifespan="on", timeout_keep_alive=75)

    def run(self, *command: str, **changes: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", *command],
            env=os.environ | self.environment(**changes),
            capture_output=True,
            text=True,
            timeout=60,
        )


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    services = {name: Service(name) for name in ("enterprise", "training", "metrics")}
    postgres = Postgres(tmp_path_factory.mktemp("postgres"))
    postgres.start()
    asyncio.run(make_database(postgres))
    servers = {name: Running(service) for name, service in services.items()}
    for server in servers.values():
        server.__enter__()
    world = World(postgres, services, servers)
    migrated = world.run("shared.migrations", "gateway")
    assert migrated.returncode == 0, migrated.stderr
    yield world
    for server in servers.values():
        server.__exit__()
    postgres.stop()


async def make_database(postgres: Postgres) -> None:
    connection = await asyncpg.connect(postgres.url())
    await connection.execute("create role gateway_app login")
    await connection.execute("create database score_gateway")
    await connection.close()


@pytest.fixture(scope="session")
def gateway(world: World) -> Iterator[Running]:
    with world.gateway() as running:
        yield running


@pytest.fixture(scope="session")
def credentials(world: World) -> dict[str, str]:
    made = world.run("services.gateway.bootstrap")
    assert made.returncode == 0, made.stderr
    return json.loads(made.stdout)


@pytest.fixture(scope="session")
def fetched(gateway: Running, credentials: dict[str, str]) -> Tokens:
    return Tokens(lambda: fetch_token(gateway.url, credentials))


@pytest.fixture
def token(fetched: Tokens) -> str:
    return fetched.present()


def fetch_token(url: str, credentials: dict[str, str]) -> str:
    form = {"grant_type": "client_credentials", **credentials}
    return str(httpx.post(f"{url}/oauth/token", data=form).json()["access_token"])


@pytest.fixture
async def stranger(gateway: Running) -> AsyncIterator[httpx.AsyncClient]:
    """A client without a token."""
    async with httpx.AsyncClient(base_url=gateway.url, timeout=20) as client:
        yield client


@pytest.fixture
async def partner(gateway: Running, token: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client with a token."""
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=gateway.url, headers=headers, timeout=20) as client:
        yield client


@pytest.fixture
def enterprise(world: World) -> Service:
    return world.services["enterprise"]


def assert_problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = answer.json()
    assert document["code"] == code
    assert document["type"] == f"/problems/{code}"
    assert document["status"] == status
    assert document["request_id"] == answer.headers["x-request-id"]
    return document


@pytest.fixture
def closed_port() -> int:
    return free_port()
