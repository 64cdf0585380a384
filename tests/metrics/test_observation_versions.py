"""The same again is the one there, other content is a new version; only one approved version counts."""

import asyncio
from typing import Any

import httpx
import pytest

from tests import builders
from tests.conftest import Api


async def record(api: Api, enterprise_id: str, **changes: Any) -> httpx.Response:
    return await api.post("/v1/observations", json=builders.observation(enterprise_id, **changes))


async def states(api: Api, id: str) -> dict[int, str]:
    """State by revision."""
    versions = (await api.get(f"/v1/observations/{id}/versions")).json()["items"]
    return {version["revision"]: version["state"] for version in versions}


@pytest.mark.parametrize("same", [{}, {"numerator": "50.0"}, {"numerator": 50}, {"production_unit": None}], ids=str)
async def test_the_same_content_is_the_one_there(api: Api, enterprise_id: str, same: dict[str, Any]) -> None:
    first = await record(api, enterprise_id)
    again = await record(api, enterprise_id, **same)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert again.headers["ETag"] == '"1"'


@pytest.mark.parametrize(
    "other",
    [{"numerator": "51"}, {"denominator": None}, {"production_unit": "sock"}, {"source": "trainer"}],
    ids=str,
)
async def test_other_content_is_a_new_version(api: Api, enterprise_id: str, other: dict[str, Any]) -> None:
    first = (await record(api, enterprise_id)).json()
    second = await record(api, enterprise_id, state="submitted", **other)
    assert second.status_code == 201
    assert second.json()["revision"] == 2
    assert second.json()["id"] != first["id"]
    assert second.headers["Location"].endswith(second.json()["id"])


@pytest.mark.parametrize("key", [{"period": "2012-03"}, {"point": "final"}, {"indicator": "KPI12", "unit": "orders"}])
async def test_another_key_is_another_observation(api: Api, enterprise_id: str, key: dict[str, Any]) -> None:
    await record(api, enterprise_id)
    other = await record(api, enterprise_id, **key)
    assert (other.status_code, other.json()["revision"]) == (201, 1)


async def test_the_older_approved_version_counts_until_the_newer_is_approved(api: Api, enterprise_id: str) -> None:
    first = (await record(api, enterprise_id)).json()
    second = (await record(api, enterprise_id, numerator="40", state="submitted")).json()
    assert await states(api, first["id"]) == {1: "approved", 2: "submitted"}
    await api.do(f"/v1/observations/{second['id']}", "approve")
    assert await states(api, first["id"]) == {1: "superseded", 2: "approved"}


async def test_a_version_sent_as_approved_supersedes_all_before_it(api: Api, enterprise_id: str) -> None:
    first = (await record(api, enterprise_id)).json()
    await record(api, enterprise_id, numerator="40", state="submitted")
    await record(api, enterprise_id, numerator="30", state="draft")
    await record(api, enterprise_id, numerator="20", state="approved")
    assert await states(api, first["id"]) == {1: "superseded", 2: "superseded", 3: "superseded", 4: "approved"}


async def test_approving_an_older_version_leaves_the_newer_waiting(api: Api, enterprise_id: str) -> None:
    first = (await record(api, enterprise_id, state="submitted")).json()
    second = (await record(api, enterprise_id, numerator="40", state="submitted")).json()
    await api.do(f"/v1/observations/{first['id']}", "approve")
    assert await states(api, first["id"]) == {1: "approved", 2: "submitted"}
    await api.do(f"/v1/observations/{second['id']}", "approve")
    assert await states(api, first["id"]) == {1: "superseded", 2: "approved"}


async def test_content_of_a_former_version_is_new_content(api: Api, enterprise_id: str) -> None:
    await record(api, enterprise_id)
    await record(api, enterprise_id, numerator="40")
    third = await record(api, enterprise_id)
    assert (third.status_code, third.json()["revision"]) == (201, 3)


@pytest.mark.parametrize(
    ("there", "sent", "then"),
    [
        ("draft", "draft", "draft"),
        ("draft", "submitted", "submitted"),
        ("draft", "approved", "approved"),
        ("submitted", "draft", "submitted"),
        ("submitted", "submitted", "submitted"),
        ("submitted", "approved", "approved"),
        ("approved", "draft", "approved"),
        ("approved", "submitted", "approved"),
        ("approved", "approved", "approved"),
    ],
)
async def test_the_same_content_sent_with_a_state_further_on_moves_there(
    api: Api, enterprise_id: str, there: str, sent: str, then: str
) -> None:
    first = (await record(api, enterprise_id, state=there)).json()
    again = await record(api, enterprise_id, state=sent)
    assert (again.status_code, again.json()["id"], again.json()["state"]) == (200, first["id"], then)


async def test_what_was_returned_is_not_handed_in_again_by_sending_the_same(api: Api, enterprise_id: str) -> None:
    first = (await record(api, enterprise_id, state="submitted")).json()
    await api.do(f"/v1/observations/{first['id']}", "return", {"reason": "Whole year, not February"})
    assert (await record(api, enterprise_id, state="submitted")).json()["state"] == "returned"
    assert (await record(api, enterprise_id, state="approved")).json()["state"] == "approved"


async def test_twenty_writers_of_different_figures_make_twenty_versions(api: Api, enterprise_id: str) -> None:
    answers = await asyncio.gather(*(record(api, enterprise_id, numerator=str(n)) for n in range(20)))
    made = [answer.json() for answer in answers if answer.status_code == 201]
    assert {answer.status_code for answer in answers} <= {201, 409}
    known = await states(api, made[0]["id"])
    assert sorted(known) == list(range(1, len(made) + 1))
    assert list(known.values()).count("approved") == 1
    assert known[len(made)] == "approved"


async def test_an_external_ref_is_used_once(api: Api, enterprise_id: str) -> None:
    ref = builders.unique("obs")
    first = (await record(api, enterprise_id, external_ref=ref)).json()
    assert (await record(api, enterprise_id, external_ref=ref)).status_code == 200
    taken = await record(api, enterprise_id, external_ref=ref, numerator="40")
    assert (taken.status_code, taken.json()["code"]) == (409, "already-exists")
    assert taken.headers["Location"] == f"/v1/observations/{first['id']}"
    found = (await api.get("/v1/observations", params={"external_ref": ref})).json()["items"]
    assert [item["id"] for item in found] == [first["id"]]


async def test_versions_of_nothing_are_not_found(api: Api) -> None:
    assert (await api.get("/v1/observations/01941f29-7c00-7000-8000-00000000dead/versions")).status_code == 404
