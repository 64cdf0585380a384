import pytest

from tests import builders
from tests.conftest import Api
from tests.training import scenes
from tests.training.scenes import pointers


async def test_a_participant_is_known_by_the_enterprises_own_reference(api: Api) -> None:
    (enterprise,) = await scenes.enterprises(api)
    sent = builders.participant(enterprise, sex="other", category="manager")
    participant = await api.make("/v1/participants", sent)
    assert {name: participant[name] for name in sent} == sent
    assert (await api.get(f"/v1/participants/{participant['id']}")).json() == participant


async def test_a_reference_is_taken_once_in_an_enterprise(api: Api) -> None:
    here, there = await scenes.enterprises(api, 2)
    first = await api.make("/v1/participants", builders.participant(here, reference="p-1"))
    again = await api.post("/v1/participants", json=builders.participant(here, reference="p-1"))
    assert (again.status_code, again.json()["code"]) == (409, "already-exists")
    assert again.headers["Location"] == f"/v1/participants/{first['id']}"
    await api.make("/v1/participants", builders.participant(there, reference="p-1"))


@pytest.mark.parametrize(
    ("changes", "place"),
    [({"sex": "f"}, "/sex"), ({"category": "boss"}, "/category"), ({"reference": " "}, "/reference")],
)
async def test_words_of_ones_own_are_refused(api: Api, changes: dict[str, str], place: str) -> None:
    (enterprise,) = await scenes.enterprises(api)
    answer = await api.post("/v1/participants", json=builders.participant(enterprise, **changes))
    assert (answer.status_code, pointers(answer)) == (422, [place])


async def test_the_enterprise_must_be_known(api: Api) -> None:
    stranger = builders.participant("01900000-0000-7000-8000-000000000000")
    answer = await api.post("/v1/participants", json=stranger)
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown-reference")
    assert pointers(answer) == ["/enterprise_id"]


async def test_a_participant_is_changed_but_stays_with_the_enterprise(api: Api) -> None:
    here, there = await scenes.enterprises(api, 2)
    taken = await api.make("/v1/participants", builders.participant(here))
    participant = await api.make("/v1/participants", builders.participant(here))
    path, match = f"/v1/participants/{participant['id']}", {"If-Match": '"1"'}
    answer = await api.patch(path, json={"enterprise_id": there}, headers=match)
    assert (answer.status_code, pointers(answer)) == (422, ["/enterprise_id"])
    answer = await api.patch(path, json={"reference": taken["reference"]}, headers=match)
    assert (answer.status_code, answer.headers["Location"]) == (409, f"/v1/participants/{taken['id']}")
    answer = await api.patch(path, json={"category": "manager", "reference": "p-9"}, headers=match)
    assert (answer.json()["category"], answer.json()["reference"]) == ("manager", "p-9")


async def test_participants_are_found_by_enterprise_sex_and_category(api: Api) -> None:
    (enterprise,) = await scenes.enterprises(api)
    one = await api.make("/v1/participants", builders.participant(enterprise))
    two = await api.make("/v1/participants", builders.participant(enterprise, sex="male", category="manager"))
    path = f"/v1/participants?enterprise_id={enterprise}"
    assert (await api.get(path)).json()["items"] == [one, two]
    assert (await api.get(f"{path}&sex=male,other")).json()["items"] == [two]
    assert (await api.get(f"{path}&category=worker")).json()["items"] == [one]
