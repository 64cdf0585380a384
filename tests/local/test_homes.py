"""Other homes, other users, other servers."""

import asyncio
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import asyncpg
import httpx

from deploy.local.given import DATABASES
from deploy.local.home import Home
from deploy.local.unprivileged import means_for
from shared.db import uuid7
from tests import builders
from tests.local.running import LOCAL, UP, Place, Running, environment_of, gone_within

UNPRIVILEGED = 65534


def test_two_homes_run_side_by_side_and_share_nothing(running: Running, tmp_path: Path) -> None:
    with Place(tmp_path / "the other home").started() as other:
        assert other.system.token()
        assert running.system.token()
        assert not set(other.system.pids.values()) & set(running.system.pids.values())
        foreign = httpx.get(
            f"{other.system.url}/v1/organisations", headers={"Authorization": f"Bearer {running.system.token()}"}
        )
        assert foreign.status_code == 401
    assert running.system.token()


def test_a_plain_user_starts_it_and_nothing_is_left_after_a_kill(tmp_path: Path) -> None:
    place = Place(tmp_path / "plain")
    place.home.mkdir()
    with place.started([*as_plain_user(place.home), *UP]) as running:
        assert running.system.token()
        os.kill(running.supervisor, 9)
        assert gone_within(place, 3) == []


def as_plain_user(home: Path) -> list[str]:
    """What makes root a plain user who can enter `home` and run this Python; nothing if we are one already."""
    if os.geteuid() != 0:
        return []
    user = ["setpriv", f"--reuid={UNPRIVILEGED}", f"--regid={UNPRIVILEGED}", "--clear-groups"]
    if can_work(user, home.parent):
        os.chown(home, UNPRIVILEGED, UNPRIVILEGED)
        return user
    # this Python lies where only root may go: then root without any of its powers, under another number
    return ["unshare", "--user", "--map-user=1000", "--map-group=1000"]


def can_work(prefix: list[str], folder: Path) -> bool:
    look = [*prefix, sys.executable, "-c", f"import os, fastapi; os.listdir({str(folder)!r})"]
    return subprocess.run(look, capture_output=True, check=False).returncode == 0


def test_root_where_user_namespaces_are_off_runs_the_database_as_somebody_else(tmp_path: Path) -> None:
    """Root's folder stays closed to them; programs and data are in a folder of their own, and go with `reset`."""
    place = Place(tmp_path / "closed", more={"PATH": f"{without_unshare(tmp_path)}{os.pathsep}{os.environ['PATH']}"})
    place.home.mkdir(mode=0o700)
    if os.geteuid() != 0:  # a plain user needs no way round
        assert means_for(Home(place.home)).prefix == ()
        return
    with place.started() as running:
        assert running.system.token()
        folder = (place.home / "postgres").resolve()
        assert place.home not in folder.parents
        assert os.stat(f"/proc/{running.system.pids['postgres']}").st_uid == folder.stat().st_uid != 0
        assert place.home.stat().st_mode & 0o777 == 0o700
    assert place.processes == []
    assert place.run(*LOCAL, "reset").returncode == 0
    assert not folder.exists()


def without_unshare(folder: Path) -> Path:
    """A folder with an `unshare` that is refused, as the kernel refuses it in most containers."""
    programs = folder / "programs"
    programs.mkdir()
    (programs / "unshare").write_text("#!/bin/sh\nexit 1\n")
    (programs / "unshare").chmod(0o755)
    return programs


def test_servers_elsewhere_are_used_and_none_of_ours_is_started(running: Running, tmp_path: Path) -> None:
    """The elsewhere of this test is the first system's servers: two systems over the same databases."""
    known = {
        name: value for name in ("gateway", "enterprise", "training", "metrics") for name, value in told(running, name)
    }
    place = Place(tmp_path / "elsewhere", more=known)
    with place.started() as other:
        assert set(other.system.pids) == {"gateway", "enterprise", "training", "metrics"}
        assert not (place.home / "postgres").exists()
        assert not (place.home / "nats").exists()
        for name in DATABASES:
            variable = f"SCORE_DATABASE_URL_{name.upper()}"
            assert environment_of(other.system.pids[name])[variable] == known[variable]
        assert other.system.token()
        assert other.system.credentials["client_id"] != running.system.credentials["client_id"]
    assert running.system.token()


def told(running: Running, name: str) -> list[tuple[str, str]]:
    """What a process of the first system was told about its servers."""
    wanted = ("SCORE_DATABASE_URL", "SCORE_NATS", "SCORE_SECRET")
    return [item for item in environment_of(running.system.pids[name]).items() if item[0].startswith(wanted)]


def test_a_backup_taken_while_it_runs_is_the_same_system_in_another_home(running: Running, tmp_path: Path) -> None:
    place, archive = Place(tmp_path / "restored home"), tmp_path / "all of it.tar"
    made = httpx.post(f"{running.system.url}/v1/organisations", json=builders.organisation(), headers=admin(running))
    assert made.status_code == 201, made.text
    assert_backed_up(running, archive)
    assert place.run(*LOCAL, "restore", str(archive)).returncode == 0
    twice = place.run(*LOCAL, "restore", str(archive))
    assert (twice.returncode, "REPLACE=yes" in twice.stderr) == (1, True)
    with place.started() as other:
        found = httpx.get(f"{other.system.url}/v1/organisations/{made.json()['id']}", headers=admin(other))
        assert found.json() == made.json()
        assert other.system.credentials["client_id"] == running.system.credentials["client_id"]
        assert other.system.credentials["url"] == other.system.url  # the port is this home's
        assert keys_of(other) == keys_of(running)
        assert re.search(r"the stream is a new one published_again=[1-9]", place.said)  # the broker is filled again


def assert_backed_up(running: Running, archive: Path) -> None:
    made = running.place.run(*LOCAL, "backup", str(archive))
    assert made.returncode == 0, made.stderr
    assert archive.stat().st_mode & 0o777 == 0o600
    assert running.place.run(*LOCAL, "backup", str(archive)).returncode == 1  # never over another one


def admin(running: Running) -> dict[str, str]:
    return {"Authorization": f"Bearer {running.system.token()}", "Idempotency-Key": builders.unique()}


def keys_of(running: Running) -> object:
    return httpx.get(f"{running.system.url}/oauth/jwks").json()


async def test_no_backup_is_made_of_databases_that_do_not_agree(running: Running, tmp_path: Path) -> None:
    """One knows an event that nobody has announced: as if it had been looked at later than the announcer."""
    url = environment_of(running.system.pids["training"])["SCORE_DATABASE_URL_TRAINING"]
    connection, unheard = await asyncpg.connect(url), uuid7()
    await connection.execute("insert into inbox (event_id, subject, stream_seq) values ($1, 'score.x', 0)", unheard)
    refused = await asyncio.to_thread(running.place.run, *LOCAL, "backup", str(tmp_path / "torn.tar"))
    await connection.execute("delete from inbox where event_id = $1", unheard)
    await connection.close()
    assert (refused.returncode, "agree" in refused.stderr) == (1, True)
    assert os.listdir(tmp_path) == []


def test_a_bad_archive_leaves_the_home_as_it_was(running: Running, tmp_path: Path) -> None:
    place = Place(tmp_path / "kept")
    place.home.mkdir()
    shutil.copy(running.place.home / "credentials.json", place.home)
    (tmp_path / "bad.tar").write_bytes(b"no archive")
    refused = place.run(*LOCAL, "restore", str(tmp_path / "bad.tar"), "--replace")
    assert refused.returncode == 1
    assert "bad.tar" in refused.stderr
    assert (place.home / "credentials.json").exists()
    assert not (place.home / "restoring").exists()
