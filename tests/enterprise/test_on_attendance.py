"""The first attendance of its people makes an enterprise active, whenever word of it comes."""

from typing import Any

import pytest

from tests import builders
from tests.conftest import Api
from tests.enterprise.problems import code_of

Document = dict[str, Any]

WAYS: dict[str, list[tuple[str, Document | None]]] = {
    "registered": [],
    "eligible": [("assess", {"eligible": True})],
    "enrolled": [("assess", {"eligible": True}), ("enrol", None)],
    "ineligible": [("assess", {"eligible": False, "reason": "Too large"})],
    "dormant": [("assess", {"eligible": True}), ("enrol", None), ("suspend", None)],
    "withdrawn": [("withdraw", {"reason": "It moved away"})],
}
REASON = {"reason": "It moved away"}


async def attend(api: Api, enterprise_id: str) -> None:
    """Somebody from the enterprise sits in a classroom; the answer's token covers the event."""
    cycle = await api.make("/v1/cycles", builders.cycle([enterprise_id]))
    person = await api.make("/v1/participants", builders.participant(enterprise_id))
    day = cycle["classroom"][0]["date"]
    await api.make("/v1/attendances", {"participant_id": person["id"], "cycle_id": cycle["id"], "date": day})


async def walk(api: Api, steps: list[tuple[str, Document | None]]) -> str:
    path = f"/v1/enterprises/{(await api.make('/v1/enterprises', builders.enterprise()))['id']}"
    for verb, body in steps:
        await api.do(path, verb, body)
    return path


async def active(api: Api) -> str:
    path = await walk(api, WAYS["registered"])
    await attend(api, path.rpartition("/")[2])
    return path


@pytest.mark.parametrize("state", ["registered", "eligible", "enrolled"])
async def test_who_attends_is_active(api: Api, state: str) -> None:
    path = await walk(api, WAYS[state])
    before = (await api.get(path)).json()
    await attend(api, before["id"])
    after = (await api.get(path)).json()
    assert (after["state"], after["version"]) == ("active", before["version"] + 1)
    assert after["allowed_actions"] == ["suspend", "complete", "withdraw", "close", "merge"]
    last = (await api.get(f"{path}/history")).json()["items"][-1]
    assert last["changes"] == [{"field": "state", "from": state, "to": "active"}]


async def test_who_attends_again_stays_as_it_is(api: Api) -> None:
    path = await active(api)
    before = (await api.get(path)).json()
    await attend(api, before["id"])
    assert (await api.get(path)).json() == before


@pytest.mark.parametrize("state", ["ineligible", "dormant", "withdrawn"])
async def test_an_attendance_does_not_undo_what_was_decided(api: Api, state: str) -> None:
    path = await walk(api, WAYS[state])
    before = (await api.get(path)).json()
    await attend(api, before["id"])
    assert (await api.get(path)).json() == before


async def test_who_attended_while_dormant_is_active_when_resumed(api: Api) -> None:
    path = await walk(api, WAYS["dormant"])
    await attend(api, path.rpartition("/")[2])
    assert (await api.do(path, "resume"))["state"] == "active"


async def test_who_attended_while_ineligible_is_active_when_found_eligible(api: Api) -> None:
    path = await walk(api, WAYS["ineligible"])
    await attend(api, path.rpartition("/")[2])
    after = await api.do(path, "assess", {"eligible": True})
    assert (after["state"], after["reason"]) == ("active", None)


@pytest.mark.parametrize(
    ("verb", "body", "state"),
    [
        ("suspend", None, "dormant"),
        ("complete", None, "completed"),
        ("withdraw", REASON, "withdrawn"),
        ("close", REASON, "closed"),
    ],
)
async def test_from_active_a_verb_leads_on(api: Api, verb: str, body: Document | None, state: str) -> None:
    path = await active(api)
    assert (await api.do(path, verb, body))["state"] == state


@pytest.mark.parametrize(("verb", "body"), [("assess", {"eligible": True}), ("enrol", None), ("resume", None)])
async def test_from_active_other_verbs_are_refused(api: Api, verb: str, body: Document | None) -> None:
    path = await active(api)
    answer = await api.post(f"{path}/{verb}", **({"json": body} if body else {}))
    assert (code_of(answer), answer.json()["state"]) == ((409, "wrong-state"), "active")


async def test_what_is_completed_may_only_be_left(api: Api) -> None:
    path = await active(api)
    completed = await api.do(path, "complete")
    assert completed["allowed_actions"] == ["withdraw", "close", "merge"]
    assert code_of(await api.post(f"{path}/suspend")) == (409, "wrong-state")
