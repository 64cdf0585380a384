"""Django REST framework under gunicorn, on the same PostgreSQL server."""

import os
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.measure import WrongAnswer
from bench.peers.venv import installed, python
from bench.place import ADMINISTRATOR, Place, free_port
from bench.processes import running, wait_for

PACKAGES = (
    "Django==5.2.19",
    "djangorestframework==3.18.3",
    "django-filter==26.2",
    "psycopg[binary]",
    "gunicorn==27.0.1",
)
DATABASE = "peer"
WORKERS = ["--workers", "2", "--worker-class", "gthread", "--threads", "4", "--keep-alive", "75"]
FOLDER = Path(__file__).parent / "registry_drf"


@dataclass(frozen=True)
class Django:
    url: str
    headers: dict[str, str]


@asynccontextmanager
async def django(place: Place) -> AsyncIterator[Django | None]:
    """With empty tables. None where it can't be installed."""
    if not installed(PACKAGES, place.say):
        yield None
        return
    await place.make_database(DATABASE)
    environment, port, log = variables(place), free_port(), place.folder / "django.log"
    key = make_tables(environment)
    command = [str(python()), "-m", "gunicorn", *WORKERS, "-b", f"127.0.0.1:{port}", "registry:application"]
    with running(command, environment, log, FOLDER) as process:
        wait_for(f"http://127.0.0.1:{port}/live", process, log)
        yield Django(f"http://127.0.0.1:{port}", {"Authorization": f"Token {key}"})


def make_tables(environment: dict[str, str]) -> str:
    """Gives the token of its one user."""
    command = [str(python()), str(FOLDER / "registry.py")]
    made = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if made.returncode:
        raise WrongAnswer(f"Django's tables could not be made: {made.stderr[-1_000:]}")
    return made.stdout.strip()


def variables(place: Place) -> dict[str, str]:
    return os.environ | {
        "PEER_DATABASE": DATABASE,
        "PEER_USER": ADMINISTRATOR,
        "PEER_PASSWORD": place.secrets["postgres"],
        "PEER_PORT": str(place.ports["postgres"]),
    }
