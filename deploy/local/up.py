"""`up`: starts all of it and stays until told to end."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from deploy.local import passwords, ports
from deploy.local.given import Given
from deploy.local.home import Home, Lock, holder
from deploy.local.leftovers import end_leftovers
from deploy.local.logs import Logs
from deploy.local.system import System

MAKE_SECONDS = 0.5


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
    process = holder(home)
    url = home.read(home.run).get("url")
    print(f"SCORE is running already at {url} (pid {process})." if url else f"SCORE is just starting (pid {process}).")
    return 0


async def run(home: Home, given: Given, logs: Logs) -> int:
    system = System(home, given, passwords.keep(home), logs)
    task = asyncio.create_task(start_and_keep(system, home, given, logs))
    watch = asyncio.create_task(watch_make(task))
    listen(task, system)
    try:
        await task
    except asyncio.CancelledError as cancelled:
        logs.tell(f"ending: {cancelled}")
    finally:
        watch.cancel()
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


def listen(task: asyncio.Task[None], system: System) -> None:
    """The first signal ends everything in order, the second at once."""
    signals = 0

    def on_signal(number: signal.Signals) -> None:
        nonlocal signals
        signals += 1
        if signals == 1:
            task.cancel(f"{number.name} was sent")
        else:
            system.kill()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if number == signal.SIGHUP and signal.getsignal(number) == signal.SIG_IGN:
            continue  # nohup
        asyncio.get_running_loop().add_signal_handler(number, on_signal, number)


async def watch_make(task: asyncio.Task[None]) -> None:
    """SIGINT sent to make alone: it waits for us and tells us nothing, for it trusts the terminal to have told us.

    (SIGTERM it passes on.) That it waits inside its signal handler can be seen from here.
    """
    parent = Path(f"/proc/{os.getppid()}")
    if sys.platform != "linux" or (parent / "comm").read_text().strip() not in ("make", "gmake"):
        return
    while not has_taken(parent, signal.SIGINT):  # noqa: ASYNC110 - nobody would set an event
        await asyncio.sleep(MAKE_SECONDS)
    task.cancel("SIGINT was sent to make")


def has_taken(process: Path, number: signal.Signals) -> bool:
    """It is inside its handler: the signal is blocked and, as make does it, no longer caught."""
    try:
        status = dict(line.split(":\t", 1) for line in (process / "status").read_text().splitlines() if ":\t" in line)
    except OSError:
        return False
    blocked, caught = (bool(int(status[name], 16) >> (number - 1) & 1) for name in ("SigBlk", "SigCgt"))
    return blocked and not caught
