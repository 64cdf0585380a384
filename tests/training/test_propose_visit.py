import pytest

from tests import builders
from tests.conftest import Api
from tests.training import scenes
from tests.training.scenes import pointers

STRANGER = "01900000-0000-7000-8000-000000000000"


async def test_a_visit_is_proposed(api: Api) -> None:
    cycle = await scenes.cycle(api)
    sent = builders.visit(cycle["id"], scenes.first_enterprise(cycle), trainer_id=await scenes.trainer(api))
    visit = await api.make("/v1/visits", sent)
    assert {name: visit[name] for name in sent} == sent
    assert (visit["state"], visit["done_on"], visit["report"]) == ("proposed", None, None)
    assert visit["allowed_actions"] == ["confirm", "done", "cancel"]


async def test_a_visit_with_a_day_on_which_it_was_done_is_done(api: Api) -> None:
    visit = await scenes.visit(api, planned_on=None, done_on="2012-04-03", report="Two lines are faster now.")
    assert (visit["state"], visit["done_on"], visit["report"]) == ("done", "2012-04-03", "Two lines are faster now.")


async def test_a_number_is_taken_once_in_an_enterprise_of_a_cycle(api: Api) -> None:
    cycle = await scenes.cycle(api, 2)
    here, there = (one["enterprise_id"] for one in cycle["enterprises"])
    first = await api.make("/v1/visits", builders.visit(cycle["id"], here))
    again = await api.post("/v1/visits", json=builders.visit(cycle["id"], here, planned_on="2012-05-05"))
    assert (again.status_code, again.json()["code"]) == (409, "already-exists")
    assert again.headers["Location"] == f"/v1/visits/{first['id']}"
    await api.make("/v1/visits", builders.visit(cycle["id"], here, sequence=2))
    await api.make("/v1/visits", builders.visit(cycle["id"], there))


@pytest.mark.parametrize("name", ["cycle_id", "enterprise_id", "trainer_id"])
async def test_what_a_visit_refers_to_must_be_known(api: Api, name: str) -> None:
    cycle = await scenes.cycle(api)
    sent = builders.visit(cycle["id"], scenes.first_enterprise(cycle)) | {name: STRANGER}
    answer = await api.post("/v1/visits", json=sent)
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown-reference")
    assert pointers(answer) == [f"/{name}"]


async def test_the_enterprise_must_be_in_the_cycle(api: Api) -> None:
    cycle, (outsider,) = await scenes.cycle(api), await scenes.enterprises(api)
    answer = await api.post("/v1/visits", json=builders.visit(cycle["id"], outsider))
    assert (answer.status_code, pointers(answer)) == (422, ["/enterprise_id"])


@pytest.mark.parametrize("sequence", [0, -1, 1.5, "1", None])
async def test_visits_are_counted_from_one(api: Api, sequence: object) -> None:
    answer = await api.post("/v1/visits", json=builders.visit(STRANGER, STRANGER, sequence=sequence))
    assert (answer.status_code, pointers(answer)) == (422, ["/sequence"])


async def test_a_cancelled_cycle_takes_none(api: Api) -> None:
    cycle = await scenes.cycle(api)
    visit = await api.make("/v1/visits", builders.visit(cycle["id"], scenes.first_enterprise(cycle)))
    await api.do(f"/v1/cycles/{cycle['id']}", "cancel")
    answer = await api.post("/v1/visits", json=builders.visit(cycle["id"], scenes.first_enterprise(cycle), sequence=2))
    assert (answer.status_code, answer.json()["code"]) == (409, "cycle-cancelled")
    answer = await api.post(f"/v1/visits/{visit['id']}/done", json={"done_on": "2012-04-03"})
    assert (answer.status_code, answer.json()["code"]) == (409, "cycle-cancelled")
