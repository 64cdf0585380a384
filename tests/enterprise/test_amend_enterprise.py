from typing import Any

from tests import builders
from tests.conftest import Api
from tests.enterprise.problems import code_of, places_in

Document = dict[str, Any]


async def amend(api: Api, enterprise: Document, changes: Document, version: int | None = None) -> Any:
    match = f'"{version or enterprise["version"]}"'
    return await api.patch(f"/v1/enterprises/{enterprise['id']}", json=changes, headers={"If-Match": match})


async def test_a_patch_changes_what_it_names_and_no_more(api: Api) -> None:
    address = {"street": "1 Synthetic Road", "city": "Dongguan", "postal_code": "523000", "region": None}
    made = await api.make("/v1/enterprises", builders.enterprise(address=address, isic="1410", trade_names=["A", "B"]))
    answer = await amend(api, made, {"address": {"street": None, "city": "Foshan"}, "isic": None, "trade_names": ["C"]})
    assert answer.status_code == 200, answer.text
    after = answer.json()
    assert after["address"] == address | {"street": None, "city": "Foshan"}
    assert (after["isic"], after["trade_names"], after["version"]) == (None, ["C"], 2)
    assert answer.headers["ETag"] == '"2"'
    assert after["legal_name"] == made["legal_name"]


async def test_the_result_as_a_whole_must_be_right(api: Api) -> None:
    workforce = {"as_of": "2012-03-31", "total": 100, "women": 60}
    made = await api.make("/v1/enterprises", builders.enterprise(workforce=workforce))
    answer = await amend(api, made, {"workforce": {"total": 50}})
    assert (code_of(answer), places_in(answer)) == (
        (422, "validation-failed"),
        {("/workforce/women", "more_than_total")},
    )


async def test_what_is_required_cannot_be_removed_and_a_state_not_written(api: Api, enterprise: Document) -> None:
    answer = await amend(api, enterprise, {"legal_name": None, "state": "active", "id": enterprise["id"]})
    assert places_in(answer) == {("/legal_name", "missing"), ("/state", "read_only"), ("/id", "read_only")}


async def test_it_wants_the_present_version(api: Api, enterprise: Document) -> None:
    path = f"/v1/enterprises/{enterprise['id']}"
    assert code_of(await api.patch(path, json={"isic": "1410"})) == (428, "precondition-required")
    assert (await amend(api, enterprise, {"isic": "1410"})).status_code == 200
    assert code_of(await amend(api, enterprise, {"isic": "1430"})) == (412, "precondition-failed")
    assert (await api.get(path)).json()["isic"] == "1410"


async def test_identifiers_are_replaced_and_the_old_one_is_free(api: Api) -> None:
    old, new = builders.gln(), builders.gln()
    made = await api.make("/v1/enterprises", builders.enterprise(identifiers=[{"scheme": "gln", "value": old}]))
    answer = await amend(api, made, {"identifiers": [{"scheme": "gln", "value": new}]})
    assert answer.json()["identifiers"] == [{"scheme": "gln", "value": new}]
    other = await api.make("/v1/enterprises", builders.enterprise(identifiers=[{"scheme": "gln", "value": old}]))
    taken = await amend(api, other, {"identifiers": [{"scheme": "gln", "value": new}]})
    assert code_of(taken) == (409, "already-exists")
    assert taken.headers["Location"] == f"/v1/enterprises/{made['id']}"


async def test_an_external_ref_that_is_taken_is_a_conflict_that_names_the_holder(
    api: Api, enterprise: Document
) -> None:
    ref = builders.unique()
    holder = await api.make("/v1/enterprises", builders.enterprise(external_ref=ref))
    answer = await amend(api, enterprise, {"external_ref": ref})
    assert code_of(answer) == (409, "already-exists")
    assert answer.headers["Location"] == f"/v1/enterprises/{holder['id']}"
