"""Surveys, their responses and what came of them."""

from typing import Any
from uuid import UUID

import pytest

from tests import builders
from tests.conftest import Api

NOBODY = "01941f29-7c00-7000-8000-00000000dead"


@pytest.fixture
async def path(api: Api) -> str:
    """Of a survey with an item for all, one for managers and one for workers."""
    return f"/v1/surveys/{(await api.make('/v1/surveys', builders.survey()))['id']}"


async def test_a_taken_code_is_a_conflict_that_names_the_holder(api: Api) -> None:
    first = await api.make("/v1/surveys", builders.survey())
    again = await api.post("/v1/surveys", json=builders.survey(code=first["code"]))
    assert (again.status_code, again.json()["code"]) == (409, "already-exists")
    assert again.headers["Location"] == f"/v1/surveys/{first['id']}"


def item(**changes: Any) -> dict[str, Any]:
    return {"code": "one", "text": "One", "scale": "yes_no", "about": ["worker"]} | changes


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"items": []}, "/items"),
        ({"items": [item(), item()]}, "/items"),
        ({"items": [item(code="a.b")]}, "/items/0/code"),
        ({"items": [item(scale="ten_point")]}, "/items/0/scale"),
        ({"items": [item(about=[])]}, "/items/0/about"),
        ({"items": [item(about=["owner"])]}, "/items/0/about/0"),
        ({"country": "ZZ"}, "/country"),
        ({"conducted_on": "2012-02-30"}, "/conducted_on"),
    ],
    ids=str,
)
async def test_what_is_wrong_with_a_survey_is_named(api: Api, change: dict[str, Any], pointer: str) -> None:
    refused = await api.post("/v1/surveys", json=builders.survey(**change))
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer)


@pytest.mark.parametrize("field", ["partnership_id", "phase_id"])
async def test_a_scope_that_is_not_there_is_named(api: Api, field: str) -> None:
    refused = await api.post("/v1/surveys", json=builders.survey(**{field: NOBODY}))
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown-reference")
    assert refused.json()["errors"][0]["pointer"] == f"/{field}"


async def test_items_may_change_until_there_is_a_response(api: Api, enterprise_id: str, path: str) -> None:
    items = (await api.get(path)).json()["items"]
    longer = [*items, item(code="new")]
    assert (await api.patch(path, json={"items": longer}, headers={"If-Match": '"1"'})).status_code == 200
    await api.make(f"{path}/responses", builders.response(enterprise_id))
    refused = await api.patch(path, json={"items": items}, headers={"If-Match": '"2"'})
    assert (refused.status_code, refused.json()["code"]) == (409, "survey-answered")
    renamed = await api.patch(path, json={"title": "Interviews at the end"}, headers={"If-Match": '"2"'})
    assert renamed.status_code == 200


async def test_surveys_are_found_by_day_and_code(api: Api) -> None:
    made = await api.make("/v1/surveys", builders.survey(conducted_on="1987-06-05", country="PE"))
    for filters in ({"code": made["code"]}, {"from": "1987-06-05", "to": "1987-06-05", "country": "PE"}):
        found = (await api.get("/v1/surveys", params=filters)).json()["items"]
        assert made["id"] in [survey["id"] for survey in found]
    late = (await api.get("/v1/surveys", params={"code": made["code"], "from": "1987-06-06"})).json()
    assert late["items"] == []


# --- responses -------------------------------------------------------------------------------------------------


async def test_a_response_tells_the_day_only_and_never_its_slip(api: Api, enterprise_id: str, path: str) -> None:
    sent = builders.response(enterprise_id, answers={"relations": True, "efficiency": None})
    answer = await api.post(f"{path}/responses", json=sent)
    made = answer.json()
    assert answer.status_code == 201, answer.text
    assert UUID(made["id"]).version == 4
    assert made["created_at"] == made["updated_at"]
    assert made["created_at"].endswith("T00:00:00.000000Z")
    assert made["answers"] == {"relations": True}
    assert "reference" not in made
    assert answer.headers["Location"] == f"{path}/responses/{made['id']}"
    assert (await api.get(answer.headers["Location"])).json() == made


async def test_a_response_belongs_to_its_survey(api: Api, enterprise_id: str, path: str) -> None:
    made = await api.make(f"{path}/responses", builders.response(enterprise_id))
    other = await api.make("/v1/surveys", builders.survey())
    assert (await api.get(f"/v1/surveys/{other['id']}/responses/{made['id']}")).status_code == 404


async def test_a_slip_is_recorded_once_and_nothing_tells_which_response_is_its_own(
    api: Api, enterprise_id: str, path: str
) -> None:
    sent = builders.response(enterprise_id)
    await api.make(f"{path}/responses", sent)
    again = await api.post(f"{path}/responses", json=sent)
    assert (again.status_code, again.json()["code"]) == (409, "already-exists")
    assert again.headers["Location"] == f"{path}/responses"
    other = await api.make("/v1/surveys", builders.survey())
    assert (await api.post(f"/v1/surveys/{other['id']}/responses", json=sent)).status_code == 201


async def test_interviews_without_a_slip_are_each_their_own(api: Api, enterprise_id: str, path: str) -> None:
    for _ in range(2):
        await api.make(f"{path}/responses", builders.response(enterprise_id, reference=None))
    assert len((await api.get(f"{path}/responses")).json()["items"]) == 2


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"answers": {"weather": True}}, "/answers/weather", "unknown_item"),
        ({"answers": {"costs": True}}, "/answers/costs", "not_asked"),
        ({"category": "manager", "answers": {"efficiency": 4}}, "/answers/efficiency", "not_asked"),
        ({"answers": {"relations": "yes"}}, "/answers/relations", "wrong_answer"),
        ({"answers": {"relations": 1}}, "/answers/relations", "wrong_answer"),
        ({"answers": {"efficiency": 0}}, "/answers/efficiency", "wrong_answer"),
        ({"answers": {"efficiency": 6}}, "/answers/efficiency", "wrong_answer"),
        ({"answers": {"efficiency": True}}, "/answers/efficiency", "wrong_answer"),
        ({"answers": {"efficiency": "4"}}, "/answers/efficiency", "wrong_answer"),
        ({"answers": {"efficiency": 4.5}}, "/answers/efficiency", "wrong_answer"),
        ({"category": "owner"}, "/category", "not_one_of"),
        ({"sex": "f"}, "/sex", "not_one_of"),
        ({"name": "Li Wei"}, "/name", "extra_forbidden"),
    ],
    ids=str,
)
async def test_answers_that_do_not_fit_are_named(
    api: Api, enterprise_id: str, path: str, change: dict[str, Any], pointer: str, code: str
) -> None:
    refused = await api.post(f"{path}/responses", json=builders.response(enterprise_id, **change))
    assert refused.status_code == 422, refused.text
    assert [(place["pointer"], place["code"]) for place in refused.json()["errors"]] == [(pointer, code)]


async def test_responses_to_nothing_are_not_found(api: Api, enterprise_id: str) -> None:
    for suffix in ("responses", "results", f"responses/{NOBODY}"):
        assert (await api.get(f"/v1/surveys/{NOBODY}/{suffix}")).status_code == 404
    assert (await api.post(f"/v1/surveys/{NOBODY}/responses", json=builders.response(enterprise_id))).status_code == 404


async def test_responses_are_listed_by_enterprise_and_category(api: Api, enterprise_id: str, path: str) -> None:
    await api.make(f"{path}/responses", builders.response(enterprise_id))
    manager = builders.response(enterprise_id, category="manager", sex=None, answers={"costs": False})
    await api.make(f"{path}/responses", manager)
    listed = (await api.get(f"{path}/responses", params={"category": "manager"})).json()["items"]
    assert [one["answers"] for one in listed] == [{"costs": False}]
    listed = (await api.get(f"{path}/responses", params={"enterprise_id": NOBODY})).json()["items"]
    assert listed == []


async def test_the_order_of_a_list_is_not_the_order_of_recording(api: Api, enterprise_id: str, path: str) -> None:
    made = [(await api.make(f"{path}/responses", builders.response(enterprise_id)))["id"] for _ in range(12)]
    listed = [one["id"] for one in (await api.get(f"{path}/responses")).json()["items"]]
    assert sorted(made) == listed
    assert made != listed  # fails by chance once in 479,001,600 runs


# --- results ---------------------------------------------------------------------------------------------------


async def answered(api: Api, path: str, enterprise_id: str, category: str, answers: dict[str, Any]) -> None:
    await api.make(f"{path}/responses", builders.response(enterprise_id, category=category, answers=answers))


async def test_results_count_agreement_among_those_who_answered(api: Api, enterprise_id: str, path: str) -> None:
    for efficiency in (1, 3, 4, 5, 5, None):
        await answered(api, path, enterprise_id, "worker", {"relations": True, "efficiency": efficiency})
    await answered(api, path, enterprise_id, "worker", {"relations": False})
    await answered(api, path, enterprise_id, "manager", {"relations": True})
    answer = await api.get(f"{path}/results")
    assert answer.json() == {
        "survey_id": path.rpartition("/")[2],
        "category": None,
        "items": [
            result("relations", "Better relations", 8, 7, 88, "7/8"),
            result("costs", "Lower costs", 0, 0, None, None),
            result("efficiency", "More efficient", 5, 3, 60, "3/5"),
        ],
    }
    of_managers = (await api.get(f"{path}/results", params={"category": "manager"})).json()
    assert of_managers["category"] == "manager"
    assert of_managers["items"][0] == result("relations", "Better relations", 1, 1, 100, "1/1")
    of_workers = (await api.get(f"{path}/results", params={"category": "worker"})).json()
    assert of_workers["items"][0] == result("relations", "Better relations", 7, 6, 86, "6/7")


def result(code: str, text: str, answered: int, agree: int, share: int | None, exact: str | None) -> dict[str, Any]:
    return {
        "code": code,
        "text": text,
        "answered": answered,
        "agree": agree,
        "share": share,
        "exact": {"share": exact},
        "suppressed": False,
    }


async def test_nobody_agreeing_is_a_share_of_nothing(api: Api, enterprise_id: str, path: str) -> None:
    await answered(api, path, enterprise_id, "worker", {"relations": False})
    assert (await api.get(f"{path}/results")).json()["items"][0] == result(
        "relations", "Better relations", 1, 0, 0, "0/1"
    )


async def test_an_unknown_category_is_refused(api: Api, path: str) -> None:
    refused = await api.get(f"{path}/results", params={"category": "owner"})
    assert (refused.status_code, refused.json()["errors"][0]["parameter"]) == (422, "category")
