"""Where benches run: our system as `make up` starts it, in a folder of its own, and what is started beside it."""

import json
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from bench.measure import Say
from bench.processes import running, wait_for
from bench.sizes import Size

ROOT = Path(__file__).resolve().parents[1]
NO_LIMIT = "1000000000"  # requests of one client in a minute
ADMINISTRATOR = "postgres"
Database = "asyncpg.Connection[asyncpg.Record]"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Place:
    """`folder` is thrown away at the end; the system's home is in it."""

    folder: Path
    size: Size
    say: Say
    url: str

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def _run(self) -> dict[str, Any]:
        return dict(json.loads((self.home / "run.json").read_text()))

    @property
    def ports(self) -> dict[str, int]:
        return dict(self._run["ports"])

    @property
    def pids(self) -> dict[str, int]:
        return dict(self._run["processes"])

    @property
    def secrets(self) -> dict[str, str]:
        return dict(json.loads((self.home / "secrets.json").read_text()))

    def service_url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.ports[name]}"

    # --- as whom ---

    def token(self, client: dict[str, Any] | None = None) -> str:
        """Of the first client, a programme_admin, or of one that a bench has made."""
        mine = client or json.loads((self.home / "credentials.json").read_text())
        answer = httpx.post(
            f"{self.url}/oauth/token",
            data={"grant_type": "client_credentials"},
            auth=(mine["client_id"], mine["client_secret"]),
            timeout=30,
        )
        answer.raise_for_status()
        return str(answer.json()["access_token"])

    def headers(self, client: dict[str, Any] | None = None) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token(client)}"}

    def api(self) -> httpx.AsyncClient:
        """For what a bench has to make first."""
        return httpx.AsyncClient(base_url=self.url, auth=Renewed(self.token), timeout=60)

    # --- the database server ---

    def database_url(self, database: str, role: str = ADMINISTRATOR) -> str:
        secret = self.secrets["postgres" if role == ADMINISTRATOR else f"postgres_{role}"]
        return f"postgresql://{role}:{secret}@127.0.0.1:{self.ports['postgres']}/{database}"

    async def connect(self, database: str, role: str = ADMINISTRATOR) -> "asyncpg.Connection[asyncpg.Record]":
        return await asyncpg.connect(self.database_url(database, role), command_timeout=900)

    async def has_database(self, name: str) -> bool:
        server = await self.connect(ADMINISTRATOR)
        try:
            return bool(await server.fetchval("select exists (select from pg_database where datname = $1)", name))
        finally:
            await server.close()

    async def make_database(self, name: str, owner: str = ADMINISTRATOR) -> str:
        """Anew; gives its address for its owner."""
        server = await self.connect(ADMINISTRATOR)
        try:
            await server.execute(f"drop database if exists {name} with (force)")
            await server.execute(f"create database {name} owner {owner}")
        finally:
            await server.close()
        return self.database_url(name, owner)


class Renewed(httpx.Auth):
    """What a bench waits for may last longer than a token is good for."""

    def __init__(self, token: Callable[[], str]) -> None:
        self._make, self._token = token, token()

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = f"Bearer {self._token}"
        answer = yield request
        if answer.status_code == 401:
            self._token = self._make()
            request.headers["Authorization"] = f"Bearer {self._token}"
            yield request


@contextmanager
def our_system(size: Size, say: Say) -> Iterator[Place]:
    """Everything on, as a partner meets it; only the limit of requests is out of the way."""
    folder = Path(tempfile.mkdtemp(prefix="score-bench-"))
    port = free_port()
    place = Place(folder, size, say, f"http://127.0.0.1:{port}")
    environment = os.environ | {
        "SCORE_HOME": str(place.home),
        "SCORE_PORT": str(port),
        "SCORE_RATE_LIMIT": NO_LIMIT,
    }
    log = folder / "up.log"
    try:
        say("starting PostgreSQL, NATS, the services and the gateway")
        with running([sys.executable, "-m", "deploy.local", "up"], environment, log, ROOT) as process:
            wait_for(f"{place.url}/-/ready", process, log)
            yield place
    finally:
        shutil.rmtree(folder, ignore_errors=True)
