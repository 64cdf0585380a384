import pytest

from tests import builders
from tests.conftest import Api
from tests.training import scenes
from tests.training.scenes import pointers

CORE = {
    "M1": "Workplace cooperation: a foundation for business success",
    "M2": "Quality: managing continuous improvement",
    "M3": "Productivity through cleaner production",
    "M4": "Human resource management for cooperation and business success",
    "M5": "Safety and health at work: a platform for productivity",
}


async def test_the_core_modules_are_there_from_the_start(api: Api) -> None:
    found = (await api.get("/v1/modules?code=M1,M2,M3,M4,M5")).json()["items"]
    assert {module["code"]: module["title"] for module in found} == CORE
    assert {module["code"]: module["prerequisites"] for module in found}["M1"] == []
    assert all(module["prerequisites"] == ["M1"] for module in found if module["code"] != "M1")
    assert all(module["variants"] == [builders.variant()] for module in found)


async def test_a_new_module_is_answered_whole_and_found_by_its_code(api: Api) -> None:
    sent = builders.module()
    answer = await api.post("/v1/modules", json=sent)
    assert answer.status_code == 201
    assert {name: answer.json()[name] for name in sent} == sent
    assert answer.headers["ETag"] == '"1"'
    assert (await api.get(answer.headers["Location"])).json() == answer.json()
    assert (await api.get(f"/v1/modules?code={sent['code']}")).json()["items"] == [answer.json()]


async def test_a_taken_code_is_a_conflict_that_names_the_holder(api: Api) -> None:
    first = await api.make("/v1/modules", builders.module())
    answer = await api.post("/v1/modules", json=builders.module(code=first["code"]))
    assert (answer.status_code, answer.json()["code"]) == (409, "already-exists")
    assert answer.headers["Location"] == f"/v1/modules/{first['id']}"


async def test_a_prerequisite_must_be_a_module(api: Api) -> None:
    answer = await api.post("/v1/modules", json=builders.module(prerequisites=["M1", "M-none"]))
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown-reference")
    assert pointers(answer) == ["/prerequisites/1"]


@pytest.mark.parametrize(
    ("variants", "place"),
    [
        ([builders.variant(group_min=6)], "/variants/0"),
        ([builders.variant(weeks=-1)], "/variants/0/weeks"),
        ([builders.variant(), builders.variant()], "/variants"),
        ([{"code": "standard"}], "/variants/0/classroom_days"),
    ],
)
async def test_a_variant_that_makes_no_sense_is_refused(
    api: Api, variants: list[dict[str, object]], place: str
) -> None:
    answer = await api.post("/v1/modules", json=builders.module(variants=variants))
    assert answer.status_code == 422
    assert place in pointers(answer)


async def test_a_module_is_changed_but_for_its_code(api: Api) -> None:
    module = await api.make("/v1/modules", builders.module())
    path, match = f"/v1/modules/{module['id']}", {"If-Match": '"1"'}
    answer = await api.patch(path, json={"code": "Other"}, headers=match)
    assert (answer.status_code, pointers(answer)) == (422, ["/code"])
    answer = await api.patch(path, json={"title": "Leaner"}, headers=match)
    assert (answer.status_code, answer.json()["title"], answer.headers["ETag"]) == (200, "Leaner", '"2"')
    assert (await api.patch(path, json={"title": "Leanest"}, headers=match)).status_code == 412


async def test_a_variant_by_which_a_cycle_is_given_stays(api: Api) -> None:
    module = await api.make(
        "/v1/modules", builders.module(variants=[builders.variant(), builders.variant(code="short")])
    )
    await scenes.cycle(api, module=module["code"], variant="short")
    path, match = f"/v1/modules/{module['id']}", {"If-Match": '"1"'}
    answer = await api.patch(path, json={"variants": [builders.variant()]}, headers=match)
    assert (answer.status_code, pointers(answer)) == (422, ["/variants"])
    kept = [builders.variant(code="short", weeks=6)]
    assert (await api.patch(path, json={"variants": kept}, headers=match)).json()["variants"] == kept


async def test_modules_are_found_by_a_prerequisite(api: Api) -> None:
    first = await api.make("/v1/modules", builders.module(prerequisites=[]))
    second = await api.make("/v1/modules", builders.module(prerequisites=[first["code"]]))
    assert (await api.get(f"/v1/modules?prerequisite={first['code']}")).json()["items"] == [second]
