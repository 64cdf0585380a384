"""Every verb in every state."""

from typing import Any

import pytest

from tests import builders
from tests.conftest import Api
from tests.enterprise.problems import code_of, places_in

Document = dict[str, Any]

BODIES: dict[str, Document] = {
    "assess": {"eligible": True},
    "withdraw": {"reason": "It moved away"},
    "close": {"reason": "It was wound up"},
}
# how to come to a state by verbs alone: an enterprise is active only after an attendance (see test_on_attendance)
WAYS: dict[str, list[str]] = {
    "registered": [],
    "eligible": ["assess"],
    "ineligible": ["refuse"],
    "enrolled": ["assess", "enrol"],
    "dormant": ["assess", "enrol", "suspend"],
    "withdrawn": ["withdraw"],
    "closed": ["close"],
}
LEADS_TO: dict[str, dict[str, str]] = {
    "registered": {"assess": "eligible"},
    "eligible": {"assess": "eligible", "enrol": "enrolled"},
    "ineligible": {"assess": "eligible"},
    "enrolled": {"suspend": "dormant"},
    "dormant": {"resume": "enrolled"},
    "withdrawn": {},
    "closed": {},
}
LEAVING = {"withdraw": "withdrawn", "close": "closed"}
VERBS = ("assess", "enrol", "suspend", "resume", "complete", "withdraw", "close")


async def say(api: Api, path: str, verb: str) -> Any:
    if verb == "refuse":
        return await api.post(f"{path}/assess", json={"eligible": False, "reason": "Too large"})
    return await api.post(f"{path}/{verb}", **({"json": BODIES[verb]} if verb in BODIES else {}))


async def enterprise_in(api: Api, state: str) -> str:
    made = await api.make("/v1/enterprises", builders.enterprise())
    path = f"/v1/enterprises/{made['id']}"
    for verb in WAYS[state]:
        assert (await say(api, path, verb)).status_code == 200
    return path


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("state", WAYS)
async def test_a_verb_leads_on_or_is_refused(api: Api, state: str, verb: str) -> None:
    path = await enterprise_in(api, state)
    before = (await api.get(path)).json()
    ways = LEADS_TO[state] | (LEAVING if state not in ("withdrawn", "closed") else {})
    assert before["state"] == state
    assert set(before["allowed_actions"]) == {*ways, "merge"}
    answer = await say(api, path, verb)
    if verb in ways:
        again = (state, verb) == ("eligible", "assess")  # as it was before: nothing has changed
        assert (answer.json()["state"], answer.json()["version"]) == (ways[verb], before["version"] + (not again))
    else:
        assert code_of(answer) == (409, "wrong-state")
        assert answer.json()["state"] == state
        assert answer.json()["allowed_actions"] == before["allowed_actions"]
        assert (await api.get(path)).json() == before


async def test_who_is_not_eligible_is_told_why(api: Api) -> None:
    path = await enterprise_in(api, "registered")
    silent = await api.post(f"{path}/assess", json={"eligible": False})
    assert (code_of(silent), places_in(silent)) == ((422, "validation-failed"), {("/reason", "missing")})
    refused = (await say(api, path, "refuse")).json()
    assert (refused["state"], refused["reason"]) == ("ineligible", "Too large")


@pytest.mark.parametrize("verb", ["withdraw", "close"])
async def test_nobody_leaves_without_a_reason(api: Api, verb: str) -> None:
    path = await enterprise_in(api, "registered")
    assert places_in(await api.post(f"{path}/{verb}", json={})) == {("/reason", "missing")}


async def test_a_verb_honours_the_version_it_is_sent(api: Api) -> None:
    path = await enterprise_in(api, "eligible")
    assert code_of(await api.post(f"{path}/enrol", headers={"If-Match": '"1"'})) == (412, "precondition-failed")
    assert (await api.post(f"{path}/enrol", headers={"If-Match": '"2"'})).status_code == 200


async def test_an_unknown_enterprise_is_not_found(api: Api) -> None:
    assert code_of(await api.post("/v1/enterprises/0190aaaa-0000-7000-8000-000000000000/enrol")) == (404, "not-found")
