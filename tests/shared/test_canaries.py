"""Words planted wherever something can be sent, and secrets: no log, figure, problem or dead letter has one."""

import asyncio
import json
from collections.abc import Iterator

import httpx
import pytest

from tests import builders
from tests.conftest import Api, System, pause
from tests.traces import files_of, superuser
from tests.training import scenes

SERVICES = ("enterprise", "training", "metrics")


def word(place: str) -> str:
    return f"CANARY{place}{builders.unique().replace('-', '')}"


@pytest.fixture(scope="module")
def planted() -> dict[str, str]:
    """A word for each place. What looks like the name of a field is answered back as the place of the fault: `field` and
    `column` are sent with something that no name has.
    """
    places = ("token", "query", "path", "header", "cookie", "key", "body", "field", "cell", "column", "line", "secret")
    return {place: word(place) for place in places}


async def knock(api: Api, planted: dict[str, str]) -> list[httpx.Response]:
    """Every refusal that may be tempted to repeat what was sent."""
    body, path = {"name": planted["body"], f"{planted['field']} é": planted["body"]}, "/v1/organisations"
    odd = {"X-Canary": planted["header"], "Cookie": planted["cookie"], "If-Match": planted["header"]}
    answers = [
        await api.get(path, headers={"Authorization": f"Bearer {planted['token']}"}),
        await api.get(path, headers={"Authorization": f"Basic {planted['token']}"}),
        await api.get(path, params={"q": planted["query"], f"{planted['field']} é": planted["query"]}),
        await api.get(path, params={"cursor": planted["query"], "country": planted["query"]}),
        await api.get(f"{path}/{planted['path']}"),
        await api.get(f"/{planted['path']}"),
        await api.get(f"{path}%ff{planted['path']}"),
        await api.get(path, headers={**odd, "Consistency-Token": planted["header"], "Accept": planted["header"]}),
        await api.post(path, json=body, headers={"Idempotency-Key": f"{planted['key']} x"}),
        await api.post(path, content=f'{{"name": "{planted["body"]}", ', headers={"Content-Type": "application/json"}),
        await api.post(path, content=planted["body"], headers={"Content-Type": f"text/{planted['header']}"}),
        await api.post(path, json=builders.organisation(kind=planted["body"], country=planted["body"])),
        await api.post("/v1/trainers", json=builders.trainer(planted["body"], languages=[planted["body"]])),
        await api.post("/v1/observations", json=builders.observation(planted["body"], unit=planted["body"])),
        await api.patch(f"{path}/{planted['path']}", json=body, headers=odd),
        await api.post("/oauth/token", data={"grant_type": planted["body"], "client_secret": planted["secret"]}),
        await api.post(
            "/oauth/token", auth=(planted["body"], planted["secret"]), data={"grant_type": "client_credentials"}
        ),
        await api.post(
            "/v1/clients", json={"name": planted["body"], "role": planted["body"], "secret": planted["secret"]}
        ),
    ]
    assert all(400 <= answer.status_code < 500 for answer in answers), [answer.status_code for answer in answers]
    return answers


async def load_wrong_files(api: Api, planted: dict[str, str]) -> list[httpx.Response]:
    """Files that are refused, and files whose rows are: what a job says of itself, without its rows."""
    rows = (
        f'{planted["cell"]},CN\n,{planted["cell"]}\n{planted["cell"]},CN,{planted["cell"]}\n"{planted["cell"]}"x,CN\n'
    )
    taken = await send(api, "/v1/enterprises/imports", f"legal_name,country\n{rows}")
    answers = [
        await send(api, "/v1/enterprises/imports", f"legal_name,{planted['column']} .\n{rows}"),
        await send(api, "/v1/participants/imports", f"{planted['cell']}\n", "application/xml"),
        taken,
    ]
    for _ in range(600):
        job = await api.get(taken.headers["Location"])
        if job.json()["state"] not in ("queued", "running"):
            return [*answers, job]
        await pause()
    raise AssertionError("the import did not end")


async def send(api: Api, path: str, content: str, kind: str = "text/csv") -> httpx.Response:
    return await api.post(f"{path}?mode=partial", content=content.encode(), headers={"Content-Type": kind})


async def write_and_read(api: Api, planted: dict[str, str]) -> None:
    """What is good is kept in its rows; it must not be told by a log or a figure."""
    organisation = await api.make("/v1/organisations", builders.organisation(name=planted["body"]))
    await api.make("/v1/trainers", builders.trainer(organisation["id"], name=planted["body"]))
    cycle = await scenes.cycle(api)
    await scenes.attend(api, cycle, reference=planted["cell"])
    await api.get(
        "/v1/organisations", params={"external_ref": planted["query"]}, headers={"X-Canary": planted["header"]}
    )


async def poison(system: System, planted: dict[str, str]) -> None:
    """An event that can't take effect, with a word in it: announced as if a service had."""
    event = {"id": builders.unique(), "version": 1, "name": planted["body"], f"{planted['field']} é": planted["body"]}
    async with superuser(system, "enterprise") as connection:
        await connection.execute(
            "insert into outbox (event_id, subject, aggregate_id, aggregate_version, payload, traceparent, request_id, by, "
            "occurred_at) values (uuidv7(), 'score.enterprise.organisation.registered.v1', uuidv7(), 1, $1::jsonb, '', '', "
            "'', now())",
            json.dumps(event),
        )
    for service in ("training", "metrics"):
        async with superuser(system, service) as connection:
            for _ in range(200):
                if await connection.fetchval("select count(*) from dead_letters where subject like '%organisation%'"):
                    break
                await pause()


async def dead_letters(system: System) -> list[str]:
    told = []
    for service in SERVICES:
        async with superuser(system, service) as connection:
            told += [row["error"] for row in await connection.fetch("select error from dead_letters")]
    return told


async def figures(system: System) -> list[str]:
    ports = json.loads((system.home / "run.json").read_text())["ports"]
    pages = [f"http://127.0.0.1:{ports[service]}/-/metrics" for service in SERVICES] + [f"{system.url}/-/metrics"]
    async with httpx.AsyncClient() as client:
        return [(await client.get(page)).text for page in pages]


def secrets_of(system: System) -> Iterator[tuple[str, str]]:
    yield from json.loads((system.home / "secrets.json").read_text()).items()
    yield "client_secret", system.credentials["client_secret"]


def logs_of(system: System) -> dict[str, str]:
    return {
        path.name: path.read_text(errors="replace") for path in files_of(system) if path.suffix in (".jsonl", ".log")
    }


async def test_no_word_that_was_sent_is_told_by_anything(api: Api, system: System, planted: dict[str, str]) -> None:
    problems = [*await knock(api, planted), *await load_wrong_files(api, planted)]
    await write_and_read(api, planted)
    await poison(system, planted)
    errors = await dead_letters(system)
    assert errors
    told = {"problems": "".join(answer.text for answer in problems), "dead letters": "".join(errors)}
    told |= {"headers": str([answer.headers for answer in problems]), "figures": "".join(await figures(system))}
    told |= await asyncio.to_thread(logs_of, system)
    assert {"gateway.jsonl", "training.jsonl", "postgres.jsonl", "up.log"} <= told.keys()
    assert "score_requests" in told["figures"]
    found = [(where, place) for where, text in told.items() for place, one in planted.items() if one in text]
    assert found == []


async def test_no_secret_and_no_token_is_in_a_log_or_a_figure(api: Api, system: System, bearer: str) -> None:
    await api.get("/v1/me")
    told = await asyncio.to_thread(logs_of, system) | {"figures": "".join(await figures(system))}
    secrets = [*secrets_of(system), ("token", bearer), ("signature of the token", bearer.rpartition(".")[2])]
    assert len(secrets) > 10
    assert [(where, name) for where, text in told.items() for name, secret in secrets if secret in text] == []
