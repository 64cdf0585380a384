"""Where the lines of all processes go: merged and readable on the console, as JSON in a file for each process."""

import json
import os
import queue
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from io import BufferedIOBase
from pathlib import Path
from typing import BinaryIO

import orjson

from deploy.local.lines import Line, is_quiet, line, readable, understood

LONGEST = 64 * 1024
FILE_BYTES = 10 * 1024 * 1024
KEPT = 3
BREATH_SECONDS = 0.03  # after a little has come: what comes meanwhile is taken at one go
LITTLE = 16 * 1024  # of the 64 KiB that wait in a pipe before its process has to
WAITING = (
    500  # times that lines came for a console that nobody reads; more are dropped, for nothing may wait for a terminal
)
END_SECONDS = 0.5


class RotatingFile:
    """`name.jsonl`, then `name.1.jsonl` to `name.3.jsonl`, the oldest last."""

    def __init__(self, folder: Path, name: str) -> None:
        self._paths = [folder / f"{name}{f'.{n}' if n else ''}.jsonl" for n in range(KEPT + 1)]
        self._lock = threading.Lock()
        self._file = self._open()

    def _open(self) -> BinaryIO:
        return os.fdopen(os.open(self._paths[0], os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600), "ab", buffering=0)

    def write(self, content: bytes) -> None:
        with self._lock:
            if self._file.tell() > FILE_BYTES:
                self._turn()
            self._file.write(content)

    def close(self) -> None:
        self._file.close()

    def _turn(self) -> None:
        self._file.close()
        for older, newer in zip(reversed(self._paths[1:]), reversed(self._paths[:-1]), strict=True):
            if newer.exists():
                newer.rename(older)
        self._file = self._open()


class Console(threading.Thread):
    """Writes from a thread of its own, so that a stopped terminal or a closed pipe stops nobody else."""

    def __init__(self) -> None:
        super().__init__(daemon=True, name="console")
        self._lines: queue.Queue[str] = queue.Queue(WAITING)
        self._coloured = sys.stdout.isatty() and "NO_COLOR" not in os.environ

    def show(self, lines: Sequence[Line]) -> None:
        self.say("\n".join(readable(line, self._coloured) for line in lines))

    def say(self, text: str) -> None:
        try:
            self._lines.put_nowait(text)
        except queue.Full:
            return

    def run(self) -> None:
        gone = False
        while True:
            text = self._lines.get()
            try:
                if not gone:
                    print(text, flush=True)
            except OSError:
                gone = True
            self._lines.task_done()

    def flush(self, seconds: float = END_SECONDS) -> None:
        """Waits for what is to be shown, but not for ever."""
        waiter = threading.Thread(target=self._lines.join, daemon=True)
        waiter.start()
        waiter.join(seconds)


class Logs:
    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, exist_ok=True)
        self._folder = folder
        self._files: dict[str, RotatingFile] = {}
        self._followers: list[threading.Thread] = []
        self.console = Console()
        self.console.start()

    def follow(self, name: str, pipe: BufferedIOBase) -> None:
        """Takes every line of a process until it closes its output; in a thread, for that may last."""
        follower = threading.Thread(target=self.copy, args=(name, pipe), daemon=True, name=f"log of {name}")
        self._followers = [other for other in self._followers if other.is_alive()] + [follower]
        follower.start()

    def copy(self, name: str, pipe: BufferedIOBase) -> None:
        """Until the end of `pipe`."""
        with pipe:
            for lines in lines_of(pipe):
                texts = [text for line in lines if (text := line.decode(errors="replace").strip())]
                self.write([understood(text, name) for text in texts], name)

    def tell(self, event: str, level: str = "info") -> None:
        """The supervisor's own words."""
        self.write([line("supervisor", event, level)], "supervisor")

    def write(self, lines: Sequence[Line], name: str) -> None:
        if name not in self._files:
            self._files[name] = RotatingFile(self._folder, name)
        with suppress(OSError):  # a full disk must not end the system that tells of it
            self._files[name].write(b"".join(orjson.dumps(line) + b"\n" for line in lines))
        if shown := [line for line in lines if not is_quiet(line)]:
            self.console.show(shown)

    def close(self) -> None:
        """After the processes have ended: their last words are on their way."""
        deadline = time.monotonic() + END_SECONDS
        for follower in self._followers:
            follower.join(max(0.0, deadline - time.monotonic()))
        for file in self._files.values():
            file.close()
        self.console.flush()

    def last(self, name: str, count: int = 5) -> list[str]:
        """The last things a process said."""
        path = self._folder / f"{name}.jsonl"
        lines = path.read_text(encoding="utf-8").splitlines()[-count:] if path.exists() else []
        return [str(json.loads(text)["event"]) for text in lines]


def lines_of(pipe: BufferedIOBase) -> Iterator[Sequence[bytes]]:
    """As many as have come, as they come. A line without end is cut."""
    rest = b""
    while content := pipe.read1(LONGEST):
        *whole, rest = (rest + content).split(b"\n")
        if len(rest) >= LONGEST:
            whole, rest = [*whole, rest], b""
        yield whole
        if len(content) < LITTLE:
            time.sleep(BREATH_SECONDS)
    yield [rest]
