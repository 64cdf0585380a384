"""Every verb in every state, and amending."""

from typing import Any

import pytest

from tests import builders
from tests.conftest import Api

STATES = ("draft", "submitted", "approved", "returned", "superseded")
REASON = {"reason": "The denominator is missing"}


async def in_state(api: Api, enterprise_id: str, state: str) -> dict[str, Any]:
    sent = {"returned": "submitted", "superseded": "approved"}.get(state, state)
    made = await api.make("/v1/observations", builders.observation(enterprise_id, state=sent))
    path = f"/v1/observations/{made['id']}"
    if state == "returned":
        return await api.do(path, "return", REASON)
    if state == "superseded":
        await api.make("/v1/observations", builders.observation(enterprise_id, numerator="1"))
    found: dict[str, Any] = (await api.get(path)).json()
    return found


POSSIBLE = {
    ("draft", "submit"): "submitted",
    ("returned", "submit"): "submitted",
    ("submitted", "approve"): "approved",
    ("submitted", "return"): "returned",
}


@pytest.mark.parametrize("verb", ["submit", "approve", "return"])
@pytest.mark.parametrize("state", STATES)
async def test_a_verb_works_where_it_makes_sense_and_nowhere_else(
    api: Api, enterprise_id: str, state: str, verb: str
) -> None:
    present = await in_state(api, enterprise_id, state)
    assert present["state"] == state
    body = {"json": REASON} if verb == "return" else {}
    answer = await api.post(f"/v1/observations/{present['id']}/{verb}", **body)
    if (target := POSSIBLE.get((state, verb))) is None:
        assert (answer.status_code, answer.json()["code"]) == (409, "wrong-state")
        assert answer.json()["allowed_actions"] == present["allowed_actions"]
        assert state in answer.json()["detail"]
    else:
        assert verb in present["allowed_actions"]
        assert (answer.status_code, answer.json()["state"]) == (200, target)
        assert answer.json()["version"] == present["version"] + 1


@pytest.mark.parametrize("state", STATES)
async def test_only_what_nobody_has_decided_on_may_be_amended(api: Api, enterprise_id: str, state: str) -> None:
    present = await in_state(api, enterprise_id, state)
    answer = await api.patch(
        f"/v1/observations/{present['id']}",
        json={"numerator": "49.5"},
        headers={"If-Match": f'"{present["version"]}"'},
    )
    if state in ("draft", "submitted"):
        assert (answer.status_code, answer.json()["numerator"]) == (200, "49.5")
        assert answer.json()["revision"] == present["revision"]
    else:
        assert (answer.status_code, answer.json()["code"]) == (409, "wrong-state")


async def test_the_reason_of_a_return_is_kept_until_it_is_handed_in_again(api: Api, enterprise_id: str) -> None:
    returned = await in_state(api, enterprise_id, "returned")
    assert returned["reason"] == REASON["reason"]
    assert (await api.do(f"/v1/observations/{returned['id']}", "submit"))["reason"] is None


async def test_a_return_without_a_reason_is_refused(api: Api, enterprise_id: str) -> None:
    present = await in_state(api, enterprise_id, "submitted")
    refused = await api.post(f"/v1/observations/{present['id']}/return", json={})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/reason")


async def test_a_verb_honours_if_match(api: Api, enterprise_id: str) -> None:
    present = await in_state(api, enterprise_id, "submitted")
    path = f"/v1/observations/{present['id']}/approve"
    assert (await api.post(path, headers={"If-Match": '"7"'})).status_code == 412
    assert (await api.post(path, headers={"If-Match": '"1"'})).status_code == 200


@pytest.mark.parametrize(("headers", "status"), [({}, 428), ({"If-Match": '"9"'}, 412), ({"If-Match": "1"}, 400)])
async def test_an_amendment_says_what_it_amends(
    api: Api, enterprise_id: str, headers: dict[str, str], status: int
) -> None:
    present = await in_state(api, enterprise_id, "draft")
    answer = await api.patch(f"/v1/observations/{present['id']}", json={"numerator": "1"}, headers=headers)
    assert answer.status_code == status


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"period": "2012-03"}, "/period"),
        ({"point": "final"}, "/point"),
        ({"indicator": "KPI12"}, "/indicator"),
        ({"state": "approved"}, "/state"),
        ({"revision": 3}, "/revision"),
        ({"numerator": None}, "/numerator"),
        ({"numerator": "-1"}, "/numerator"),
    ],
    ids=str,
)
async def test_an_amendment_can_not_change_what_it_is(
    api: Api, enterprise_id: str, change: dict[str, Any], pointer: str
) -> None:
    present = await in_state(api, enterprise_id, "draft")
    path = f"/v1/observations/{present['id']}"
    refused = await api.patch(path, json=change, headers={"If-Match": '"1"'})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer)
    assert (await api.get(path)).json() == present


async def test_an_amendment_may_take_the_denominator_away(api: Api, enterprise_id: str) -> None:
    present = await in_state(api, enterprise_id, "draft")
    path = f"/v1/observations/{present['id']}"
    amended = await api.patch(path, json={"denominator": None}, headers={"If-Match": '"1"'})
    assert (amended.status_code, amended.json()["denominator"]) == (200, None)
