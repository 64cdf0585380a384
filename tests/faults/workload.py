"""Writers and importers that go on through every crash, as a careful script would: the same key until there is an answer."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import httpx

from tests.builders import enterprise, unique

PASSING = {408, 429, 500, 502, 503, 504}
IN_PROGRESS = "idempotency-in-progress"
PATIENCE_SECONDS = 120
Body = dict[str, Any]


@dataclass
class Client:
    """Asks again, with the same key, until the answer is one that means something."""

    http: httpx.AsyncClient

    async def post(self, path: str, key: str, **content: Any) -> httpx.Response:
        headers = {"Idempotency-Key": key, **content.pop("headers", {})}
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                with suppress(httpx.TransportError):
                    answer = await self.http.post(path, headers=headers, **content)
                    if not comes_later(answer):
                        return answer
                await asyncio.sleep(0.1)

    async def get(self, path: str) -> Body:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                with suppress(httpx.TransportError):
                    answer = await self.http.get(path)
                    if answer.status_code not in PASSING:
                        assert answer.status_code == 200, answer.text
                        return dict(answer.json())
                await asyncio.sleep(0.1)


def comes_later(answer: httpx.Response) -> bool:
    return answer.status_code in PASSING or (answer.status_code == 409 and answer.json()["code"] == IN_PROGRESS)


@dataclass
class Writer:
    """Writes one thing after the other until told to stop. `acknowledged`: external_ref -> id."""

    client: Client
    path: str
    make: Callable[[int], Body]
    acknowledged: dict[str, str] = field(default_factory=dict)
    strange: list[str] = field(default_factory=list)

    async def write(self, stop: asyncio.Event) -> None:
        for n in count():
            if stop.is_set():
                return
            ref = unique("written")
            answer = await self.client.post(self.path, ref, json=self.make(n) | {"external_ref": ref})
            if answer.status_code == 201:
                self.acknowledged[ref] = answer.json()["id"]
            else:
                self.strange.append(f"{self.path}: {answer.status_code} {answer.text}")


def observation_number(enterprise_id: str) -> Callable[[int], Body]:
    """A month of its own for each."""

    def make(n: int) -> Body:
        period = f"{1900 + n // 12:04}-{n % 12 + 1:02}"
        return {
            "enterprise_id": enterprise_id,
            "indicator": "KPI02",
            "period": period,
            "point": "monthly",
            "numerator": "5",
            "denominator": "100",
            "unit": "units",
        }

    return make


def enterprise_number(_: int) -> Body:
    return enterprise()


# --- files -----------------------------------------------------------------------------------------------------


def enterprises_file(rows: int) -> str:
    return "\n".join(["external_ref,legal_name,country,address.city", *enterprise_lines(rows)]) + "\n"


def enterprise_lines(rows: int) -> Iterator[str]:
    batch = unique("imported")
    for n in range(rows):
        yield f"{batch}-{n},Synthetic Works {batch} {n},CN,Dongguan"


def attendances_file(cycle_id: str, enterprise_id: str, people: int) -> str:
    batch = unique("person")
    rows = [
        f"{cycle_id},{enterprise_id},{batch}-{n},female,worker,{day}"
        for n in range(people)
        for day in ("2012-03-05", "2012-03-06")
    ]
    return "\n".join(["cycle,enterprise,reference,sex,category,date", *rows]) + "\n"


async def start_import(client: Client, path: str, file: str) -> str:
    """Where it can be followed."""
    content = {"content": file.encode(), "headers": {"Content-Type": "text/csv"}}
    answer = await client.post(f"{path}?mode=partial", unique("key"), **content)
    assert answer.status_code == 202, answer.text
    return answer.headers["Location"]


async def finished(client: Client, location: str) -> Body:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            job = await client.get(location)
            if job["state"] not in ("queued", "running"):
                return job
            await asyncio.sleep(0.2)
