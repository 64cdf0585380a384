"""One PostgreSQL server, a database for each service, two roles for each database."""

import asyncio
import os
import shutil
import signal
import time
from pathlib import Path

import asyncpg

from deploy.local.children import Program, job
from deploy.local.given import DATABASES
from deploy.local.home import Home, Trouble
from deploy.local.leftovers import end_workers
from deploy.local.logs import Logs
from deploy.local.unprivileged import Means, means_for

START_SECONDS = 60
EXTENSIONS = ("pg_trgm", "unaccent", "btree_gist")
# What filters compare with. Behind row-level security an index is used only by functions that are known to tell nothing of the
# rows they pass over; these do not, but only a superuser may say so.
DISCREET = (
    "textlike(text, text)",
    "string_to_array(text, text)",
    "arrayoverlap(anyarray, anyarray)",
    "arraycontains(anyarray, anyarray)",
    "arraycontained(anyarray, anyarray)",
    "jsonb_contains(jsonb, jsonb)",
    '"left"(text, integer)',
)
PLAIN = "login nosuperuser nocreatedb nocreaterole nobypassrls noreplication"
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    # the log says what went wrong, and repeats nobody's data
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_line_prefix": "",
    "log_checkpoints": "off",
}


class Postgres:
    def __init__(
        self, home: Home, port: int, passwords: dict[str, str], logs: Logs, environment: dict[str, str]
    ) -> None:
        self.port, self.passwords = port, passwords
        self._home, self._logs = home, logs
        self._environment = environment
        self.means: Means = means_for(home)

    @property
    def data(self) -> Path:
        return self._home.postgres.resolve() / "data"

    def url(self, name: str, role: str) -> str:
        """For a service's database, as its `owner` or `app`."""
        password = self.passwords[f"postgres_{name}_{role}"]
        return f"postgresql://{name}_{role}:{password}@127.0.0.1:{self.port}/score_{name}"

    # --- the server ----------------------------------------------------------------------------------------------

    def program(self) -> Program:
        options = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
        command = [self.means.program("postgres"), "-D", str(self.data), "-c", f"port={self.port}", *options]
        return self._program("postgres", command, before=True)

    def _program(self, name: str, command: list[str], *, before: bool = False) -> Program:
        return Program(
            name,
            command,
            self._environment,
            prefix=self.means.prefix,
            somebody=self.means.somebody,
            end_signal=signal.SIGINT,  # "fast": rolls back, writes a checkpoint, ends
            last_signal=signal.SIGQUIT,  # "immediate": ends with all its workers; the next start replays the log
            **({"before": self._clear} if before else {}),
        )

    async def _clear(self) -> None:
        """After a kill -9, ours or of the whole machine: its number may be another process's by now."""
        await asyncio.to_thread(end_workers, self._home.postgres)
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    async def make_data(self) -> None:
        """Makes the data folder if there is none: beside its place, then by rename, so that half a one is never used."""
        if self.data.exists():
            return
        self._home.postgres.mkdir(mode=0o700, exist_ok=True)
        draft = self.data.with_name("draft")
        shutil.rmtree(draft, ignore_errors=True)
        self._logs.tell("making the database server's data folder")
        password = self._password_file()
        try:
            options = ["-U", "postgres", "-A", "scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8"]
            command = [self.means.program("initdb"), "-D", str(draft), *options, f"--pwfile={password}"]
            await job(self._program("initdb", command), self._logs)
        finally:
            password.unlink()
        draft.rename(self.data)

    def _password_file(self) -> Path:
        path = self.data.with_name("password")
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(self.passwords["postgres"])
        self.means.own(path)
        return path

    # --- what is in it -------------------------------------------------------------------------------------------

    async def connect(self, database: str = "postgres") -> "asyncpg.Connection[asyncpg.Record]":
        return await asyncpg.connect(
            host="127.0.0.1",
            port=self.port,
            user="postgres",
            password=self.passwords["postgres"],
            database=database,
            timeout=5,
        )

    async def wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                await (await self.connect()).close()
                return
            except (OSError, TimeoutError, asyncpg.CannotConnectNowError, asyncpg.ConnectionDoesNotExistError):
                if time.monotonic() > deadline:
                    raise Trouble("PostgreSQL does not answer; see postgres.jsonl in the home's logs.") from None
            await asyncio.sleep(0.05)

    async def make_databases(self) -> None:
        """What is missing of roles, databases and extensions; a start that was cut off is made good by the next."""
        server = await self.connect()
        try:
            for name in DATABASES:
                await self._make_database(server, name)
        finally:
            await server.close()

    async def _make_database(self, server: "asyncpg.Connection[asyncpg.Record]", name: str) -> None:
        for role in ("owner", "app"):
            known = await server.fetchval("select 1 from pg_roles where rolname = $1", f"{name}_{role}")
            verb = "alter" if known else "create"
            password = self.passwords[f"postgres_{name}_{role}"]  # letters and digits only
            await server.execute(f"{verb} role {name}_{role} {PLAIN} password '{password}'")
        if not await server.fetchval("select 1 from pg_database where datname = $1", f"score_{name}"):
            await server.execute(f"create database score_{name} owner {name}_owner")
        # PostgreSQL lets everybody into every database, and make tables there for as long as a connection lasts
        await server.execute(f"revoke connect, temporary on database score_{name}, postgres, template1 from public")
        await server.execute(f"grant connect on database score_{name} to {name}_app")
        await self._furnish(name)

    async def _furnish(self, name: str) -> None:
        database = await self.connect(f"score_{name}")
        try:
            await database.execute(f"alter schema public owner to {name}_owner")
            for extension in EXTENSIONS:
                await database.execute(f"create extension if not exists {extension}")
            for function in DISCREET:
                await database.execute(f"alter function {function} leakproof")
        finally:
            await database.close()
