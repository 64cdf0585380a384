import pytest

from tests import builders
from tests.conftest import Api
from tests.training import scenes
from tests.training.scenes import pointers


async def test_a_patch_merges_and_null_removes(api: Api) -> None:
    cycle = await scenes.cycle(api, 2, provider_id=await scenes.organisation(api))
    path = f"/v1/cycles/{cycle['id']}"
    answer = await api.patch(
        path,
        json={"country": "VN", "provider_id": None, "classroom": [{"date": "2012-05-01", "venue": "Hanoi"}]},
        headers={"If-Match": '"1"', "Content-Type": "application/merge-patch+json"},
    )
    assert answer.status_code == 200, answer.text
    changed = {"country": "VN", "provider_id": None, "classroom": [{"date": "2012-05-01", "venue": "Hanoi"}]}
    meanwhile = {name: answer.json()[name] for name in ("version", "updated_at")}
    assert answer.json() == cycle | changed | meanwhile
    assert (await api.get(path)).headers["ETag"] == '"2"'


async def test_the_version_must_be_said_and_be_the_present_one(api: Api) -> None:
    cycle = await scenes.cycle(api)
    path = f"/v1/cycles/{cycle['id']}"
    assert (await api.patch(path, json={"country": "VN"})).status_code == 428
    assert (await api.patch(path, json={"country": "VN"}, headers={"If-Match": '"2"'})).status_code == 412


async def test_the_result_is_checked_as_a_whole(api: Api) -> None:
    cycle = await scenes.cycle(api, phase_id=await scenes.phase(api))
    path, match = f"/v1/cycles/{cycle['id']}", {"If-Match": '"1"'}
    answer = await api.patch(path, json={"classroom": [{"date": "2030-01-01"}]}, headers=match)
    assert (answer.status_code, pointers(answer)) == (422, ["/classroom/0/date"])
    answer = await api.patch(path, json={"module": None}, headers=match)
    assert (answer.status_code, pointers(answer)) == (422, ["/module"])
    answer = await api.patch(path, json={"variant": "weekend"}, headers=match)
    assert (answer.status_code, pointers(answer)) == (422, ["/variant"])


@pytest.mark.parametrize("state", ["planned", "open", "confirmed"])
async def test_a_cycle_can_be_changed_until_it_starts(api: Api, state: str) -> None:
    cycle = await scenes.cycle_in(api, state)
    match = {"If-Match": f'"{cycle["version"]}"'}
    answer = await api.patch(f"/v1/cycles/{cycle['id']}", json={"country": "VN"}, headers=match)
    assert (answer.status_code, answer.json()["state"]) == (200, state)


@pytest.mark.parametrize("state", ["in_classroom", "closed", "cancelled"])
async def test_a_cycle_that_has_started_or_was_cancelled_stays(api: Api, state: str) -> None:
    cycle = await scenes.cycle_in(api, state)
    match = {"If-Match": f'"{cycle["version"]}"'}
    answer = await api.patch(f"/v1/cycles/{cycle['id']}", json={"country": "VN"}, headers=match)
    assert (answer.status_code, answer.json()["code"]) == (409, "wrong-state")
    assert answer.json()["allowed_actions"] == cycle["allowed_actions"]


async def test_enterprises_and_days_with_records_stay(api: Api) -> None:
    cycle = await scenes.cycle(api, 3)
    first, second, third = (one["enterprise_id"] for one in cycle["enterprises"])
    await scenes.attend(api, cycle, first)
    await api.make("/v1/visits", builders.visit(cycle["id"], second))
    path, match = f"/v1/cycles/{cycle['id']}", {"If-Match": '"1"'}
    for kept in ([second, third], [first, third]):
        patch = {"enterprises": [{"enterprise_id": id} for id in kept]}
        answer = await api.patch(path, json=patch, headers=match)
        assert (answer.status_code, pointers(answer)) == (422, ["/enterprises"])
    answer = await api.patch(path, json={"classroom": [{"date": "2012-03-06"}]}, headers=match)
    assert (answer.status_code, pointers(answer)) == (422, ["/classroom"])
    patch = {"enterprises": [{"enterprise_id": id} for id in (first, second)], "classroom": [{"date": "2012-03-05"}]}
    assert (await api.patch(path, json=patch, headers=match)).status_code == 200
