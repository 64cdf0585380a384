"""Makes `.venv` from a lock file: `python3.11 deploy/install.py requirements-local.txt`. Does nothing when it is as locked.

Any Python can read this far, so that a wrong one is told in a sentence. It needs the standard library only.
"""

import fcntl
import hashlib
import os
import subprocess
import sys
from contextlib import contextmanager

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
PIP = ["-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar", "off", "--require-hashes"]
WANTED = (3, 11)


def main(lock):
    if sys.version_info[:2] != WANTED:
        return "SCORE needs Python 3.11, but {} is {}.{}. Say where one is: make {} PYTHON=/path/to/python3.11".format(
            sys.executable, *sys.version_info[:2], "up" if "local" in lock else "test"
        )
    with one_at_a_time():
        stamp = stamp_of(lock)
        if os.path.exists(stamp):
            return None
        return make_venv() or install(lock) or mark(stamp)


@contextmanager
def one_at_a_time():
    """Two at once, of `make up` in one terminal and `make test` in another, would break each other's work."""
    os.makedirs(VENV, exist_ok=True)
    with open(os.path.join(VENV, "install.lock"), "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def stamp_of(lock):
    """A file whose name says what was installed; another lock, or another folder, has another name."""
    with open(os.path.join(ROOT, lock), "rb") as file:
        content = hashlib.sha256(file.read() + ROOT.encode()).hexdigest()
    return os.path.join(VENV, "installed-" + content[:16])


def make_venv():
    if os.path.exists(os.path.join(VENV, "bin", "python")):
        return None
    print("Making .venv", flush=True)
    made = subprocess.run([sys.executable, "-m", "venv", VENV], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return "A virtual environment can't be made:\n" + made.stdout.decode() if made.returncode else None


def install(lock):
    """Tells of each package as pip comes to it; shows what pip said only if it fails."""
    with open(os.path.join(ROOT, lock)) as file:
        count = sum(1 for line in file if "==" in line and not line.startswith((" ", "#")))
    print(
        "Installing {} packages from {} into .venv; the first time takes about a minute.".format(count, lock),
        flush=True,
    )
    command = [os.path.join(VENV, "bin", "python"), *PIP, "-r", os.path.join(ROOT, lock)]
    pip = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True)
    said, seen = [], 0
    for line in pip.stdout:
        said.append(line)
        if line.startswith(("Collecting ", "Requirement already satisfied")):
            seen += 1
            show("  {} of {}: {}".format(seen, count, line.split("==")[0].split()[-1]), seen % 10 == 0)
        elif line.startswith("Installing collected"):
            show("  unpacking", True)
    print(flush=True)
    return "".join(said[-20:]) + "The packages could not be installed." if pip.wait() else None


def show(text, also_in_files):
    """On a terminal one line that changes; elsewhere a line now and then."""
    if sys.stdout.isatty():
        print("\r\x1b[K" + text, end="", flush=True)
    elif also_in_files:
        print(text, flush=True)


def mark(stamp):
    with open(stamp, "w"):
        return None


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
