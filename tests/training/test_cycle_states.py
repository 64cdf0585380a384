import pytest

from tests import builders
from tests.conftest import Api
from tests.training import scenes

VERBS = {
    "draft": {"plan": "planned", "cancel": "cancelled"},
    "planned": {"open": "open", "cancel": "cancelled"},
    "open": {"confirm": "confirmed", "cancel": "cancelled"},
    "confirmed": {"start": "in_classroom", "cancel": "cancelled"},
    "in_classroom": {"begin-visits": "visits"},
    "visits": {"begin-reporting": "reporting"},
    "reporting": {"close": "closed"},
    "closed": {},
    "cancelled": {},
}
ALL = ["plan", "open", "confirm", "start", "begin-visits", "begin-reporting", "close", "cancel"]


@pytest.mark.parametrize("state", VERBS)
async def test_in_each_state_the_allowed_verbs_lead_on_and_no_other_does(api: Api, state: str) -> None:
    cycle = await scenes.cycle_in(api, state)
    path = f"/v1/cycles/{cycle['id']}"
    assert cycle["allowed_actions"] == [verb for verb in ALL if verb in VERBS[state]]
    for verb in ALL:
        if verb not in VERBS[state]:
            answer = await api.post(f"{path}/{verb}")
            assert (answer.status_code, answer.json()["code"]) == (409, "wrong-state"), verb
            assert answer.json()["state"] == state
            assert answer.json()["allowed_actions"] == cycle["allowed_actions"]
    assert (await api.get(path)).json() == cycle
    for verb, target in VERBS[state].items():
        other = cycle if verb == next(iter(VERBS[state])) else await scenes.cycle_in(api, state)
        assert (await api.do(f"/v1/cycles/{other['id']}", verb))["state"] == target


async def test_a_verb_honours_the_version_if_it_is_said(api: Api) -> None:
    cycle = await scenes.cycle(api)
    path = f"/v1/cycles/{cycle['id']}"
    assert (await api.post(f"{path}/plan", headers={"If-Match": '"7"'})).status_code == 412
    answer = await api.post(f"{path}/plan", headers={"If-Match": '"1"'})
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"')


async def test_a_verb_takes_no_body_but_an_empty_object(api: Api) -> None:
    path = f"/v1/cycles/{(await scenes.cycle(api))['id']}"
    assert (await api.post(f"{path}/plan", json={"reason": "why not"})).status_code == 422
    assert (await api.post(f"{path}/plan", json={})).status_code == 200


@pytest.mark.parametrize("state", ["draft", "planned", "open", "confirmed", "in_classroom", "visits", "closed"])
async def test_records_are_taken_in_every_state_but_cancelled(api: Api, state: str) -> None:
    cycle = await scenes.cycle_in(api, state)
    await scenes.attend(api, cycle)
    await api.make("/v1/visits", builders.visit(cycle["id"], scenes.first_enterprise(cycle), done_on="2012-04-02"))
