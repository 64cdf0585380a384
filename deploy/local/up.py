"""`up`: starts all of it and stays until told to end."""

import asyncio
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from deploy.local import passwords, ports
from deploy.local.given import Given
from deploy.local.home import Home, Lock, Trouble, holder
from deploy.local.leftovers import end_leftovers
from deploy.local.logs import Logs
from deploy.local.system import System

MAKE_SECONDS = 0.5
PATIENCE_SECONDS = 5


def up(given: Given) -> int:
    home = Home(given.home)
    home.make()
    lock = Lock(home)
    if not lock.take():
        return tell_running(home)
    try:
        clear_up(home)
        ports.insist_on(given)
        logs = Logs(home.logs)
        try:
            return asyncio.run(run(home, given, logs))
        finally:
            logs.close()
    finally:
        lock.free()


def clear_up(home: Home) -> None:
    """After a supervisor that could not end in order."""
    home.run.unlink(missing_ok=True)
    if ended := end_leftovers(home):
        print(f"Ended {ended} processes that an earlier start had left behind.", flush=True)


def tell_running(home: Home) -> int:
    """Whoever holds the lock has an address, or will have one in a moment; unless it is a backup, say."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while process := holder(home):
        if url := home.read(home.run).get("url"):
            print(f"SCORE is running already at {url} (pid {process}).")
            return 0
        if time.monotonic() > deadline:
            raise Trouble(f"Another command is at work in {home.folder} (pid {process}); try again when it has ended.")
        time.sleep(0.1)
    raise Trouble("SCORE was running and has just ended; try again.")


async def run(home: Home, given: Given, logs: Logs) -> int:
    system = System(home, given, passwords.keep(home), logs)
    told: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    listen(told, system)
    work = asyncio.create_task(start_and_keep(system, home, given, logs))
    watch = asyncio.create_task(watch_make(told))
    either: list[asyncio.Future[Any]] = [work, told]
    try:
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if not told.done():
            await work  # it ends by itself only if something is wrong
        logs.tell(f"ending: {told.result()}")
    finally:
        for task in (work, watch):
            task.cancel()
        await asyncio.gather(work, watch, return_exceptions=True)
        await system.end()
    logs.console.say("Stopped.")
    return 0


async def start_and_keep(system: System, home: Home, given: Given, logs: Logs) -> None:
    logs.tell(f"starting; the data is in {home.folder}")
    await system.start()
    logs.tell("ready")
    logs.console.say(
        f"\nSCORE is ready at {given.url} (pid {os.getpid()}). Its pages: {given.url}/docs\n"
        f"Credentials of the first client: {home.credentials}\nCtrl-C or `make down` stops it.\n"
    )
    await system.keep()


def listen(told: asyncio.Future[str], system: System) -> None:
    """The first signal ends everything in order, the second at once."""

    def on_signal(number: signal.Signals) -> None:
        if told.done():
            system.kill()
        else:
            told.set_result(f"{number.name} was sent")

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if number == signal.SIGHUP and signal.getsignal(number) == signal.SIG_IGN:
            continue  # nohup
        asyncio.get_running_loop().add_signal_handler(number, on_signal, number)


async def watch_make(told: asyncio.Future[str]) -> None:
    """SIGINT sent to make alone: it waits for us and tells us nothing, for it trusts the terminal to have told us.

    (SIGTERM it passes on.) That it waits inside its signal handler can be seen from here.
    """
    parent = Path(f"/proc/{os.getppid()}")
    if sys.platform != "linux" or (parent / "comm").read_text().strip() not in ("make", "gmake"):
        return
    while not has_taken(parent, signal.SIGINT):  # noqa: ASYNC110 - nobody would set an event
        await asyncio.sleep(MAKE_SECONDS)
    if not told.done():
        told.set_result("SIGINT was sent to make")


def has_taken(process: Path, number: signal.Signals) -> bool:
    """It is inside its handler: the signal is blocked and, as make does it, no longer caught."""
    try:
        status = dict(line.split(":\t", 1) for line in (process / "status").read_text().splitlines() if ":\t" in line)
    except OSError:
        return False
    blocked, caught = (bool(int(status[name], 16) >> (number - 1) & 1) for name in ("SigBlk", "SigCgt"))
    return blocked and not caught
