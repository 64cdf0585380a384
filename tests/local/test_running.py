"""What holds while it runs: one system of one home."""

import asyncio
import json
import re
import signal
from collections.abc import AsyncIterator

import asyncpg
import nats
import psutil
import pytest
from nats.aio.client import Client

from tests.local.running import LOCAL, NAMES, Place, Running, environment_of, gone_within, is_ready, wait_for

SERVICES = ("enterprise", "training", "metrics")


def test_a_second_start_in_the_same_home_names_url_and_pid_and_is_content(running: Running, place: Place) -> None:
    second = place.run("make", "up")
    assert second.returncode == 0, second.stderr
    assert running.system.url in second.stdout
    assert f"pid {running.supervisor}" in second.stdout
    assert is_ready(running.system)


def test_a_taken_port_is_told_in_one_sentence_and_nothing_is_left(running: Running, place: Place) -> None:
    other = Place(place.home.with_name("another home"), place.port)
    refused = other.run(*LOCAL, "up")
    assert refused.returncode == 1
    assert str(place.port) in refused.stderr
    assert "SCORE_PORT" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
    assert gone_within(other, 0) == []
    assert not (other.home / "postgres").exists()


def test_a_port_that_is_none_is_told_in_a_sentence(place: Place) -> None:
    refused = Place(place.home.with_name("no port"), more={"SCORE_PORT": "eighty"}).run(*LOCAL, "up")
    assert (refused.returncode, refused.stderr) == (1, "SCORE_PORT must be a number from 1 to 65535.\n")


@pytest.mark.parametrize("command", [("reset",), ("restore", "nothing.tar", "--replace")], ids=lambda words: words[0])
def test_what_would_lose_data_is_refused_while_it_runs(
    running: Running, place: Place, command: tuple[str, ...]
) -> None:
    refused = place.run(*LOCAL, *command)
    assert refused.returncode == 1
    assert f"pid {running.supervisor}" in refused.stderr
    assert is_ready(running.system)


@pytest.mark.parametrize("name", NAMES)
def test_a_killed_process_is_started_again_and_all_is_ready_again(running: Running, name: str) -> None:
    before = running.system.pids
    psutil.Process(before[name]).kill()
    wait_for(f"another {name}", lambda: running.system.pids[name] != before[name])
    wait_for("readiness", lambda: is_ready(running.system), 60)
    others = [other for other in NAMES if other != name]
    assert {other: running.system.pids[other] for other in others} == {other: before[other] for other in others}
    assert running.system.token()


def test_no_process_of_ours_knows_a_secret_it_does_not_need(running: Running, place: Place) -> None:
    secrets = json.loads((place.home / "secrets.json").read_text())
    needed = {name: {"secret", f"postgres_{name}_app", f"nats_{name}", "nats_monitor"} for name in SERVICES} | {
        "gateway": {"secret", "postgres_gateway_app"},
        "postgres": set(),
    }
    for name, wanted in needed.items():
        told = "\n".join(environment_of(running.system.pids[name]).values())
        assert {secret for secret, value in secrets.items() if value in told} == wanted, name


def test_variables_of_whoever_starts_it_stay_with_them(
    tmp_path_factory: pytest.TempPathFactory, running: Running
) -> None:
    told = environment_of(running.system.pids["gateway"])
    assert "PYTEST_CURRENT_TEST" not in told
    assert {name for name in told if "MIGRATION" in name or "OWNER" in name} == set()


@pytest.mark.parametrize("name", [*SERVICES, "gateway"])
async def test_a_service_reaches_its_own_database_only_and_owns_nothing_in_it(running: Running, name: str) -> None:
    url = environment_of(running.system.pids[name])[f"SCORE_DATABASE_URL_{name.upper()}"]
    connection = await asyncpg.connect(url)
    role = await connection.fetchrow(
        "select rolsuper, rolcreatedb, rolcreaterole, rolbypassrls from pg_roles where rolname = user"
    )
    assert list(role.values()) == [False] * 4
    assert await connection.fetchval("select count(*) from pg_class where relowner = user::regrole") == 0
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute("create table mine ()")
    await connection.close()
    other = "training" if name != "training" else "metrics"
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(url.replace(f"/score_{name}", f"/score_{other}"))


async def test_the_database_lets_nobody_in_without_a_password(running: Running) -> None:
    port = json.loads((running.place.home / "run.json").read_text())["ports"]["postgres"]
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(f"postgresql://postgres:wrong@127.0.0.1:{port}/postgres")


@pytest.fixture
async def training_on_the_broker(running: Running) -> AsyncIterator[tuple[Client, asyncio.Queue[str]]]:
    """Connected as training is, and what the broker refuses it."""
    mine, refusals = environment_of(running.system.pids["training"]), asyncio.Queue[str]()

    async def on_error(error: Exception) -> None:
        refusals.put_nowait(str(error))

    client = await nats.connect(
        mine["SCORE_NATS_URL"],
        user="training",
        password=mine["SCORE_NATS_PASSWORD_TRAINING"],
        inbox_prefix=b"_INBOX_training",
        error_cb=on_error,
    )
    yield client, refusals
    await client.close()


@pytest.mark.parametrize(
    "subject",
    ["score.enterprise.registered.v1", "$JS.API.STREAM.DELETE.SCORE", "$JS.API.CONSUMER.MSG.NEXT.SCORE.metrics"],
)
async def test_a_service_announces_its_own_events_only(
    training_on_the_broker: tuple[Client, asyncio.Queue[str]], subject: str
) -> None:
    client, refusals = training_on_the_broker
    await client.publish(subject, b"{}")
    refusal = await asyncio.wait_for(refusals.get(), 10)
    assert "permissions violation for publish" in refusal
    assert subject.lower() in refusal.lower()


def test_logs_are_json_in_files_and_readable_on_the_console(running: Running, place: Place) -> None:
    running.system.token()
    for name in (*NAMES, "supervisor"):
        path = place.home / "logs" / f"{name}.jsonl"
        if path.exists():
            lines = [json.loads(text) for text in path.read_text().splitlines()]
            assert all({"ts", "level", "service", "event"} <= line.keys() for line in lines), name
    assert re.search(r"^\d\d:\d\d:\d\d gateway    info    request method=POST", place.said, re.MULTILINE)
    assert re.search(r"^\d\d:\d\d:\d\d supervisor info    ready$", place.said, re.MULTILINE)
    assert "\x1b[" not in place.said
    assert not [value for value in secrets_of(place) if value in all_logs(place)]


def secrets_of(place: Place) -> list[str]:
    own = json.loads((place.home / "secrets.json").read_text()).values()
    return [*own, json.loads((place.home / "credentials.json").read_text())["client_secret"]]


def all_logs(place: Place) -> str:
    return place.said + "".join(path.read_text() for path in (place.home / "logs").iterdir())


def test_the_supervisor_answers_the_second_signal_at_once(tmp_path_factory: pytest.TempPathFactory) -> None:
    place = Place(tmp_path_factory.mktemp("in a hurry"))
    process = place.launch()
    wait_for("a process", lambda: len(place.processes) > 1)
    process.send_signal(signal.SIGTERM)
    process.send_signal(signal.SIGINT)
    assert process.wait(10) in (0, -signal.SIGINT, -signal.SIGTERM)
    assert gone_within(place, 3) == []
