"""Systems that a test starts as somebody at a terminal would, and what is left of them."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

from deploy.local.given import ROOT
from deploy.local.home import Home
from deploy.local.leftovers import belongs
from tests.conftest import System, free_port, wait_until_ready

LOCAL = (sys.executable, "-m", "deploy.local")
UP = (*LOCAL, "up")
MAKE_UP = ("make", "up")
STOP_SECONDS = 10
NAMES = ("postgres", "nats", "enterprise", "training", "metrics", "gateway")


@dataclass
class Place:
    """A home and a port; more variables if a test wants them."""

    home: Path
    port: int = field(default_factory=free_port)
    more: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        own = {name: value for name, value in os.environ.items() if not name.startswith(("SCORE_", "MAKE"))}
        return own | {"SCORE_HOME": str(self.home), "SCORE_PORT": str(self.port)} | self.more

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """A command that ends."""
        return subprocess.run(
            command, env=self.environment, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
        )

    def launch(self, command: Sequence[str] = UP) -> subprocess.Popen[bytes]:
        self.home.mkdir(exist_ok=True)
        with (self.home / "up.log").open("ab") as log:
            return subprocess.Popen(
                command, env=self.environment, cwd=ROOT, stdout=log, stderr=log, start_new_session=True
            )

    @contextmanager
    def started(self, command: Sequence[str] = UP) -> Iterator["Running"]:
        process = self.launch(command)
        running = Running(self, System(self.home, f"http://127.0.0.1:{self.port}"), process)
        try:
            wait_until_ready(running.system, process)
            yield running
        finally:
            running.end()

    @property
    def processes(self) -> list[psutil.Process]:
        """Whatever still lives of this home, however it got there."""
        home = Home(self.home)
        return [each for each in psutil.process_iter() if belongs(each, home) and is_alive(each)]

    @property
    def said(self) -> str:
        return (self.home / "up.log").read_text()


@dataclass
class Running:
    place: Place
    system: System
    process: subprocess.Popen[bytes]  # make, or the supervisor itself

    @property
    def supervisor(self) -> int:
        return int(json.loads((self.place.home / "run.json").read_text())["pid"])

    def ended_after(self, what: Sequence[signal.Signals] = (), pid: int | None = None) -> float:
        """Seconds until the process we started was gone, after `what` was sent to it or to `pid`."""
        began = time.monotonic()
        for number in what:
            os.kill(pid or self.process.pid, number)
        self.process.wait(STOP_SECONDS + 5)
        return time.monotonic() - began

    def end(self) -> None:
        with suppress(ProcessLookupError, FileNotFoundError):
            os.kill(self.supervisor, signal.SIGTERM)
        try:
            self.process.wait(STOP_SECONDS + 5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def is_alive(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def gone_within(place: Place, seconds: float) -> list[psutil.Process]:
    """What is left of a home after `seconds`; nothing, it is hoped."""
    deadline = time.monotonic() + seconds
    while (left := place.processes) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left


def is_ready(system: System) -> bool:
    try:
        return httpx.get(f"{system.url}/-/ready", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def wait_for(what: str, holds: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"{what} did not come about in {seconds} s"
        time.sleep(0.05)


def environment_of(pid: int) -> dict[str, str]:
    return psutil.Process(pid).environ()
