"""`down` stops what runs, `reset` removes what it kept."""

import os
import shutil
import signal
import time
from pathlib import Path

from deploy.local.given import Given
from deploy.local.home import Home, Lock, Trouble, holder
from deploy.local.leftovers import end_leftovers

END_SECONDS = 15


def down(given: Given) -> int:
    home = Home(given.home)
    process = holder(home)
    if process is None:
        print("SCORE is not running.")
        return 0
    print(f"Stopping SCORE (pid {process}).", flush=True)
    os.kill(process, signal.SIGTERM)
    deadline = time.monotonic() + END_SECONDS
    while holder(home) == process:
        if time.monotonic() > deadline:
            raise Trouble(f"It did not stop in {END_SECONDS} s. `kill -9 {process}` ends all of it.")
        time.sleep(0.1)
    print("Stopped.")
    return 0


def reset(given: Given) -> int:
    home = Home(given.home)
    if not home.folder.exists():
        print(f"There is nothing to remove: {home.folder} does not exist.")
        return 0
    lock = Lock(home)
    if not lock.take():
        raise Trouble(f"SCORE is running (pid {holder(home)}); stop it first with `make down`.")
    try:
        end_leftovers(home)
        remove(home)
    finally:
        lock.free()
    print(f"Removed all data in {home.folder}.")
    return 0


def remove(home: Home) -> None:
    """What we made and nothing else; the folder itself if nothing else is in it."""
    for path in home.everything:
        remove_one(path)
    if not any(home.folder.iterdir()):
        home.folder.rmdir()


def remove_one(path: Path) -> None:
    """With what a link leads to: the data of a server that may not enter this folder."""
    if path.is_symlink():
        shutil.rmtree(path.resolve(), ignore_errors=True)
        path.unlink()
    elif path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
