"""Where one installation keeps everything: `$SCORE_HOME`. One supervisor at a time holds its lock."""

import fcntl
import json
import os
import secrets
import time
from pathlib import Path
from typing import Any

LOCK_SECONDS = 5.0


class Trouble(Exception):
    """What stopped us, as a sentence for a person."""


class Home:
    def __init__(self, folder: Path) -> None:
        self.folder = folder.expanduser().resolve()
        self.postgres = self.folder / "postgres"
        self.nats = self.folder / "nats"
        self.logs = self.folder / "logs"
        self.secrets = self.folder / "secrets.json"
        self.credentials = self.folder / "credentials.json"
        self.first_client = self.folder / "first_client.json"
        self.run = self.folder / "run.json"
        self.lock = self.folder / "lock"

    @property
    def everything(self) -> list[Path]:
        """All that we ever make in it."""
        files = [self.secrets, self.credentials, self.first_client, self.run, self.lock]
        return [self.postgres, self.nats, self.logs, *files]

    def make(self) -> None:
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise Trouble(f"{self.folder} can't be made: {error.strerror}. SCORE_HOME may name another.") from error
        if not os.access(self.folder, os.W_OK | os.X_OK):
            raise Trouble(f"{self.folder} belongs to somebody else. SCORE_HOME may name another folder.")

    def read(self, path: Path) -> dict[str, Any]:
        """Empty if there is none."""
        try:
            return dict(json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, TypeError) as error:
            raise Trouble(f"{path} can't be read: {error}.") from error

    def write(self, path: Path, content: dict[str, Any]) -> None:
        """Mode 0600 and by rename: whoever looks sees all of it or the one before, also after a power cut."""
        draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
            file.write(json.dumps(content, indent=1) + "\n")
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)


class Lock:
    """Held by the supervisor while it lives; the kernel frees it however the process ends."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._file: int | None = None

    def take(self) -> bool:
        """False if another holds it."""
        try:
            file = os.open(self._home.lock, os.O_CREAT | os.O_RDWR, 0o600)
        except OSError as error:
            raise Trouble(f"{self._home.lock} can't be opened: {error.strerror}.") from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return False
        os.ftruncate(file, 0)
        os.write(file, str(os.getpid()).encode())
        self._file = file
        return True

    def free(self) -> None:
        if self._file is not None:
            os.ftruncate(self._file, 0)
            os.close(self._file)
            self._file = None


def holder(home: Home) -> int | None:
    """The process that holds the lock, None if nobody does."""
    deadline = time.monotonic() + LOCK_SECONDS
    while home.lock.exists() and is_held(home):
        if (text := home.lock.read_text().strip()).isdigit():
            return int(text)
        if time.monotonic() > deadline:
            raise Trouble(f"Somebody holds {home.lock} without saying who.")
        time.sleep(0.05)
    return None


def is_held(home: Home) -> bool:
    with home.lock.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
