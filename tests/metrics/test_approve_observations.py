"""POST /v1/observations/approve: many at once."""

from typing import Any

import pytest

from tests import builders
from tests.conftest import Api

PATH = "/v1/observations/approve"


async def submitted(api: Api, enterprise_id: str, **changes: Any) -> dict[str, Any]:
    return await api.make("/v1/observations", builders.observation(enterprise_id, state="submitted", **changes))


async def state_of(api: Api, observation: dict[str, Any]) -> str:
    return str((await api.get(f"/v1/observations/{observation['id']}")).json()["state"])


async def approve(api: Api, body: dict[str, Any]) -> dict[str, Any]:
    answer = await api.post(PATH, json=body)
    assert answer.status_code == 202, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def test_ids_are_approved_when_the_answer_comes(api: Api, enterprise_id: str) -> None:
    waiting = [await submitted(api, enterprise_id, period=f"2012-0{n}") for n in range(1, 4)]
    told = await approve(api, {"ids": [one["id"] for one in waiting]})
    assert told == {"approved": 3, "superseded": 0, "skipped": [], "remaining": 0}
    assert [await state_of(api, one) for one in waiting] == ["approved"] * 3


async def test_asking_twice_skips_what_is_approved(api: Api, enterprise_id: str) -> None:
    one = await submitted(api, enterprise_id)
    await approve(api, {"ids": [one["id"]]})
    assert await approve(api, {"ids": [one["id"]]}) == {
        "approved": 0,
        "superseded": 0,
        "skipped": [one["id"]],
        "remaining": 0,
    }


async def test_of_two_versions_the_newer_is_approved(api: Api, enterprise_id: str) -> None:
    older = await submitted(api, enterprise_id)
    newer = await submitted(api, enterprise_id, numerator="40")
    told = await approve(api, {"ids": [newer["id"], older["id"]]})
    assert told == {"approved": 1, "superseded": 1, "skipped": [older["id"]], "remaining": 0}
    assert (await state_of(api, older), await state_of(api, newer)) == ("superseded", "approved")


async def test_a_filter_approves_what_it_lets_through(api: Api, enterprise_id: str) -> None:
    baseline = await submitted(api, enterprise_id, period="2012-02", point="baseline")
    final = await submitted(api, enterprise_id, period="2012-09", point="final")
    draft = await api.make(
        "/v1/observations", builders.observation(enterprise_id, period="2012-01", point="monthly", state="draft")
    )
    told = await approve(api, {"filter": {"enterprise_id": enterprise_id, "to": "2012-06"}})
    assert told == {"approved": 1, "superseded": 0, "skipped": [], "remaining": 0}
    assert [await state_of(api, one) for one in (baseline, final, draft)] == ["approved", "submitted", "draft"]


@pytest.mark.parametrize("points", [["baseline", "final"], "baseline,final"], ids=str)
async def test_a_filter_may_name_several_values(api: Api, enterprise_id: str, points: list[str] | str) -> None:
    for point in ("baseline", "monthly", "final"):
        await submitted(api, enterprise_id, point=point)
    told = await approve(api, {"filter": {"enterprise_id": [enterprise_id], "point": points}})
    assert told["approved"] == 2


async def test_approved_ones_are_told_of_one_by_one(api: Api, enterprise_id: str) -> None:
    one = await submitted(api, enterprise_id)
    await approve(api, {"ids": [one["id"]]})
    assert (await api.get(f"/v1/observations/{one['id']}")).json()["version"] == 2


@pytest.mark.parametrize(
    "body",
    [{}, {"ids": []}, {"filter": {}}, {"ids": ["01941f29-7c00-7000-8000-00000000dead"], "filter": {"point": "final"}}],
    ids=str,
)
async def test_it_must_be_said_which(api: Api, body: dict[str, Any]) -> None:
    refused = await api.post(PATH, json=body)
    assert (refused.status_code, refused.json()["code"]) == (422, "validation-failed")


async def test_an_unknown_id_approves_nothing(api: Api, enterprise_id: str) -> None:
    one = await submitted(api, enterprise_id)
    refused = await api.post(PATH, json={"ids": [one["id"], "01941f29-7c00-7000-8000-00000000dead"]})
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown-reference")
    assert refused.json()["errors"][0]["pointer"] == "/ids/1"
    assert await state_of(api, one) == "submitted"


@pytest.mark.parametrize(
    "wrong",
    [{"enterprise_id": "no-id"}, {"point": "midterm"}, {"buyer": "x"}, {"point": []}, {"point": [1]}, {"period": 2012}],
    ids=str,
)
async def test_a_filter_knows_its_fields(api: Api, wrong: dict[str, Any]) -> None:
    refused = await api.post(PATH, json={"filter": wrong})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == f"/filter/{next(iter(wrong))}"
