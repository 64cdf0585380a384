"""A service of its own on a database of its own, beside the running system: for a registry too large, or a broker too busy, for
the other benches. Tokens are those of the running system; the broker is another, so that nobody takes the other's events.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.measure import WrongAnswer
from bench.place import ROOT, Place, free_port
from bench.processes import running, wait_for
from deploy.local.given import SERVICES
from deploy.local.postgres import DISCREET, EXTENSIONS

CONFIGURATION = ROOT / "deploy" / "nats" / "nats.conf"
USERS = ("admin", "monitor", *SERVICES)


@dataclass(frozen=True)
class Broker:
    """Configured as the system's own, with the same passwords."""

    url: str
    environment: dict[str, str]


@contextmanager
def broker(place: Place) -> Iterator[Broker]:
    port, folder, log = free_port(), place.folder / "nats-beside", place.folder / "nats-beside.log"
    passwords = {f"SCORE_NATS_PASSWORD_{user.upper()}": place.secrets[f"nats_{user}"] for user in USERS}
    own = {"SCORE_NATS_HOST": "127.0.0.1", "SCORE_NATS_PORT": str(port), "SCORE_NATS_STORE": f'"{folder}"'}
    command = [str(Path(sys.executable).with_name("nats-server")), "-c", str(CONFIGURATION)]
    url = f"nats://127.0.0.1:{port}"
    with running(command, os.environ | own | passwords, log):
        environment = os.environ | passwords | {"SCORE_NATS_URL": url}
        carry_out(["shared.streams"], environment)  # waits until the broker is there
        yield Broker(url, dict(environment))


async def make_database(place: Place, name: str, service: str) -> None:
    """With the service's own schema, rights and fences."""
    await place.make_database(name, owner=f"{service}_owner")
    database = await place.connect(name)
    try:
        await database.execute(f"alter schema public owner to {service}_owner")
        for extension in EXTENSIONS:
            await database.execute(f"create extension if not exists {extension}")
        for function in DISCREET:
            await database.execute(f"alter function {function} leakproof")
    finally:
        await database.close()
    address = {f"SCORE_MIGRATION_URL_{service.upper()}": place.database_url(name, f"{service}_owner")}
    carry_out(["shared.migrations", service], os.environ | address)


def carry_out(module: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *module], env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise WrongAnswer(f"{' '.join(module)}: {done.stdout[-1_000:]}{done.stderr[-1_000:]}")


@contextmanager
def service(place: Place, name: str, database: str, beside: Broker) -> Iterator[str]:
    """Its address."""
    port, log = free_port(), place.folder / f"{database}.log"
    own = {
        f"SCORE_DATABASE_URL_{name.upper()}": place.database_url(database, f"{name}_app"),
        f"SCORE_PORT_{name.upper()}": str(port),
        "SCORE_JWKS_URL": f"{place.url}/oauth/jwks",
        "SCORE_PUBLIC_URL": place.url,
        "SCORE_SECRET": place.secrets["secret"],
    }
    url = f"http://127.0.0.1:{port}"
    with running([sys.executable, "-m", f"services.{name}_svc"], beside.environment | own, log, ROOT) as process:
        wait_for(f"{url}/-/ready", process, log)
        yield url
