from typing import Any

from tests import builders
from tests.conftest import Api
from tests.enterprise.problems import code_of, places_in

Document = dict[str, Any]


async def test_every_field_comes_back(api: Api) -> None:
    sent = builders.programme(external_ref=builders.unique())
    made = await api.make("/v1/programmes", sent)
    assert {name: made[name] for name in sent} == sent
    assert (await api.get(f"/v1/programmes/{made['id']}")).json() == made


async def test_a_code_is_taken_once(api: Api, programme: Document) -> None:
    answer = await api.post("/v1/programmes", json=builders.programme(code=programme["code"]))
    assert (code_of(answer), places_in(answer)) == ((409, "already-exists"), {("/code", "taken")})
    assert answer.headers["Location"] == f"/v1/programmes/{programme['id']}"


async def test_a_code_cannot_be_changed_to_one_that_is_taken(api: Api, programme: Document) -> None:
    other = await api.make("/v1/programmes", builders.programme())
    path = f"/v1/programmes/{other['id']}"
    answer = await api.patch(path, json={"code": programme["code"]}, headers={"If-Match": '"1"'})
    assert code_of(answer) == (409, "already-exists")
    assert answer.headers["Location"] == f"/v1/programmes/{programme['id']}"
    assert (await api.patch(path, json={"code": other["code"]}, headers={"If-Match": '"1"'})).status_code == 200


async def test_they_are_found_by_code(api: Api, programme: Document) -> None:
    found = await api.get("/v1/programmes", params={"code": f"{programme['code']},nothing"})
    assert found.json()["items"] == [programme]
