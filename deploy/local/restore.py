"""`restore`: a home from an archive that `backup` made. The next `make up` starts it."""

import asyncio
import shutil
import tarfile
from pathlib import Path

from deploy.local import passwords
from deploy.local.backup import FORMAT
from deploy.local.down import remove, remove_one
from deploy.local.given import DATABASES, Given
from deploy.local.home import Home, Lock, Trouble, holder
from deploy.local.leftovers import end_leftovers
from deploy.local.logs import Logs
from deploy.local.server_alone import serving, tool

OWN_FILES = ("secrets.json", "credentials.json", "first_client.json")


def restore(given: Given, source: str, *, replace: bool) -> int:
    if not source:
        raise Trouble("Say which archive: make restore FROM=score-backup.tar")
    if not given.wants_postgres:
        raise Trouble("The databases are elsewhere; whoever keeps that server restores them.")
    home, archive = Home(given.home), Path(source).expanduser().absolute()
    home.make()
    lock = Lock(home)
    if not lock.take():
        raise Trouble(f"SCORE is running (pid {holder(home)}); stop it first with `make down`.")
    try:
        restore_into(home, given, archive, replace)
    finally:
        lock.free()
    print(f"{home.folder} is as it was in the archive. Start it with `make up`.")
    return 0


def restore_into(home: Home, given: Given, archive: Path, replace: bool) -> None:
    """In a folder of its own first: what is there now is given up when the archive has proved good."""
    if not replace and any(path.exists() for path in (home.postgres, home.secrets, home.credentials)):
        raise Trouble(f"There is data in {home.folder}. REPLACE=yes (--replace) gives it up for the archive's.")
    end_leftovers(home)
    draft = Home(home.folder / "restoring")
    if draft.folder.exists():
        remove(draft)
    draft.make()
    try:
        asyncio.run(fill(draft, given, archive))
        exchange(home, draft)
    finally:
        if draft.folder.exists():
            remove(draft)


async def fill(home: Home, given: Given, archive: Path) -> None:
    unpacked = home.folder / "unpacked"
    unpacked.mkdir(mode=0o700)
    try:
        unpack(archive, unpacked)
        for name in OWN_FILES:
            if (unpacked / name).exists():
                (unpacked / name).rename(home.folder / name)
        async with serving(home, given, passwords.keep(home), Logs(home.logs)) as server:
            for name in DATABASES:
                print(f"  {name}", flush=True)
                options = ["-d", f"score_{name}", "--exit-on-error", "--single-transaction"]
                code, said = await tool(server, "pg_restore", *options, str(unpacked / f"{name}.dump"))
                if code:
                    raise Trouble(f"The database of {name} could not be restored: {said}")
    finally:
        shutil.rmtree(unpacked)


def unpack(archive: Path, folder: Path) -> None:
    """The files we know, by their names, whatever else somebody may have put into the archive."""
    try:
        with tarfile.open(archive) as tar:
            names = tar.getnames()
            if missing := [name for name in (FORMAT, "secrets.json", *dumps()) if name not in names]:
                raise Trouble(f"{archive} is no backup of ours: {', '.join(missing)} is missing.")
            for name in (*OWN_FILES, *dumps()):
                if name in names:
                    write(tar, name, folder / name)
    except (OSError, tarfile.TarError) as error:
        raise Trouble(f"{archive} can't be read: {error}.") from error


def dumps() -> list[str]:
    return [f"{name}.dump" for name in DATABASES]


def write(tar: tarfile.TarFile, name: str, path: Path) -> None:
    content = tar.extractfile(name)
    if content is None:
        raise tarfile.TarError(f"{name} is no file")
    path.touch(mode=0o600)
    with path.open("wb") as file:
        shutil.copyfileobj(content, file)


def exchange(home: Home, draft: Home) -> None:
    """The lock stays: we hold it."""
    for path in (home.postgres, home.nats, home.secrets, home.credentials, home.first_client):
        remove_one(path)
    for path in draft.everything:
        if path.exists() and path.name not in ("lock", "logs", "run.json"):
            path.rename(home.folder / path.name)
