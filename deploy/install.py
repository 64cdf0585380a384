"""Makes `.venv` from a lock file: `python3.11 deploy/install.py requirements-local.txt`. Does nothing when it is as locked.

Every Python 3 still in use can read it, so that a wrong one is told in a sentence. It needs the standard library only.
"""

from __future__ import annotations

import fcntl
import hashlib
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
PIP = ["-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar", "off", "--require-hashes"]
SEEN = ("Collecting ", "Requirement already satisfied")


def main(lock: Path) -> None:
    if sys.version_info[:2] != (3, 11):
        have = ".".join(map(str, sys.version_info[:2]))
        sys.exit(f"SCORE needs Python 3.11; {sys.executable} is {have}. Say where one is: PYTHON=/path/to/python3.11")
    with one_at_a_time():
        stamp = stamp_of(lock)
        if not stamp.exists():
            make_venv()
            install(lock)
            stamp.touch()


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """`make up` in one terminal and `make test` in another would break each other's work."""
    VENV.mkdir(exist_ok=True)
    with (VENV / "install.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def stamp_of(lock: Path) -> Path:
    """A file whose name says what was installed; another lock, or the same in another folder, has another name."""
    content = hashlib.sha256(lock.read_bytes() + str(ROOT).encode())
    return VENV / f"installed-{content.hexdigest()[:16]}"


def make_venv() -> None:
    if PYTHON.exists():
        return
    print("Making .venv", flush=True)
    made = subprocess.run([sys.executable, "-m", "venv", str(VENV)], capture_output=True, text=True, check=False)
    if made.returncode:
        sys.exit(f"{made.stdout}{made.stderr}A virtual environment can't be made.")


def install(lock: Path) -> None:
    """Tells of each package as pip comes to it; shows what pip said only if it fails."""
    count = sum("==" in line and line[0] not in " #" for line in lock.read_text().splitlines() if line)
    print(f"Installing {count} packages from {lock.name}; the first time this takes a minute or two.", flush=True)
    command = [str(PYTHON), *PIP, "-r", str(lock)]
    pip = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    said, seen = [], 0
    for line in pip.stdout or ():
        said.append(line)
        if line.startswith(SEEN):
            seen += 1
            show(f"  {seen} of {count}: {line.split('==')[0].split()[-1]}", in_files=seen % 10 == 0)
        elif line.startswith("Installing collected"):
            show("  unpacking", in_files=True)
    print(flush=True)
    if pip.wait():
        sys.exit("".join(said[-20:]) + "The packages could not be installed.")


def show(text: str, *, in_files: bool) -> None:
    """On a terminal one line that changes; elsewhere a line now and then."""
    if sys.stdout.isatty():
        print("\r\x1b[K" + text, end="", flush=True)
    elif in_files:
        print(text, flush=True)


if __name__ == "__main__":
    main(ROOT / sys.argv[1])
