from typing import Any

import pytest

from shared.types import COUNTRIES
from tests.conftest import Api, System
from tests.enterprise.problems import code_of, places_in

Document = dict[str, Any]
PATH = "/v1/country-policies"
RULES = ("min_workers", "max_workers", "nomination_days", "certificate_months", "small_cell_threshold")


async def amend(api: Api, country: str, changes: Document, **headers: str) -> Any:
    etag = (await api.get(f"{PATH}/{country}")).headers["ETag"]
    return await api.patch(f"{PATH}/{country}", json=changes, headers={"If-Match": etag} | headers)


async def test_every_country_has_one(api: Api) -> None:
    page = (await api.get(PATH, params={"limit": "500", "count": "exact"})).json()
    assert {policy["country"] for policy in page["items"]} == COUNTRIES
    assert page["total"] == len(COUNTRIES)


@pytest.mark.parametrize(
    ("country", "band"), [("VN", (50, 250)), ("IN", (30, 300)), ("ID", (30, 250)), ("PE", (25, 250))]
)
async def test_the_bands_that_are_known_are_there_from_the_start(api: Api, country: str, band: tuple[int, int]) -> None:
    policy = (await api.get(f"{PATH}/{country}")).json()
    assert (policy["country"], policy["version"]) == (country, 1)
    assert tuple(policy[name] for name in RULES) == (*band, 15, 24, 5)


async def test_a_rule_is_changed_and_the_others_stay(api: Api) -> None:
    before = (await api.get(f"{PATH}/TO")).json()
    after = await amend(api, "TO", {"small_cell_threshold": 10})
    assert after.status_code == 200
    assert after.json() == before | {
        "small_cell_threshold": 10,
        "version": before["version"] + 1,
        "updated_at": after.json()["updated_at"],
    }
    assert (await api.get(f"{PATH}/TO")).json() == after.json()


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"min_workers": 0}, ("/min_workers", "out_of_range")),
        ({"min_workers": 251}, ("/max_workers", "below_minimum")),
        ({"nomination_days": 0}, ("/nomination_days", "out_of_range")),
        ({"certificate_months": None}, ("/certificate_months", "missing")),
        ({"small_cell_threshold": 2}, ("/small_cell_threshold", "out_of_range")),
        ({"small_cell_threshold": "5"}, ("/small_cell_threshold", "wrong_type")),
        ({"country": "FJ"}, ("/country", "extra_forbidden")),
    ],
)
async def test_a_mistake_is_refused_at_its_place(api: Api, changes: Document, place: tuple[str, str]) -> None:
    answer = await amend(api, "KI", changes)
    assert (code_of(answer), places_in(answer)) == ((422, "validation-failed"), {place})


async def test_it_is_changed_only_by_who_knows_it(api: Api) -> None:
    path = f"{PATH}/WS"
    assert code_of(await api.patch(path, json={"min_workers": 40})) == (428, "precondition-required")
    assert code_of(await amend(api, "WS", {"min_workers": 40}, **{"If-Match": '"99"'})) == (412, "precondition-failed")


@pytest.mark.parametrize("country", ["XX", "cn", "CHN", "1"])
async def test_what_is_no_country_has_none(api: Api, country: str) -> None:
    assert code_of(await api.get(f"{PATH}/{country}")) == (404, "not-found")
    patched = await api.patch(f"{PATH}/{country}", json={"min_workers": 1}, headers={"If-Match": '"1"'})
    assert code_of(patched) == (404, "not-found")


async def test_none_is_made_or_removed(api: Api) -> None:
    assert code_of(await api.post(PATH, json={"country": "CN"})) == (405, "method-not-allowed")
    assert code_of(await api.delete(f"{PATH}/CN")) == (405, "method-not-allowed")


async def test_they_are_found_by_country(api: Api) -> None:
    found = (await api.get(PATH, params={"country": "CN,GH"})).json()["items"]
    assert sorted(policy["country"] for policy in found) == ["CN", "GH"]


async def test_metrics_knows_the_threshold_of_every_country_at_once(api: Api, system: System) -> None:
    await amend(api, "TV", {"small_cell_threshold": 7})
    assert (await api.get("/v1/indicators?limit=1")).status_code == 200  # answered when all has arrived there
    connection = await system.connect("metrics")
    kept = await connection.fetch("select country, small_cell_threshold from country_policy_views")
    await connection.close()
    known = {row["country"]: row["small_cell_threshold"] for row in kept}
    assert known["TV"] == 7
    assert known["CN"] == 5
