from typing import Any

import pytest

from tests import builders
from tests.conftest import Api
from tests.enterprise.problems import code_of, places_in

Document = dict[str, Any]
UNKNOWN = "0190aaaa-0000-7000-8000-000000000000"


async def test_every_field_comes_back(api: Api, buyer: Document) -> None:
    sent = builders.organisation(
        kind="federation",
        member_of=[buyer["id"]],
        identifiers=[{"scheme": "lei", "value": "969500KSV493XWY0PS33"}, {"scheme": "bsci", "value": "any 7"}],
        external_ref=builders.unique(),
    )
    made = await api.make("/v1/organisations", sent)
    assert {name: made[name] for name in sent} == sent
    assert (await api.get(f"/v1/organisations/{made['id']}")).json() == made


async def test_it_is_a_member_only_of_what_is_there(api: Api, buyer: Document) -> None:
    answer = await api.post("/v1/organisations", json=builders.organisation(member_of=[buyer["id"], UNKNOWN]))
    assert (code_of(answer), places_in(answer)) == (
        (422, "unknown-reference"),
        {("/member_of/1", "unknown_reference")},
    )


async def test_two_organisations_never_have_one_identifier(api: Api, buyer: Document) -> None:
    held = {"scheme": "gln", "value": builders.gln()}
    first = await api.make("/v1/organisations", builders.organisation(identifiers=[held]))
    own, path = {"scheme": "dbid", "value": "7"}, f"/v1/organisations/{buyer['id']}"
    for answer in (
        await api.post("/v1/organisations", json=builders.organisation(identifiers=[own, held])),
        await api.patch(path, json={"identifiers": [own, held]}, headers={"If-Match": "*"}),
    ):
        assert (code_of(answer), places_in(answer)) == (
            (409, "already-exists"),
            {("/identifiers/1/value", "taken")},
        )
        assert answer.headers["Location"] == f"/v1/organisations/{first['id']}"
    kept = await api.patch(
        f"/v1/organisations/{first['id']}", json={"identifiers": [held], "country": "DE"}, headers={"If-Match": "*"}
    )
    assert (kept.status_code, kept.json()["identifiers"]) == (200, [held])


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        (
            {"identifiers": [{"scheme": "gln", "value": "9436465792105"}]},
            ("/identifiers/0/value", "wrong_check_digit"),
        ),
        ({"identifiers": [{"scheme": "x", "value": "1"}] * 2}, ("/identifiers", "duplicate")),
        ({"kind": "shop"}, ("/kind", "not_one_of")),
        ({"country": "cn"}, ("/country", "unknown_country")),
        ({"member_of": ["7"]}, ("/member_of/0", "malformed_id")),
        ({"is_admin": True}, ("/is_admin", "extra_forbidden")),
    ],
)
async def test_a_mistake_is_refused_at_its_place(api: Api, changes: Document, place: tuple[str, str]) -> None:
    answer = await api.post("/v1/organisations", json=builders.organisation(**changes))
    assert (code_of(answer), places_in(answer)) == ((422, "validation-failed"), {place})


async def test_a_patch_changes_what_it_names(api: Api, buyer: Document) -> None:
    path = f"/v1/organisations/{buyer['id']}"
    answer = await api.patch(path, json={"name": "Renamed"}, headers={"If-Match": '"1"'})
    assert answer.json() == buyer | {
        "name": "Renamed",
        "version": 2,
        "updated_at": answer.json()["updated_at"],
    }


async def test_they_are_found_by_kind_country_and_membership(api: Api) -> None:
    parent = await api.make("/v1/organisations", builders.organisation(kind="federation", country="BE"))
    member = await api.make("/v1/organisations", builders.organisation(member_of=[parent["id"]], country="NO"))
    other = await api.make("/v1/organisations", builders.organisation(member_of=[parent["id"]], kind="donor"))

    async def found(**filters: str) -> list[str]:
        answer = await api.get("/v1/organisations", params={"member_of": parent["id"]} | filters)
        return [one["id"] for one in answer.json()["items"]]

    assert await found() == [member["id"], other["id"]]
    assert await found(kind="donor,federation") == [other["id"]]
    assert await found(country="NO,BE") == [member["id"]]
