"""One real system a test process: PostgreSQL, NATS, three services and the gateway, started as a newcomer would."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import asyncpg
import httpx
import pytest

from tests import builders

START_SECONDS = 120
STOP_SECONDS = 20
TOKEN_SECONDS = 120  # of the 600 that a token lasts
TOKEN_HEADER = "Consistency-Token"
LONG = (
    "tests/contract/test_schemathesis",
    "tests/faults",
    "tests/local",
    "tests/shared/door/test_outages",
    "tests/demo",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long modules first: one that begins last keeps one process waiting for the other."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class System:
    """A running system and where its home is."""

    home: Path
    url: str

    @property
    def credentials(self) -> dict[str, str]:
        return json.loads((self.home / "credentials.json").read_text())

    @property
    def pids(self) -> dict[str, int]:
        return json.loads((self.home / "run.json").read_text())["processes"]

    @property
    def ports(self) -> dict[str, int]:
        """Of every process behind the gateway, each on this machine only."""
        return json.loads((self.home / "run.json").read_text())["ports"]

    def database_url(self, service: str) -> str:
        """The service's own database, as its application role."""
        password = json.loads((self.home / "secrets.json").read_text())[f"postgres_{service}_app"]
        port = json.loads((self.home / "run.json").read_text())["ports"]["postgres"]
        return f"postgresql://{service}_app:{password}@127.0.0.1:{port}/score_{service}"

    async def connect(self, service: str) -> "asyncpg.Connection[asyncpg.Record]":
        """With the eyes of the service itself: its tables are fenced against everybody else."""
        return await asyncpg.connect(self.database_url(service), server_settings={"score.role": "system"})

    def token(self, client: dict[str, str] | None = None) -> str:
        """Of the first client, or of one that was just made."""
        mine = client or self.credentials
        answer = httpx.post(
            f"{self.url}/oauth/token",
            data={"grant_type": "client_credentials"},
            auth=(mine["client_id"], mine["client_secret"]),
            timeout=30,
        )
        answer.raise_for_status()
        return str(answer.json()["access_token"])


class Api(httpx.AsyncClient):
    """A partner's client: a bearer token, and the consistency token of the last answer sent with the next request."""

    consistency: str | None = None
    registered: dict[str, Any] = {}  # the client as it was registered, if a test has made it

    async def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        if self.consistency and TOKEN_HEADER not in request.headers:
            request.headers[TOKEN_HEADER] = self.consistency
        answer = await super().send(request, **options)
        self.consistency = answer.headers.get(TOKEN_HEADER, self.consistency)
        return answer

    async def make(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """POSTs and insists on 201."""
        answer = await self.post(path, json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def do(self, path: str, verb: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """A verb, insisting on 200."""
        answer = await self.post(f"{path}/{verb}", json=body) if body is not None else await self.post(f"{path}/{verb}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def load(self, path: str, file: str, mode: str = "partial", kind: str = "text/csv") -> dict[str, Any]:
        """Imports a file and waits for its end; later requests see all of it."""
        started = await self.post(f"{path}?mode={mode}", content=file.encode(), headers={"Content-Type": kind})
        assert started.status_code == 202, started.text
        for _ in range(600):
            job = await self.get(started.headers["Location"])
            if job.json()["state"] not in ("queued", "running"):
                return job.json()
            await pause()
        raise AssertionError(f"the import did not end: {job.text}")


async def pause() -> None:

    await asyncio.sleep(0.05)


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    running = start_system(tmp_path_factory.mktemp("home with a space"))
    yield running[0]
    stop_system(running[1])


def start_system(home: Path, port: int | None = None) -> tuple[System, subprocess.Popen[bytes]]:
    port = port or free_port()
    environment = os.environ | {"SCORE_HOME": str(home), "SCORE_PORT": str(port)}
    with (home / "up.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "deploy.local", "up"], env=environment, stdout=log, stderr=subprocess.STDOUT
        )
    system = System(home, f"http://127.0.0.1:{port}")
    wait_until_ready(system, process)
    return system, process


def wait_until_ready(system: System, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, (system.home / "up.log").read_text()[-5000:]
        try:
            if (system.home / "credentials.json").exists() and httpx.get(f"{system.url}/-/ready").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    stop_system(process)
    raise AssertionError(f"not ready in {START_SECONDS} s:\n{(system.home / 'up.log').read_text()[-5000:]}")


def stop_system(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise


@dataclass
class Tokens:
    """A client's token, fetched anew while it is still good for a while: a run lasts longer than a token."""

    fetch: Callable[[], str]
    token: str = ""
    good_until: float = 0.0

    def present(self) -> str:
        if time.monotonic() > self.good_until:
            self.token, self.good_until = self.fetch(), time.monotonic() + TOKEN_SECONDS
        return self.token


@pytest.fixture(scope="session")
def tokens(system: System) -> Tokens:
    return Tokens(system.token)


@pytest.fixture
def bearer(tokens: Tokens) -> str:
    return tokens.present()


@pytest.fixture
async def api(system: System, bearer: str) -> AsyncIterator[Api]:
    headers = {"Authorization": f"Bearer {bearer}"}
    async with Api(base_url=system.url, headers=headers, timeout=30) as client:
        yield client


BOUND_BY = {
    "buyer": "organisation_id",
    "donor": "organisation_id",
    "provider": "organisation_id",
    "enterprise": "enterprise_id",
    "trainer": "trainer_id",
    "coordinator": "countries",
}


class ClientOf(Protocol):
    async def __call__(self, role: str, **binding: Any) -> Api: ...


@pytest.fixture
async def client_of(system: System, api: Api) -> AsyncIterator[ClientOf]:
    """`await client_of("buyer", organisation_id=…)`: a partner of that role, who sees what `api` has written so far.

    What its role must be bound to and is not given, is made.
    """
    async with AsyncExitStack() as opened:

        async def make(role: str, **binding: Any) -> Api:
            bound = binding if BOUND_BY.get(role, "") in binding else await bindings_of(api, role) | binding
            made = await api.make("/v1/clients", {"name": f"Test's {role}", "role": role, **bound})
            token = system.token(made)
            client = Api(base_url=system.url, headers={"Authorization": f"Bearer {token}"}, timeout=30)
            client.consistency, client.registered = api.consistency, made
            return await opened.enter_async_context(client)

        yield make


async def bindings_of(api: Api, role: str) -> dict[str, Any]:
    if role in ("buyer", "donor", "provider"):
        kind = {"buyer": "lead_buyer", "provider": "service_provider"}.get(role, role)
        return {"organisation_id": (await api.make("/v1/organisations", builders.organisation(kind=kind)))["id"]}
    if role == "enterprise":
        return {"enterprise_id": (await api.make("/v1/enterprises", builders.enterprise()))["id"]}
    if role == "trainer":
        provider = await bindings_of(api, "provider")
        return {"trainer_id": (await api.make("/v1/trainers", builders.trainer(provider["organisation_id"])))["id"]}
    return {"countries": ["CN"]} if role == "coordinator" else {}
