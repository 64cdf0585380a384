import pytest

from tests.conftest import Api
from tests.training import scenes
from tests.training.scenes import pointers

FIRST = {"If-Match": '"1"'}


async def test_day_trainer_and_report_can_be_changed(api: Api) -> None:
    visit = await scenes.visit(api)
    patch = {"planned_on": None, "trainer_id": await scenes.trainer(api), "report": "So far so good."}
    answer = await api.patch(f"/v1/visits/{visit['id']}", json=patch, headers=FIRST)
    assert answer.status_code == 200
    assert {name: answer.json()[name] for name in patch} == patch


@pytest.mark.parametrize(
    "patch",
    [
        {"sequence": 2},
        {"cycle_id": "01900000-0000-7000-8000-000000000000"},
        {"enterprise_id": "01900000-0000-7000-8000-000000000000"},
    ],
)
async def test_what_names_the_visit_stays(api: Api, patch: dict[str, object]) -> None:
    visit = await scenes.visit(api)
    answer = await api.patch(f"/v1/visits/{visit['id']}", json=patch, headers=FIRST)
    assert (answer.status_code, pointers(answer)) == (422, [f"/{next(iter(patch))}"])


async def test_that_it_took_place_is_said_by_the_verb_and_its_day_may_be_corrected(api: Api) -> None:
    visit = await scenes.visit(api)
    path = f"/v1/visits/{visit['id']}"
    answer = await api.patch(path, json={"done_on": "2012-04-03"}, headers=FIRST)
    assert (answer.status_code, pointers(answer)) == (422, ["/done_on"])
    await api.do(path, "done", {"done_on": "2012-04-03"})
    answer = await api.patch(path, json={"done_on": None}, headers={"If-Match": '"2"'})
    assert (answer.status_code, pointers(answer)) == (422, ["/done_on"])
    answer = await api.patch(path, json={"done_on": "2012-04-04"}, headers={"If-Match": '"2"'})
    assert (answer.status_code, answer.json()["done_on"], answer.json()["state"]) == (200, "2012-04-04", "done")


async def test_a_reported_visit_stays_until_it_is_returned(api: Api) -> None:
    visit = await scenes.visit(api, done_on="2012-04-03")
    path = f"/v1/visits/{visit['id']}"
    await api.do(path, "report", {"report": "Done."})
    answer = await api.patch(path, json={"report": "Changed."}, headers={"If-Match": '"2"'})
    assert (answer.status_code, answer.json()["code"]) == (409, "wrong-state")
    await api.do(path, "return")
    assert (await api.patch(path, json={"report": "Changed."}, headers={"If-Match": '"3"'})).status_code == 200
