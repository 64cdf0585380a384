"""Processes that live no longer than the supervisor: started, waited for, started again, ended."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local.given import ROOT
from deploy.local.home import Trouble
from deploy.local.logs import Logs

GUARD = Path(__file__).with_name("guard.py")
PAUSES = (0.1, 0.3, 1.0, 2.0, 5.0, 10.0)
STEADY_SECONDS = 20  # whoever lived that long begins the pauses anew
HOPELESS = 4  # ends before it ever worked


async def nothing() -> None:
    """Nothing has to be made ready."""


@dataclass(frozen=True)
class Program:
    """A command, and how its process is begun and ended. `before` makes ready; `works` raises nothing when it answers."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    prefix: Sequence[str] = ()  # what runs the guard: `unshare ...` or nothing
    somebody: str = "-"  # UID:GID that the guard becomes
    end_signal: signal.Signals = signal.SIGTERM
    last_signal: signal.Signals = signal.SIGKILL  # when it does not end, and when the supervisor is gone
    before: Callable[[], Awaitable[None]] = nothing


class Child:
    """One process of a program, with the thread that waits for its end."""

    def __init__(self, program: Program, logs: Logs) -> None:
        self.program = program
        guard = [
            sys.executable,
            "-I",
            "-S",
            str(GUARD),
            str(int(program.last_signal)),
            str(os.getpid()),
            program.somebody,
        ]
        self._process = subprocess.Popen(
            [*program.prefix, *guard, *program.command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
            env=dict(program.environment),
            start_new_session=True,  # Ctrl-C of a terminal is for the supervisor alone
        )
        assert self._process.stdout is not None
        logs.follow(program.name, self._process.stdout)  # type: ignore[arg-type]
        self.pid = self._process.pid
        self._loop = asyncio.get_running_loop()
        self.ended: asyncio.Future[int] = self._loop.create_future()
        threading.Thread(target=self._wait, daemon=True, name=f"end of {program.name}").start()

    def _wait(self) -> None:
        code = self._process.wait()
        try:
            self._loop.call_soon_threadsafe(self._settle, code)
        except RuntimeError:
            return  # the loop is closed: nobody asks any more

    def _settle(self, code: int) -> None:
        if not self.ended.done():
            self.ended.set_result(code)

    def signal(self, how: signal.Signals) -> None:
        if not self.ended.done():
            self._process.send_signal(how)

    async def end(self, seconds: float) -> None:
        """Asks it to end, then insists."""
        self.signal(self.program.end_signal)
        try:
            await asyncio.wait_for(asyncio.shield(self.ended), seconds)
        except TimeoutError:
            self.signal(self.program.last_signal)
            await asyncio.wait([self.ended], timeout=1)
            self.signal(signal.SIGKILL)
            await asyncio.wait([self.ended], timeout=1)


@dataclass
class Supervised:
    """Keeps one process of a program alive. `on_change` is told whenever there is another one."""

    program: Program
    logs: Logs
    on_change: Callable[[], None]
    child: Child | None = None
    has_worked: bool = False
    _failed: int = field(default=0)

    async def run(self) -> None:
        """Never returns, but raises `Trouble` if the program never worked."""
        while True:
            started = time.monotonic()
            why = await self._once()
            self._count(time.monotonic() - started)
            pause = PAUSES[min(self._failed, len(PAUSES)) - 1]
            self.logs.tell(f"{self.program.name} {why}; starting it again in {pause} s", "warning")
            await asyncio.sleep(pause)

    async def _once(self) -> str:
        """One life; gives how it ended."""
        try:
            await self.program.before()
            self.child = Child(self.program, self.logs)
        except OSError as error:
            return f"could not be started ({error})"
        self.on_change()
        return f"ended ({told(await asyncio.shield(self.child.ended))})"

    def _count(self, lived: float) -> None:
        self._failed = 1 if lived > STEADY_SECONDS else self._failed + 1
        if not self.has_worked and self._failed >= HOPELESS:
            said = "\n  ".join(self.logs.last(self.program.name))
            raise Trouble(f"{self.program.name} does not start. Its last words:\n  {said}")

    async def end(self, seconds: float) -> None:
        if self.child is not None:
            await self.child.end(seconds)

    def kill(self) -> None:
        if self.child is not None:
            self.child.signal(self.program.last_signal)


def told(code: int) -> str:
    return f"exit {code}" if code >= 0 else signal.Signals(-code).name


async def job(program: Program, logs: Logs) -> None:
    """Runs to its end; raises `Trouble` with its last words if that is a bad one."""
    await program.before()
    child = Child(program, logs)
    try:
        code = await asyncio.shield(child.ended)
    finally:
        child.signal(signal.SIGKILL)
    if code:
        await asyncio.sleep(0.1)  # its last lines are still on their way
        said = "\n  ".join(logs.last(program.name))
        raise Trouble(f"{program.name} failed ({told(code)}):\n  {said}")
