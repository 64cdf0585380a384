"""Processes of a home whose supervisor is gone."""

import os
from pathlib import Path

import psutil

from deploy.local.home import Home

MARK = "SCORE_SUPERVISED_HOME"  # in the environment of all we start
PATIENCE_SECONDS = 6.0


def end_leftovers(home: Home) -> int:
    """Kills what still runs of this home; how many those were. Only whoever holds the lock may ask for it."""
    found = [process for process in psutil.process_iter() if belongs(process, home)]
    for process in found:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(found, PATIENCE_SECONDS)
    return len(found)


def belongs(process: psutil.Process, home: Home) -> bool:
    """By its mark; PostgreSQL's workers write over theirs, but live in the data folder."""
    if process.pid == os.getpid():
        return False
    try:
        return process.environ().get(MARK) == str(home.folder) or lives_in(process, home.postgres)
    except (psutil.Error, OSError):
        return False


def lives_in(process: psutil.Process, folder: Path) -> bool:
    try:
        return Path(process.cwd()) == folder.resolve() / "data"
    except (psutil.Error, OSError):
        return False


def end_workers(folder: Path) -> None:
    """PostgreSQL's workers outlive a killed postmaster for a moment, and a new one won't start beside them."""
    found = [process for process in psutil.process_iter() if is_worker(process, folder)]
    for process in found:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(found, PATIENCE_SECONDS)


def is_worker(process: psutil.Process, folder: Path) -> bool:
    try:
        return process.name() == "postgres" and lives_in(process, folder)
    except (psutil.Error, OSError):
        return False
