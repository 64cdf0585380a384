from typing import Any

import pytest

from tests.conftest import Api
from tests.training import scenes

BODIES: dict[str, Any] = {"done": {"done_on": "2012-04-03"}}
VERBS = {
    "proposed": {"confirm": "confirmed", "done": "done", "cancel": "cancelled"},
    "confirmed": {"reschedule": "proposed", "done": "done", "cancel": "cancelled"},
    "done": {"report": "reported"},
    "reported": {"approve": "approved", "return": "done"},
    "approved": {},
    "cancelled": {},
}
PATH_TO = {
    "proposed": [],
    "confirmed": ["confirm"],
    "done": ["done"],
    "reported": ["done", "report"],
    "approved": ["done", "report", "approve"],
    "cancelled": ["cancel"],
}
ALL = ["confirm", "reschedule", "done", "report", "approve", "return", "cancel"]


async def visit_in(api: Api, state: str) -> dict[str, Any]:
    visit = await scenes.visit(api)
    for verb in PATH_TO[state]:
        visit = await api.do(f"/v1/visits/{visit['id']}", verb, BODIES.get(verb))
    assert visit["state"] == state
    return visit


@pytest.mark.parametrize("state", VERBS)
async def test_in_each_state_the_allowed_verbs_lead_on_and_no_other_does(api: Api, state: str) -> None:
    visit = await visit_in(api, state)
    path = f"/v1/visits/{visit['id']}"
    assert visit["allowed_actions"] == [verb for verb in ALL if verb in VERBS[state]]
    for verb in ALL:
        if verb not in VERBS[state]:
            answer = await api.post(f"{path}/{verb}", json=BODIES.get(verb, {}))
            assert (answer.status_code, answer.json()["code"]) == (409, "wrong-state"), verb
            assert answer.json()["allowed_actions"] == visit["allowed_actions"]
    assert (await api.get(path)).json() == visit
    for verb, target in VERBS[state].items():
        other = visit if verb == next(iter(VERBS[state])) else await visit_in(api, state)
        assert (await api.do(f"/v1/visits/{other['id']}", verb, BODIES.get(verb)))["state"] == target


async def test_what_is_done_has_its_day(api: Api) -> None:
    visit = await scenes.visit(api)
    path = f"/v1/visits/{visit['id']}"
    assert (await api.post(f"{path}/done")).status_code == 400
    assert (await api.post(f"{path}/done", json={})).status_code == 422
    assert (await api.do(path, "done", {"done_on": "2012-04-09"}))["done_on"] == "2012-04-09"


async def test_a_report_may_come_with_the_verb_or_have_come_before(api: Api) -> None:
    visit = await visit_in(api, "done")
    path = f"/v1/visits/{visit['id']}"
    assert (await api.do(path, "report", {"report": "Less waste."}))["report"] == "Less waste."
    await api.do(path, "return")
    assert (await api.do(path, "report"))["report"] == "Less waste."
    await api.do(path, "return")
    assert (await api.do(path, "report", {"report": "Much less waste."}))["report"] == "Much less waste."


async def test_a_visit_is_rescheduled_to_a_day_or_to_none_yet(api: Api) -> None:
    visit = await visit_in(api, "confirmed")
    path = f"/v1/visits/{visit['id']}"
    assert (await api.do(path, "reschedule", {"planned_on": "2012-05-02"}))["planned_on"] == "2012-05-02"
    await api.do(path, "confirm")
    assert (await api.do(path, "reschedule"))["planned_on"] is None


async def test_a_verb_honours_the_version_if_it_is_said(api: Api) -> None:
    path = f"/v1/visits/{(await scenes.visit(api))['id']}"
    assert (await api.post(f"{path}/confirm", headers={"If-Match": '"2"'})).status_code == 412
    assert (await api.post(f"{path}/confirm", headers={"If-Match": '"1"'})).status_code == 200
