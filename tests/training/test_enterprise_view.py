"""What training keeps of an enterprise: told by events, and told again when asked."""

import os
import subprocess
import sys
from typing import Any

import pytest

from tests import builders
from tests.conftest import Api, System, pause
from tests.training import database, scenes

COLUMNS = "id::text, version, legal_name, country, state, identifiers, languages, external_ref, created_by"


async def view(system: System, id: str, columns: str = COLUMNS) -> dict[str, Any] | None:
    found = await database.rows(system, f"select {columns} from enterprise_views where id = $1", id)
    return found[0] if found else None


async def seen(api: Api) -> None:
    """A request to training that is answered when all has arrived there."""
    assert (await api.get("/v1/cycles?limit=1")).status_code == 200


async def test_an_enterprise_is_kept_with_what_imports_refer_by(api: Api, system: System) -> None:
    number, ref = builders.unique(), builders.unique()
    sent = builders.enterprise(
        identifiers=[{"scheme": "national", "value": f"CN:{number}"}], external_ref=ref, languages=["zh"]
    )
    enterprise = await api.make("/v1/enterprises", sent)
    await seen(api)
    kept = await view(system, enterprise["id"])
    assert kept == {
        "id": enterprise["id"],
        "version": 1,
        "legal_name": sent["legal_name"],
        "country": "CN",
        "state": "registered",
        "identifiers": [f"national:CN:{number}"],
        "languages": ["zh"],
        "external_ref": ref,
        "created_by": system.credentials["client_id"],
    }


VERBS: list[tuple[str, dict[str, Any] | None]] = [
    ("assess", {"eligible": True}),
    ("enrol", None),
    ("suspend", None),
    ("resume", None),
]


async def test_every_step_of_an_enterprise_is_followed(api: Api, system: System) -> None:
    enterprise = await api.make("/v1/enterprises", builders.enterprise())
    path = f"/v1/enterprises/{enterprise['id']}"
    cycle = await api.make("/v1/cycles", builders.cycle([enterprise["id"]]))
    for verb, body in VERBS:
        now = await api.do(path, verb, body)
        await seen(api)
        assert await view(system, enterprise["id"], "state, version") == {
            name: now[name] for name in ("state", "version")
        }
        if verb == "enrol":
            await scenes.attend(api, cycle)
            assert (await api.get(path)).json()["state"] == "active"


@pytest.mark.parametrize("aggregate", ["enterprise", "organisation", "phase", "partnership"])
async def test_a_view_is_emptied_and_told_again(api: Api, system: System, aggregate: str) -> None:
    await scenes.enterprises(api, 2)
    await scenes.organisation(api)
    await scenes.phase(api)
    await api.make("/v1/partnerships", builders.partnership())
    await seen(api)
    everything = f"select * from {aggregate}_views order by id"
    before = await database.rows(system, everything)
    assert before
    async with database.connection(system) as open_database:
        # what only a rebuild can mend: a row that nobody owns, and one that says something else
        await open_database.execute(f"update {aggregate}_views set created_by = 'nobody'")
    rebuild(system, aggregate)
    for _ in range(400):
        if (after := await database.rows(system, everything)) == before:
            break
        await pause()
    assert after == before


def rebuild(system: System, aggregate: str) -> None:
    environment = os.environ | {"SCORE_DATABASE_URL_TRAINING": system.database_url("training")}
    command = [sys.executable, "-m", "shared.rebuild", "training", aggregate]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
