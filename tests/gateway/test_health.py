import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from tests.conftest import free_port
from tests.gateway.conftest import World, assert_problem, fetch_token
from tests.gateway.servers import Running, until


async def test_ready_names_every_part(world: World, stranger: httpx.AsyncClient) -> None:
    answer = await stranger.get("/-/ready")
    assert answer.status_code == 200, answer.text
    assert answer.json()["status"] == "ready"
    assert set(answer.json()["parts"]) == {"gateway", "enterprise", "training", "metrics"}
    assert answer.json()["parts"]["training"]["parts"]["database"]["status"] == "ready"


async def test_a_part_that_is_not_ready_is_named(world: World, stranger: httpx.AsyncClient) -> None:
    world.services["training"].ready = False
    answer = await stranger.get("/-/ready")
    world.services["training"].ready = True
    assert answer.status_code == 503
    assert answer.json()["status"] == "not-ready"
    assert answer.json()["parts"]["training"]["status"] == "not-ready"
    assert answer.json()["parts"]["metrics"]["status"] == "ready"


async def test_a_service_that_is_down_is_named(world: World, closed_port: int) -> None:
    with world.gateway(SCORE_UPSTREAM_METRICS=f"http://127.0.0.1:{closed_port}") as gateway:
        async with httpx.AsyncClient(base_url=gateway.url) as client:
            answer = await client.get("/-/ready")
    assert answer.status_code == 503
    assert answer.json()["parts"]["metrics"] == {"status": "not-ready", "problem": "service-unavailable"}


async def test_live_asks_nobody(stranger: httpx.AsyncClient) -> None:
    assert (await stranger.get("/-/live")).json() == {"status": "live"}


def series(page: str) -> set[str]:
    return set(re.findall(r"^score_[^ ]+", page, re.MULTILINE))


async def test_figures_are_counted_by_service_and_never_by_path(
    stranger: httpx.AsyncClient, partner: httpx.AsyncClient
) -> None:
    async def visit(name: str) -> None:
        await partner.get(f"/v1/organisations/{name}")
        await partner.request(name, "/v1/cycles")
        await partner.get(f"/{name}")
        await stranger.get(f"/v1/{name}")
        await stranger.get(f"/problems/{name}")
        await stranger.get("/-/metrics")

    await visit("PROPFIND")
    before = (await stranger.get("/-/metrics")).text
    for name in ("LOCK", "MKCOL", "REPORT"):
        await visit(name)
    after = (await stranger.get("/-/metrics")).text
    assert 'score_requests_total{method="GET",route="enterprise",status="2xx"}' in after
    assert "score_request_seconds_bucket" in after
    assert series(before) == series(after)


@pytest.mark.parametrize("name", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
async def test_figures_are_not_for_those_behind_a_proxy(stranger: httpx.AsyncClient, name: str) -> None:
    assert_problem(await stranger.get("/-/metrics", headers={name: "for=192.0.2.1"}), 404, "not-found")


@contextmanager
def process(world: World, port: int) -> Iterator[subprocess.Popen[str]]:
    environment = os.environ | world.environment(SCORE_PORT=str(port))
    running = subprocess.Popen(
        [sys.executable, "-m", "services.gateway"], env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        yield running
    finally:
        running.kill()
        running.communicate()


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/-/live").status_code == 200
    except httpx.TransportError:
        return False


def test_as_a_process_it_serves_logs_without_secrets_and_stops_when_told(
    world: World, credentials: dict[str, str]
) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with process(world, port) as running:
        until(lambda: answers(url))
        token = fetch_token(url, credentials)
        answer = httpx.get(f"{url}/v1/enterprises?q=canary-in-the-query", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 200
        assert "server" not in answer.headers
        running.send_signal(signal.SIGTERM)
        log, _ = running.communicate(timeout=10)
        # uvicorn raises the signal again when it has ended in order
        assert running.returncode in (0, -signal.SIGTERM)
    assert answer.headers["x-request-id"] in log
    assert "enterprise" in [json.loads(line).get("route") for line in log.splitlines()]
    for secret in (token, credentials["client_secret"], "canary-in-the-query", "a secret of the tests"):
        assert secret not in log


def test_bugs_are_problems_too(world: World, gateway: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("canary")

    monkeypatch.setattr("services.gateway.openapi.Contract.edition", broken)
    answer = httpx.get(f"{gateway.url}/docs")
    assert_problem(answer, 500, "internal-error")
    assert "canary" not in answer.text
