"""Doing what the role may not, by a field of what it may: states sent along, rows of files, and others' objects in bodies."""

from typing import Any

import pytest

from tests import builders
from tests.attacks.scene import Scene
from tests.permissions.actors import Actor

REPORTERS = ("provider", "trainer", "enterprise")
CSV = {"Content-Type": "text/csv"}


def send_file(actor: Actor, path: str, text: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The import when it has ended, and what is wrong with its rows."""
    started = actor.ask("POST", f"{path}?mode=partial", content=text.encode(), headers=CSV)
    assert started.status_code == 202, started.text
    place = started.headers["Location"]
    while (job := actor.get(place).json())["state"] in ("queued", "running"):
        actor.wait()
    assert job["state"] == "succeeded", job
    return job["summary"], actor.items(f"{place}/errors")


@pytest.mark.parametrize("role", REPORTERS)
def test_nobody_approves_its_own_figures_by_sending_them_as_approved(scene: Scene, role: str) -> None:
    """Once all who may record could: what was sent as approved counted in the programme's results."""
    actor, enterprise = scene.attackers[role], scene.own["enterprise"]
    month = f"2013-0{1 + REPORTERS.index(role)}"
    figure = builders.observation(enterprise, period=month, point="monthly", state="approved")
    money = builders.saving(enterprise, month=month, state="approved")
    for path, body in (("/v1/observations", figure), ("/v1/savings", money)):
        refused = actor.ask("POST", path, json=body)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (403, "/state"), refused.text
        taken = actor.ask("POST", path, json=body | {"state": "submitted"})
        assert taken.status_code == 201, taken.text
        again = actor.ask("POST", path, json=body)  # the same content, moved on by its state
        assert again.status_code == 403
        assert actor.ask("POST", f"{path}/{taken.json()['id']}/approve").status_code == 403
    head = "enterprise,month,amount.amount,amount.currency,recurrence,state\n"
    row = f"{enterprise},{month},1200.00,USD,one_off,"
    summary, found = send_file(actor, "/v1/savings/imports", f"{head}{row}approved\n")
    assert (summary["rejected"], found[0]["column"], found[0]["code"]) == (1, "state", "not_of_role")
    assert send_file(actor, "/v1/savings/imports", f"{head}{row}submitted\n")[0]["unchanged"] == 1


def test_who_approves_may_send_what_is_approved(scene: Scene) -> None:
    body = builders.observation(scene.own["enterprise"], period="2013-09", point="monthly", state="approved")
    made = scene.attackers["coordinator"].ask("POST", "/v1/observations", json=body)
    assert (made.status_code, made.json()["state"]) == (201, "approved")


def test_staff_do_what_is_theirs(scene: Scene) -> None:
    """Else refusals would prove nothing: rows that they may see and not change are held on the way (module, cycle)."""
    own = scene.own
    cycle = builders.cycle([own["enterprise"]], country=own.country, provider_id=own["provider"])
    for role in ("coordinator", "provider"):
        made = scene.attackers[role].ask("POST", "/v1/cycles", json=cycle)
        assert made.status_code == 201, made.text
    for number, role in enumerate(("coordinator", "provider", "trainer")):
        actor = scene.attackers[role]
        person = actor.ask("POST", "/v1/participants", json=builders.participant(own["enterprise"])).json()
        seat = {"participant_id": person["id"], "cycle_id": own["cycle"], "date": "2012-03-06"}
        assert actor.ask("POST", "/v1/attendances", json=seat).status_code == 201
        visit = builders.visit(own["cycle"], own["enterprise"], sequence=10 + number)
        assert actor.ask("POST", "/v1/visits", json=visit).status_code == 201
        row = f"cycle,enterprise,sequence,planned_on\n{own['cycle']},{own['enterprise']},{20 + number},2012-05-05\n"
        assert send_file(actor, "/v1/visits/imports", row)[0]["created"] == 1
    confirmed = scene.attackers["coordinator"].ask("POST", f"/v1/cycles/{own['cycle']}/plan")
    assert confirmed.status_code == 200
    for verb, status in (("open", 200), ("confirm", 409)):  # too small a group
        assert scene.attackers["coordinator"].ask("POST", f"/v1/cycles/{own['cycle']}/{verb}").status_code == status
