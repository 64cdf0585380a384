"""What tests of training begin with, made through the API as anybody would."""

import asyncio
import csv
import io
from typing import Any

from tests import builders
from tests.conftest import Api

Document = dict[str, Any]

PATH_TO = {
    "draft": [],
    "planned": ["plan"],
    "open": ["plan", "open"],
    "confirmed": ["plan", "open", "confirm"],
    "in_classroom": ["plan", "open", "confirm", "start"],
    "visits": ["plan", "open", "confirm", "start", "begin-visits"],
    "reporting": ["plan", "open", "confirm", "start", "begin-visits", "begin-reporting"],
    "closed": ["plan", "open", "confirm", "start", "begin-visits", "begin-reporting", "close"],
    "cancelled": ["cancel"],
}


async def enterprises(api: Api, number: int = 1, **changes: Any) -> list[str]:
    """Ids of new enterprises."""
    made = [await api.make("/v1/enterprises", builders.enterprise(**changes)) for _ in range(number)]
    return [one["id"] for one in made]


async def organisation(api: Api) -> str:
    return str((await api.make("/v1/organisations", builders.organisation(kind="service_provider")))["id"])


async def phase(api: Api, **changes: Any) -> str:
    programme = await api.make("/v1/programmes", builders.programme())
    return str((await api.make("/v1/phases", builders.phase(programme["id"], **changes)))["id"])


async def trainer(api: Api) -> str:
    return str((await api.make("/v1/trainers", builders.trainer(await organisation(api))))["id"])


async def cycle(api: Api, size: int = 1, **changes: Any) -> Document:
    ids = await enterprises(api, size)
    return await api.make("/v1/cycles", builders.cycle(ids, **changes))


async def cycle_in(api: Api, state: str, **changes: Any) -> Document:
    """A cycle of four enterprises, moved by its verbs into `state`."""
    made = await cycle(api, 4, **changes)
    for verb in PATH_TO[state]:
        made = await api.do(f"/v1/cycles/{made['id']}", verb)
    assert made["state"] == state
    return made


async def participant(api: Api, cycle: Document, **changes: Any) -> Document:
    """Somebody whom the first enterprise of `cycle` sends."""
    return await api.make("/v1/participants", builders.participant(first_enterprise(cycle), **changes))


async def attend(api: Api, cycle: Document, enterprise_id: str | None = None, **changes: Any) -> Document:
    """A new participant on the first day of `cycle`."""
    who = await api.make("/v1/participants", builders.participant(enterprise_id or first_enterprise(cycle), **changes))
    seat = {"participant_id": who["id"], "cycle_id": cycle["id"], "date": cycle["classroom"][0]["date"]}
    return await api.make("/v1/attendances", seat)


async def visit(api: Api, **changes: Any) -> Document:
    made = await cycle(api)
    return await api.make("/v1/visits", builders.visit(made["id"], first_enterprise(made), **changes))


def first_enterprise(cycle: Document) -> str:
    return str(cycle["enterprises"][0]["enterprise_id"])


# --- files -----------------------------------------------------------------------------------------------------


def file_of(*rows: Document) -> str:
    """CSV with the columns of the first row."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


async def row_errors(api: Api, path: str, content: str, mode: str = "partial") -> tuple[Document, list[Document]]:
    """The finished job and what it says of its rows."""
    started = await api.post(f"{path}?mode={mode}", content=content.encode(), headers={"Content-Type": "text/csv"})
    assert started.status_code == 202, started.text
    location = started.headers["Location"]
    for _ in range(600):
        job = (await api.get(location)).json()
        if job["state"] not in ("queued", "running"):
            break
        await asyncio.sleep(0.05)
    return job, (await api.get(f"{location}/errors?limit=500")).json()["items"]


def counts(job: Document) -> dict[str, int]:
    """Those of the summary that are not 0."""
    return {name: count for name, count in job["summary"].items() if count}


def pointers(answer: Any) -> list[str]:
    return [place.get("pointer") or place.get("parameter") for place in answer.json()["errors"]]
