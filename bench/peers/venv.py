"""Programs we compare with, in an environment of their own: they are no part of the system and stand in none of its locks."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.measure import Say
from bench.place import ROOT

FOLDER = ROOT / ".local" / "bench" / "peers"
INSTALL_SECONDS = 300


def python() -> Path:
    return FOLDER / "bin" / "python"


def installed(packages: Sequence[str], say: Say) -> bool:
    """Whether they are there, installed now if they were not; kept for the next run."""
    if not python().exists():
        subprocess.run([sys.executable, "-m", "venv", str(FOLDER)], check=True, capture_output=True)
    mark = FOLDER / f"has-{'-'.join(packages)}"
    if mark.exists():
        return True
    say(f"installing {', '.join(packages)} for comparison")
    command = [str(python()), "-m", "pip", "install", "-q", "--disable-pip-version-check", *packages]
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=INSTALL_SECONDS).returncode == 0
    except subprocess.TimeoutExpired:
        done = False
    if done:
        mark.touch()
    return done
