"""Programs that run as long as a bench needs them, and what they use of the machine."""

import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import psutil

from bench.measure import WrongAnswer

START_SECONDS = 120.0
STOP_SECONDS = 20.0
SHOWN = 2_000


@contextmanager
def running(
    command: Sequence[str], environment: Mapping[str, str], log: Path, folder: Path | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Ended by SIGTERM at the end of the block, whatever happened in it."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            list(command),
            env=dict(environment),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for us; we end it
        )
    try:
        yield process
    finally:
        end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Until `url` answers 2xx. `WrongAnswer` with the end of the log if it does not."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(httpx.TransportError):
            if httpx.get(url, timeout=5).is_success:
                return
        time.sleep(0.1)
    raise WrongAnswer(f"{Path(process.args[0]).name} did not start: {log.read_text(errors='replace')[-SHOWN:]}")  # type: ignore[index,arg-type]


def cpu_seconds(*pids: int) -> float:
    """Of these processes and their children, so far."""
    return sum(spent(process) for pid in pids for process in with_children(pid))


def with_children(pid: int) -> list[psutil.Process]:
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


def spent(process: psutil.Process) -> float:
    used = process.cpu_times()
    return float(used.user + used.system)


def resident_megabytes(pid: int) -> float:
    return sum(process.memory_info().rss for process in with_children(pid)) / 1e6
