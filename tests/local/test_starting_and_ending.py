"""Every way to end it, each followed by a start that finds everything again. All in one home."""

import json
import os
import signal
import stat
import time
from pathlib import Path

import httpx
import psutil
import pytest

from tests.local.running import LOCAL, MAKE_UP, STOP_SECONDS, Place, Running, gone_within


def token_for(credentials: dict[str, str]) -> int:
    """Status of a token request."""
    answer = httpx.post(
        credentials["token_url"],
        data={"grant_type": "client_credentials"},
        auth=(credentials["client_id"], credentials["client_secret"]),
    )
    return answer.status_code


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT], ids=lambda how: how.name)
def test_a_signal_to_make_alone_stops_all_of_it_within_ten_seconds(place: Place, how: signal.Signals) -> None:
    with place.started(MAKE_UP) as running:
        supervisor, said = running.supervisor, place.said
        assert supervisor != running.process.pid
        assert_credentials_are_private_and_good(running)
        assert running.ended_after([how]) < STOP_SECONDS
        assert not psutil.pid_exists(supervisor)
    assert place.processes == []
    assert "Stopped." in place.said.removeprefix(said)
    assert not (place.home / "run.json").exists()


def assert_credentials_are_private_and_good(running: Running) -> None:
    for name in ("credentials.json", "secrets.json", "run.json"):
        assert stat.S_IMODE((running.place.home / name).stat().st_mode) == 0o600
    assert set(running.system.credentials) == {"url", "token_url", "client_id", "client_secret"}
    assert token_for(running.system.credentials) == 200


def test_ctrl_c_of_a_terminal_reaches_make_and_the_supervisor_and_ends_it_once(place: Place) -> None:
    with place.started(MAKE_UP) as running:
        began = time.monotonic()
        os.killpg(running.process.pid, signal.SIGINT)
        running.process.wait(STOP_SECONDS)
        assert time.monotonic() - began < STOP_SECONDS
    assert place.processes == []


def test_after_a_kill_of_the_supervisor_nothing_lives_on_and_the_next_start_recovers(place: Place) -> None:
    with place.started() as running:
        before = running.system.credentials
        ours = [psutil.Process(pid) for pid in running.system.pids.values()]
        running.process.kill()
        assert gone_within(place, 3) == []
        _, alive = psutil.wait_procs(ours, 3)  # on its last breath a process has no home any more
        assert [process for process in alive if process.status() != psutil.STATUS_ZOMBIE] == []
    assert (place.home / "run.json").exists()
    with place.started() as running:
        assert running.system.credentials == before
        assert token_for(before) == 200
        for pid in (running.supervisor, *running.system.pids.values()):  # now everything at once
            os.kill(pid, signal.SIGKILL)
        running.process.wait(5)
    pretend_that_the_number_was_given_again(place.home)
    with place.started() as running:
        assert running.system.credentials == before
        assert token_for(before) == 200


def pretend_that_the_number_was_given_again(home: Path) -> None:
    """A stale postmaster.pid may name a process that lives, but is another."""
    path = home / "postgres" / "data" / "postmaster.pid"
    lines = path.read_text().splitlines()
    path.write_text("\n".join([str(os.getppid()), *lines[1:]]) + "\n")


def test_lost_credentials_mean_a_new_client_and_the_end_of_the_old_one(place: Place) -> None:
    old = json.loads((place.home / "credentials.json").read_text())
    (place.home / "credentials.json").unlink()
    with place.started() as running:
        new = running.system.credentials
        assert new["client_id"] != old["client_id"]
        assert (token_for(new), token_for(old)) == (200, 401)
        refused = place.run(*LOCAL, "reset")
        assert (refused.returncode, "make down" in refused.stderr) == (1, True)
        assert (place.home / "postgres" / "data" / "PG_VERSION").exists()
        down = place.run(*LOCAL, "down")
        assert (down.returncode, running.process.wait(1)) == (0, 0)  # it stops from another terminal, and in order


def test_reset_removes_all_we_made_and_nothing_else(place: Place) -> None:
    assert place.run(*LOCAL, "down").stdout == "SCORE is not running.\n"
    assert place.run(*LOCAL, "reset").returncode == 0
    assert [path.name for path in place.home.iterdir()] == ["up.log"]  # that one is the test's
