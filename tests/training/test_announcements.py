"""What training tells the others: the present state of each aggregate, and nothing of who a person is."""

import json
from typing import Any

import pytest

from services.training_svc import tables
from shared.events import training as events
from tests import builders
from tests.conftest import Api, System
from tests.training import database, scenes

TOLD = "select subject, aggregate_version, payload from outbox where aggregate_id = $1 order by seq"


async def told(system: System, id: str) -> list[tuple[str, int, dict[str, Any]]]:
    found = await database.rows(system, TOLD, id)
    return [(row["subject"], row["aggregate_version"], json.loads(row["payload"])) for row in found]


async def test_each_step_of_a_cycle_is_told_with_the_whole_state(api: Api, system: System) -> None:
    cycle = await scenes.cycle_in(api, "closed")
    heard = await told(system, cycle["id"])
    facts = ["drafted", "planned", "opened", "confirmed", "started", "visits_begun", "reporting_begun", "closed"]
    assert [subject for subject, _, _ in heard] == [f"score.training.cycle.{fact}.v1" for fact in facts]
    assert [version for _, version, _ in heard] == list(range(1, 9))
    last = heard[-1][2]
    assert (last["state"], last["classroom"]) == ("closed", ["2012-03-05", "2012-03-06"])
    assert last["enterprise_ids"] == [one["enterprise_id"] for one in cycle["enterprises"]]
    assert last["created_by"] == system.credentials["client_id"]


async def test_an_import_tells_of_each_row(api: Api, system: System) -> None:
    cycle = await scenes.cycle(api)
    person = {"reference": "p-secret", "sex": "female", "category": "worker", "date": "2012-03-05"}
    row = {"cycle": cycle["id"], "enterprise": scenes.first_enterprise(cycle)} | person
    await api.load("/v1/attendances/imports", scenes.file_of(row))
    (attendance,) = (await api.get(f"/v1/attendances?cycle_id={cycle['id']}")).json()["items"]
    ((subject, _, payload),) = await told(system, attendance["id"])
    assert subject == "score.training.attendance.recorded.v1"
    assert (payload["enterprise_id"], payload["date"]) == (scenes.first_enterprise(cycle), "2012-03-05")
    ((subject, _, payload),) = await told(system, attendance["participant_id"])
    assert subject == "score.training.participant.registered.v1"
    assert "p-secret" not in json.dumps(payload)


async def test_the_core_modules_are_told_once(system: System) -> None:
    defined = "select payload->>'code' as code from outbox where subject = $1 and by = 'score' order by 1"
    found = await database.rows(system, defined, events.ModuleDefined.subject)
    assert [row["code"] for row in found] == ["M1", "M2", "M3", "M4", "M5"]


async def test_a_trainers_name_is_not_told(api: Api, system: System) -> None:
    sent = builders.trainer(await scenes.organisation(api), base={"latitude": "1.5", "longitude": "2.5"})
    trainer = await api.make("/v1/trainers", sent)
    ((_, _, payload),) = await told(system, trainer["id"])
    assert sent["name"] not in json.dumps(payload)
    assert set(payload) == {"id", "version", "organisation_id", "country", "languages"}


PERSONAL = {("trainers", "name"), ("trainers", "base"), ("participants", "reference")}
STATES = {"trainers": events.TrainerState, "participants": events.ParticipantState}


def test_what_tells_who_a_person_is_is_marked_in_the_tables() -> None:
    columns = [column for table in tables.Base.metadata.tables.values() for column in table.columns]
    assert {(column.table.name, column.name) for column in columns if column.info.get("personal")} == PERSONAL


@pytest.mark.parametrize(("table", "column"), sorted(PERSONAL))
def test_what_is_marked_is_in_no_event(table: str, column: str) -> None:
    assert column not in STATES[table].model_fields
