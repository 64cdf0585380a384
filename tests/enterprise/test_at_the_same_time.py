"""Of many who want the same at once, one gets it; the others are told who."""

import asyncio
from collections import Counter
from typing import Any

import httpx

from tests import builders
from tests.conftest import Api

Document = dict[str, Any]
MANY = 8


async def all_at_once(api: Api, path: str, bodies: list[Document]) -> list[httpx.Response]:
    return list(await asyncio.gather(*(api.post(path, json=body) for body in bodies)))


def one_made(answers: list[httpx.Response], path: str) -> None:
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: len(answers) - 1}
    (made,) = [answer.json()["id"] for answer in answers if answer.status_code == 201]
    refused = [answer for answer in answers if answer.status_code == 409]
    assert {answer.json()["code"] for answer in refused} == {"already-exists"}
    assert {answer.headers["Location"] for answer in refused} == {f"{path}/{made}"}


async def test_the_same_identifier(api: Api) -> None:
    identifiers = [{"scheme": "gln", "value": builders.gln()}]
    bodies = [builders.enterprise(identifiers=identifiers) for _ in range(MANY)]
    one_made(await all_at_once(api, "/v1/enterprises", bodies), "/v1/enterprises")


async def test_the_same_external_ref(api: Api) -> None:
    ref = builders.unique()
    bodies = [builders.enterprise(external_ref=ref) for _ in range(MANY)]
    one_made(await all_at_once(api, "/v1/enterprises", bodies), "/v1/enterprises")


async def test_the_same_code(api: Api) -> None:
    code = builders.unique()
    bodies = [builders.programme(code=code) for _ in range(MANY)]
    one_made(await all_at_once(api, "/v1/programmes", bodies), "/v1/programmes")


async def test_the_same_nomination(api: Api, partnership: Document, enterprise: Document) -> None:
    path = f"/v1/partnerships/{partnership['id']}/nominations"
    one_made(await all_at_once(api, path, [{"enterprise_id": enterprise["id"]}] * MANY), path)


async def test_the_identifier_of_a_closed_enterprise(api: Api) -> None:
    identifiers = [{"scheme": "gln", "value": builders.gln()}]
    closed = await api.make("/v1/enterprises", builders.enterprise(identifiers=identifiers))
    await api.do(f"/v1/enterprises/{closed['id']}", "close", {"reason": "It was wound up"})
    bodies = [builders.enterprise(identifiers=identifiers) for _ in range(MANY)]
    one_made(await all_at_once(api, "/v1/enterprises", bodies), "/v1/enterprises")


async def test_the_same_verb(api: Api, enterprise: Document) -> None:
    path = f"/v1/enterprises/{enterprise['id']}"
    await api.do(path, "assess", {"eligible": True})
    answers = await asyncio.gather(*(api.post(f"{path}/enrol") for _ in range(MANY)))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: MANY - 1}
    assert (await api.get(path)).json()["version"] == 3


async def test_the_same_file_twice_at_once(api: Api) -> None:
    rows = "".join(f"Works,GH,{builders.gln()}\n" for _ in range(300))
    file = f"legal_name,country,identifiers.gln\n{rows}"
    jobs = await asyncio.gather(*(api.load("/v1/enterprises/imports", file) for _ in range(2)))
    assert [job["state"] for job in jobs] == ["succeeded", "succeeded"]
    assert sum(job["summary"]["created"] for job in jobs) == 300
    assert sum(job["summary"]["unchanged"] for job in jobs) == 300
