"""All processes of one home: started in order, kept alive, ended in order."""

import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any

from deploy import probe
from deploy.local import ports
from deploy.local.broker import nats_program, wait_for_nats
from deploy.local.children import Program, Supervised, job
from deploy.local.credentials import ensure_credentials
from deploy.local.environment import Environments, bare
from deploy.local.given import DATABASES, SERVICES, Given
from deploy.local.home import Home
from deploy.local.logs import Logs
from deploy.local.postgres import Postgres

END_SECONDS = 9.5
# the order of the end, and how much of that time each leaves to those after it; the last second is for the last resort
ENDING = ((("gateway",), 5.5), (SERVICES, 3.0), (("nats", "postgres"), 1.0))
READY_WORD_SECONDS = 10


class System:
    def __init__(self, home: Home, given: Given, passwords: dict[str, str], logs: Logs) -> None:
        self._home, self._given, self._logs = home, given, logs
        self._passwords = passwords
        names = ("postgres", "nats", *SERVICES)
        self._ports = dict(zip(names, ports.free_ports(len(names), given), strict=True))
        self._bare = bare(home, given)
        own = Postgres(home, self._ports["postgres"], passwords, logs, self._bare) if given.wants_postgres else None
        self._postgres = own
        self._environments = Environments(home, given, passwords, self._ports, own)
        self._processes: dict[str, Supervised] = {}
        self._loops: set[asyncio.Task[None]] = set()

    # --- starting ------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Until all of it is ready. Raises `Trouble` if a process does not start."""
        self.tell_where()
        self._logs.tell("starting PostgreSQL and NATS")
        await self._all(self._start_postgres(), self._start_nats())
        self._logs.tell("bringing the databases to their present schema")
        await self._all(self._migrate(), self._declare_streams())
        self._logs.tell("starting the services and the gateway")
        await self._all(self._first_client(), *(self._start_service(name) for name in SERVICES))
        await self._start_gateway()
        await self._ready()

    async def _start_postgres(self) -> None:
        if self._postgres is None:
            return
        await self._postgres.make_data()
        await self._begin(self._postgres.program(), self._postgres.wait)
        await self._postgres.make_databases()

    async def _start_nats(self) -> None:
        if self._given.wants_nats:
            port = self._ports["nats"]
            self._home.nats.mkdir(mode=0o700, exist_ok=True)
            program = nats_program(self._home, port, self._passwords, self._bare)
            await self._begin(program, lambda: wait_for_nats(port))

    async def _migrate(self) -> None:
        """One process for all databases: most of its time goes by before it does anything."""
        environments = {name: self._environments.migration(name) for name in DATABASES}
        for name in (name for name, environment in environments.items() if environment is None):
            self._logs.tell(f"the database of {name} is left as it is: SCORE_MIGRATION_URL_{name.upper()} is not set")
        ours = {name: environment for name, environment in environments.items() if environment}
        if ours:
            together = {variable: value for each in ours.values() for variable, value in each.items()}
            await job(python("migrations", "shared.migrations", *ours, environment=together), self._logs)

    async def _declare_streams(self) -> None:
        environment = self._environments.streams()
        if environment is None:
            self._logs.tell("the broker is left as it is: SCORE_NATS_PASSWORD_ADMIN is not set")
            return
        await job(python("streams", "shared.streams", environment=environment), self._logs)

    async def _first_client(self) -> None:
        environment = self._environments.first_client()
        self._logs.tell(await ensure_credentials(self._home, self._given.url, environment))

    async def _start_service(self, name: str) -> None:
        program = python(name, f"services.{name}_svc", environment=self._environments.service(name))
        url = f"http://127.0.0.1:{self._ports[name]}/-/live"
        await self._begin(program, lambda: answers(url))

    async def _start_gateway(self) -> None:
        ports.insist_on(self._given)
        program = python("gateway", "services.gateway", environment=self._environments.gateway())
        await self._begin(program, lambda: answers(f"{self._given.url}/-/live"))

    async def _ready(self) -> None:
        """Every part says so. What is elsewhere may take its time; we tell that we wait."""
        started = told = time.monotonic()
        while not await is_ready(f"{self._given.url}/-/ready"):
            if time.monotonic() - told > READY_WORD_SECONDS:
                told = time.monotonic()
                self._logs.tell(
                    f"not ready after {told - started:.0f} s; {self._given.url}/-/ready says why", "warning"
                )
            await self._or_trouble(asyncio.sleep(0.1))

    # --- keeping alive -------------------------------------------------------------------------------------------

    async def _begin(self, program: Program, answers: Callable[[], Awaitable[None]]) -> None:
        """Starts it, and goes on when it answers."""
        process = self._processes[program.name] = Supervised(program, self._logs, self.tell_where)
        loop = asyncio.create_task(process.run(), name=program.name)
        self._loops.add(loop)
        waiting = asyncio.ensure_future(answers())
        await asyncio.wait([loop, waiting], return_when=asyncio.FIRST_COMPLETED)
        if not waiting.done():
            waiting.cancel()
            loop.result()
        await waiting
        process.has_worked = True

    async def _or_trouble(self, step: Coroutine[Any, Any, None]) -> None:
        """A step, unless a process turns out not to start at all."""
        await step
        for loop in self._loops:
            if loop.done():
                loop.result()

    async def keep(self) -> None:
        """Until cancelled."""
        await asyncio.gather(*self._loops)

    async def _all(self, *steps: Coroutine[Any, Any, None]) -> None:
        """All at the same time; the first that fails ends the others."""
        tasks = [asyncio.create_task(step) for step in steps]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def tell_where(self) -> None:
        """`run.json`: who we are, and the process of each name, as it is now."""
        running = {name: each.child.pid for name, each in self._processes.items() if each.child is not None}
        about = {"pid": os.getpid(), "url": self._given.url, "processes": running, "ports": self._ports}
        with suppress(OSError):  # a full disk must not end what runs
            self._home.write(self._home.run, about)

    # --- ending --------------------------------------------------------------------------------------------------

    async def end(self) -> None:
        """The door first, then the services, then what they stand on. At most ten seconds."""
        began = time.monotonic()
        for loop in self._loops:
            loop.cancel()
        await asyncio.gather(*self._loops, return_exceptions=True)
        for names, left_to_others in ENDING:
            seconds = began + END_SECONDS - left_to_others - time.monotonic()
            await asyncio.gather(*(self._processes[name].end(seconds) for name in names if name in self._processes))
        self._home.run.unlink(missing_ok=True)

    def kill(self) -> None:
        for process in self._processes.values():
            process.kill()


def python(name: str, module: str, *words: str, environment: dict[str, str]) -> Program:
    return Program(name, [sys.executable, "-m", module, *words], environment)


async def answers(url: str) -> None:
    while not await is_ready(url):  # noqa: ASYNC110 - another process sets no event
        await asyncio.sleep(0.05)


async def is_ready(url: str) -> bool:
    return await asyncio.to_thread(probe.main, url) == 0
