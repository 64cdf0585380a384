"""`backup`: one archive with the four databases, keys and secrets. Made while the system runs, or while it does not.

The broker is not in it: the databases are the record, and a new stream is filled from them.
"""

import asyncio
import os
import tarfile
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from deploy.local import passwords
from deploy.local.environment import bare
from deploy.local.given import DATABASES, SERVICES, Given
from deploy.local.home import Home, Lock, Trouble
from deploy.local.leftovers import end_leftovers
from deploy.local.logs import Logs
from deploy.local.postgres import Postgres
from deploy.local.server_alone import serving, tool

FORMAT = "score-backup-1"
TRIES = 100
# taken in just now and announced just now: an old one that was driven again may be forgotten by its publisher
RECENT = """
select event_id from inbox
where received_at > now() - interval '5 minutes' and uuid_extract_timestamp(event_id) > now() - interval '5 minutes'
"""
ANNOUNCED = "select event_id from outbox where event_id = any($1)"

Connection = Any  # asyncpg's is generic in its stubs only


def backup(given: Given, to: str) -> int:
    if not to:
        raise Trouble("Say where the archive goes: make backup TO=score-backup.tar")
    home, target = Home(given.home), Path(to).expanduser().absolute()
    refuse(given, home, target)
    asyncio.run(archive(home, given, target))
    print(f"The backup is in {target}. It holds the secrets of this installation: keep it as you keep a key.")
    return 0


def refuse(given: Given, home: Home, target: Path) -> None:
    if not given.wants_postgres:
        raise Trouble("The databases are elsewhere; whoever keeps that server backs them up.")
    if not (home.postgres / "data").exists():
        raise Trouble(f"There is nothing to back up in {home.folder}.")
    if target.exists():
        raise Trouble(f"{target} is there already; name another file.")
    if not target.parent.is_dir():
        raise Trouble(f"There is no folder {target.parent}.")


async def archive(home: Home, given: Given, target: Path) -> None:
    with tempfile.TemporaryDirectory(prefix=".score-backup-", dir=target.parent) as folder:
        async with reached(home, given) as server:
            await dump(server, Path(folder))
        (Path(folder) / FORMAT).touch()
        pack(home, Path(folder), target)


@asynccontextmanager
async def reached(home: Home, given: Given) -> AsyncIterator[Postgres]:
    """The server of the running system; if there is none, the server alone."""
    known, logs, lock = passwords.keep(home), Logs(home.logs), Lock(home)
    if not lock.take():
        if not (found := home.read(home.run).get("ports")):
            raise Trouble("SCORE is just starting; try again when it is ready.")
        yield Postgres(home, found["postgres"], known, logs, bare(home, given))
        return
    try:
        end_leftovers(home)
        async with serving(home, given, known, logs) as server:
            yield server
    finally:
        lock.free()


# --- one moment of four databases ------------------------------------------------------------------------------------


async def dump(server: Postgres, folder: Path) -> None:
    """Each database as it was at one moment, the same for all."""
    async with AsyncExitStack() as stack:
        connections = {name: await server.connect(f"score_{name}") for name in DATABASES}
        for connection in connections.values():
            stack.push_async_callback(connection.close)
        snapshots = await same_moment(connections)
        for name, snapshot in snapshots.items():
            print(f"  {name}", flush=True)
            options = ["-d", f"score_{name}", "-Fc", f"--snapshot={snapshot}", "-f", str(folder / f"{name}.dump")]
            code, said = await tool(server, "pg_dump", *options)
            if code:
                raise Trouble(f"The database of {name} could not be dumped: {said}")


async def same_moment(connections: dict[str, Connection]) -> dict[str, str]:
    """Snapshots in which no service knows an event that its publisher has not announced yet.

    The other way round is harmless: what was announced is announced again to a new stream, and taken in then.
    """
    for _ in range(TRIES):
        for connection in connections.values():
            await connection.execute("begin isolation level repeatable read read only")
        found = {name: await each.fetchval("select pg_export_snapshot()") for name, each in connections.items()}
        if await is_whole([connections[name] for name in SERVICES]):
            return found
        for connection in connections.values():
            await connection.execute("rollback")
        await asyncio.sleep(0.02)
    raise Trouble("The services are too busy for a backup in which all of them agree; try again later.")


async def is_whole(services: Sequence[Connection]) -> bool:
    taken = {row["event_id"] for each in services for row in await each.fetch(RECENT)}
    known = {row["event_id"] for each in services for row in await each.fetch(ANNOUNCED, list(taken))}
    return taken <= known


# --- the file ----------------------------------------------------------------------------------------------------------


def pack(home: Home, folder: Path, target: Path) -> None:
    """Mode 0600 and by rename, so that half an archive never looks like one."""
    draft = folder / "archive"
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        with tarfile.open(fileobj=file, mode="w") as tar:
            for path in contents(home, folder):
                tar.add(path, arcname=path.name, filter=anonymous)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(target)


def contents(home: Home, folder: Path) -> list[Path]:
    own = [path for path in (home.secrets, home.credentials, home.first_client) if path.exists()]
    return [folder / FORMAT, *own, *(folder / f"{name}.dump" for name in DATABASES)]


def anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode, member.mtime = 0o600, int(time.time())
    return member
