from typing import Any

import pytest

from tests import builders
from tests.conftest import Api
from tests.training import scenes
from tests.training.scenes import pointers


async def opened(api: Api, size: int, **changes: Any) -> dict[str, Any]:
    cycle = await scenes.cycle(api, size, **changes)
    await api.do(f"/v1/cycles/{cycle['id']}", "plan")
    return await api.do(f"/v1/cycles/{cycle['id']}", "open")


@pytest.mark.parametrize("size", [0, 3, 6])
async def test_a_group_of_another_size_is_told_in_words(api: Api, size: int) -> None:
    cycle = await opened(api, size)
    answer = await api.post(f"/v1/cycles/{cycle['id']}/confirm")
    assert (answer.status_code, answer.json()["code"]) == (409, "group-size")
    assert answer.json()["detail"] == f"The cycle has {size} enterprises; the variant standard takes 4 to 5."
    assert (await api.get(f"/v1/cycles/{cycle['id']}")).json() == cycle


@pytest.mark.parametrize("size", [4, 5])
async def test_a_group_of_the_right_size_is_confirmed(api: Api, size: int) -> None:
    cycle = await opened(api, size)
    assert (await api.do(f"/v1/cycles/{cycle['id']}", "confirm"))["state"] == "confirmed"


async def test_the_size_is_that_of_the_cycles_own_variant(api: Api) -> None:
    alone = builders.variant(code="alone", group_min=1, group_max=1)
    module = await api.make("/v1/modules", builders.module(variants=[alone]))
    cycle = await opened(api, 1, module=module["code"], variant="alone")
    assert (await api.do(f"/v1/cycles/{cycle['id']}", "confirm"))["state"] == "confirmed"


async def test_more_managers_than_the_variant_takes_stop_the_confirmation(api: Api) -> None:
    cycle = await opened(api, 4)
    for category in ("manager", "manager", "worker", "worker"):
        await scenes.attend(api, cycle, category=category)
    third = await scenes.attend(api, cycle, category="manager")
    answer = await api.post(f"/v1/cycles/{cycle['id']}/confirm")
    assert (answer.status_code, answer.json()["code"]) == (409, "group-size")
    assert pointers(answer) == ["/enterprises/0/manager"]
    assert answer.json()["errors"][0]["detail"] == "3 managers attended; the variant takes 2."
    worker = {"category": "worker"}
    who = f"/v1/participants/{third['participant_id']}"
    assert (await api.patch(who, json=worker, headers={"If-Match": '"1"'})).status_code == 200
    assert pointers(await api.post(f"/v1/cycles/{cycle['id']}/confirm")) == ["/enterprises/0/worker"]
