import pytest

from tests import builders
from tests.conftest import Api
from tests.training import scenes
from tests.training.scenes import Document, pointers

STRANGER = "01900000-0000-7000-8000-000000000000"


def seat(participant: Document, cycle: Document, date: str = "2012-03-05") -> Document:
    return {"participant_id": participant["id"], "cycle_id": cycle["id"], "date": date}


async def test_an_attendance_names_person_cycle_day_and_enterprise(api: Api) -> None:
    cycle = await scenes.cycle(api)
    sent = seat(await scenes.participant(api, cycle), cycle)
    answer = await api.post("/v1/attendances", json=sent)
    assert answer.status_code == 201
    assert {name: answer.json()[name] for name in sent} == sent
    assert answer.json()["enterprise_id"] == scenes.first_enterprise(cycle)
    assert (await api.get(answer.headers["Location"])).json() == answer.json()


async def test_a_day_that_is_not_of_the_classroom_is_refused_with_the_days_that_are(api: Api) -> None:
    cycle = await scenes.cycle(api)
    answer = await api.post("/v1/attendances", json=seat(await scenes.participant(api, cycle), cycle, "2012-03-07"))
    assert (answer.status_code, answer.json()["code"]) == (422, "not-a-classroom-day")
    assert pointers(answer) == ["/date"]
    assert "2012-03-05, 2012-03-06" in answer.json()["errors"][0]["detail"]


async def test_a_cancelled_cycle_takes_none(api: Api) -> None:
    cycle = await scenes.cycle(api)
    participant = await scenes.participant(api, cycle)
    await api.do(f"/v1/cycles/{cycle['id']}", "cancel")
    answer = await api.post("/v1/attendances", json=seat(participant, cycle))
    assert (answer.status_code, answer.json()["code"]) == (409, "cycle-cancelled")


async def test_the_participants_enterprise_must_be_in_the_cycle(api: Api) -> None:
    cycle, other = await scenes.cycle(api), await scenes.cycle(api)
    answer = await api.post("/v1/attendances", json=seat(await scenes.participant(api, other), cycle))
    assert (answer.status_code, pointers(answer)) == (422, ["/participant_id"])


@pytest.mark.parametrize("name", ["participant_id", "cycle_id"])
async def test_person_and_cycle_must_be_known(api: Api, name: str) -> None:
    cycle = await scenes.cycle(api)
    sent = seat(await scenes.participant(api, cycle), cycle) | {name: STRANGER}
    answer = await api.post("/v1/attendances", json=sent)
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown-reference")
    assert pointers(answer) == [f"/{name}"]


async def test_one_person_attends_a_day_once(api: Api) -> None:
    cycle = await scenes.cycle(api)
    participant = await scenes.participant(api, cycle)
    first = await api.make("/v1/attendances", seat(participant, cycle))
    again = await api.post("/v1/attendances", json=seat(participant, cycle))
    assert (again.status_code, again.json()["code"]) == (409, "already-exists")
    assert again.headers["Location"] == f"/v1/attendances/{first['id']}"
    await api.make("/v1/attendances", seat(participant, cycle, "2012-03-06"))


async def test_attendances_are_found_by_person_enterprise_cycle_and_day(api: Api) -> None:
    cycle = await scenes.cycle(api, 2)
    first, second = (one["enterprise_id"] for one in cycle["enterprises"])
    one = await scenes.attend(api, cycle, first)
    who = await api.make("/v1/participants", builders.participant(second))
    two = await api.make("/v1/attendances", seat(who, cycle, "2012-03-06"))
    path = f"/v1/attendances?cycle_id={cycle['id']}"
    assert (await api.get(path)).json()["items"] == [one, two]
    for query in (
        f"participant_id={who['id']}",
        f"enterprise_id={second}",
        "from=2012-03-06",
        "from=2012-03-06&to=2012-03-06",
    ):
        assert (await api.get(f"{path}&{query}")).json()["items"] == [two], query
    assert (await api.get(f"{path}&to=2012-03-05")).json()["items"] == [one]
