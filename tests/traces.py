"""Where a word is found after the system has worked with it: every table of every database, every event, every file."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
from pydantic import SecretStr

from shared.imports.files import unpacked
from shared.nats import administration
from shared.settings import NatsSettings
from tests.conftest import System

DATABASES = ("enterprise", "training", "metrics", "gateway")
TABLES = "select tablename from pg_tables where schemaname = 'public'"
# bytes are written in hexadecimal digits
WITH = 'select count(*) from "{}" as row where row::text like $1 or row::text like $2'


def run(system: System) -> tuple[dict[str, str], dict[str, Any]]:
    return json.loads((system.home / "secrets.json").read_text()), json.loads((system.home / "run.json").read_text())


@asynccontextmanager
async def superuser(system: System, service: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """Whom no fence stops."""
    secrets, running = run(system)
    connection = await asyncpg.connect(
        host="127.0.0.1",
        port=running["ports"]["postgres"],
        user="postgres",
        password=secrets["postgres"],
        database=f"score_{service}",
    )
    try:
        yield connection
    finally:
        await connection.close()


async def in_tables(system: System, word: str) -> list[str]:
    found = []
    for service in DATABASES:
        async with superuser(system, service) as connection:
            for table in [row["tablename"] for row in await connection.fetch(TABLES)]:
                if await connection.fetchval(WITH.format(table), f"%{word}%", f"%{word.encode().hex()}%"):
                    found.append(f"{service}.{table}")
            if service != "gateway":
                chunks = await connection.fetch("select data from import_chunks")
                found += [f"{service}: a kept file" for row in chunks if word in str(unpacked(row["data"]))]
    return found


async def events(system: System) -> list[bytes]:
    """Headers and body of all that lies in the stream, read as its administrator."""
    secrets, running = run(system)
    settings = NatsSettings(
        url=f"nats://127.0.0.1:{running['ports']['nats']}",
        user="admin",
        password=SecretStr(secrets["nats_admin"]),
        monitor_user="monitor",
        monitor_password=SecretStr(secrets["nats_monitor"]),
        durability="",
    )
    async with administration(settings) as ask:
        state = (await ask("STREAM.INFO.SCORE", {}))["state"]
        told = [await ask("STREAM.MSG.GET.SCORE", {"seq": n}) for n in range(state["first_seq"], state["last_seq"] + 1)]
    messages = [answer["message"] for answer in told]
    return [base64.b64decode(one.get("hdrs", "")) + base64.b64decode(one.get("data", "")) for one in messages]


async def in_stream(system: System, word: str) -> list[str]:
    return ["the stream" for event in await events(system) if word.encode() in event][:1]


def files_of(system: System) -> list[Path]:
    """All of the home but the database server's own: what is in the tables is read as tables, and its log of writes keeps, as
    backups do, what was there before (docs/operations.md)."""
    found = [path for path in system.home.rglob("*") if path.is_file()]
    return [path for path in found if system.home / "postgres" not in path.parents]


def in_files(system: System, word: str) -> list[str]:
    return [path.name for path in files_of(system) if word.encode() in content(path)]


def content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:  # it was there a moment ago
        return b""


async def traces(system: System, word: str) -> list[str]:
    """Every place where `word` is; [] if nowhere."""
    tables, stream = await in_tables(system, word), await in_stream(system, word)
    return [*tables, *stream, *await asyncio.to_thread(in_files, system, word)]
