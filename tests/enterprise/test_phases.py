from typing import Any

import pytest

from tests import builders
from tests.conftest import Api
from tests.enterprise.problems import code_of, places_in

Document = dict[str, Any]
UNKNOWN = "0190aaaa-0000-7000-8000-000000000000"


async def test_every_field_comes_back(api: Api, programme: Document, buyer: Document) -> None:
    sent = builders.phase(
        programme["id"], countries=["CN", "GH"], donor_ids=[buyer["id"]], external_ref=builders.unique()
    )
    made = await api.make("/v1/phases", sent)
    assert {name: made[name] for name in sent} == sent
    assert (await api.get(f"/v1/phases/{made['id']}")).json() == made


async def test_it_ends_after_it_begins(api: Api, programme: Document) -> None:
    answer = await api.post("/v1/phases", json=builders.phase(programme["id"], ends_on="2008-12-31"))
    assert (code_of(answer), places_in(answer)) == ((422, "validation-failed"), {("/ends_on", "before_begin")})
    assert answer.json()["errors"][0]["detail"] == "ends_on (2008-12-31) is before starts_on (2009-01-01)."


async def test_its_programme_and_donors_are_known(api: Api, programme: Document, buyer: Document) -> None:
    lost = await api.post("/v1/phases", json=builders.phase(UNKNOWN))
    assert (code_of(lost), places_in(lost)) == ((422, "unknown-reference"), {("/programme_id", "unknown_reference")})
    donors = [buyer["id"], UNKNOWN]
    poor = await api.post("/v1/phases", json=builders.phase(programme["id"], donor_ids=donors))
    assert (code_of(poor), places_in(poor)) == ((422, "unknown-reference"), {("/donor_ids/1", "unknown_reference")})


async def test_a_patch_is_held_to_the_same_rules(api: Api, programme: Document) -> None:
    made = await api.make("/v1/phases", builders.phase(programme["id"]))
    path = f"/v1/phases/{made['id']}"
    answer = await api.patch(path, json={"starts_on": "2014-01-01"}, headers={"If-Match": '"1"'})
    assert places_in(answer) == {("/ends_on", "before_begin")}
    open_ended = {"starts_on": "2014-01-01", "ends_on": None}
    after = await api.patch(path, json=open_ended, headers={"If-Match": '"1"'})
    assert (after.json()["starts_on"], after.json()["ends_on"], after.json()["version"]) == ("2014-01-01", None, 2)


@pytest.mark.parametrize(
    ("filters", "which"),
    [
        ({}, [0, 1]),
        ({"country": "GH"}, [1]),
        ({"country": "GH,CN"}, [0, 1]),
        ({"from": "2014-01-01"}, [1]),
        ({"to": "2009-01-01"}, [0]),
        ({"from": "2013-12-31", "to": "2013-12-31"}, [0, 1]),
        ({"from": "2008-01-01", "to": "2008-12-31"}, []),
    ],
)
async def test_they_are_found_by_country_and_days(
    api: Api, programme: Document, filters: dict[str, str], which: list[int]
) -> None:
    mine = {"programme_id": programme["id"]}
    first = await api.make("/v1/phases", builders.phase(programme["id"]))
    second = builders.phase(programme["id"], starts_on="2013-12-31", ends_on=None, countries=["GH"])
    ids = [first["id"], (await api.make("/v1/phases", second))["id"]]
    found = (await api.get("/v1/phases", params=mine | filters)).json()["items"]
    assert [one["id"] for one in found] == [ids[n] for n in which]


async def test_they_are_found_by_donor(api: Api, programme: Document, buyer: Document) -> None:
    made = await api.make("/v1/phases", builders.phase(programme["id"], donor_ids=[buyer["id"]]))
    await api.make("/v1/phases", builders.phase(programme["id"]))
    assert (await api.get("/v1/phases", params={"donor_id": buyer["id"]})).json()["items"] == [made]
