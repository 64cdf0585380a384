from typing import Any

from tests import builders
from tests.conftest import Api
from tests.training import scenes
from tests.training.scenes import pointers


async def confirmed(api: Api, **changes: Any) -> dict[str, Any]:
    return await scenes.cycle_in(api, "confirmed", **changes)


async def test_m1_wants_the_baseline_day_of_each_enterprise(api: Api) -> None:
    cycle = await confirmed(api)
    path = f"/v1/cycles/{cycle['id']}"
    ids = [one["enterprise_id"] for one in cycle["enterprises"]]
    without = [{"enterprise_id": ids[0], "baseline_on": "2012-02-15"}, *({"enterprise_id": id} for id in ids[1:])]
    await api.patch(path, json={"enterprises": without}, headers={"If-Match": f'"{cycle["version"]}"'})

    answer = await api.post(f"{path}/start")
    assert (answer.status_code, answer.json()["code"]) == (409, "baseline-missing")
    assert pointers(answer) == [f"/enterprises/{n}/baseline_on" for n in (1, 2, 3)]
    assert all(id in place["detail"] for id, place in zip(ids[1:], answer.json()["errors"], strict=True))

    version = (await api.get(path)).headers["ETag"]
    await api.patch(path, json={"enterprises": cycle["enterprises"]}, headers={"If-Match": version})
    assert (await api.do(path, "start"))["state"] == "in_classroom"


async def test_another_module_wants_an_attendance_of_m1_from_each_enterprise(api: Api) -> None:
    cycle = await confirmed(api, module="M2")
    path = f"/v1/cycles/{cycle['id']}"
    ids = [one["enterprise_id"] for one in cycle["enterprises"]]
    earlier = await api.make("/v1/cycles", builders.cycle(ids))
    for id in ids[:3]:
        await scenes.attend(api, earlier, id)
    # an attendance of the module itself is none of M1
    await scenes.attend(api, cycle, ids[3])

    answer = await api.post(f"{path}/start")
    assert (answer.status_code, answer.json()["code"]) == (409, "prerequisite-missing")
    assert pointers(answer) == ["/enterprises/3/enterprise_id"]
    assert ids[3] in answer.json()["errors"][0]["detail"]

    await scenes.attend(api, earlier, ids[3])
    assert (await api.do(path, "start"))["state"] == "in_classroom"


async def test_another_module_needs_no_baseline_day(api: Api) -> None:
    ids = await scenes.enterprises(api, 4)
    earlier = await api.make("/v1/cycles", builders.cycle(ids))
    for id in ids:
        await scenes.attend(api, earlier, id)
    bare = [{"enterprise_id": id} for id in ids]
    cycle = await api.make("/v1/cycles", builders.cycle([], module="M3", enterprises=bare))
    for verb in ("plan", "open", "confirm", "start"):
        cycle = await api.do(f"/v1/cycles/{cycle['id']}", verb)
    assert cycle["state"] == "in_classroom"
