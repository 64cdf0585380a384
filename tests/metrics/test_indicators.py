"""The catalogue, and indicators defined beside it."""

import pytest

from tests import builders
from tests.conftest import Api

COMPUTED = [*(f"OUT0{n}" for n in range(1, 8)), "TRN01", "TRN02", "INS01", "INS02", "INS03", "FIN01", "FIN02", "REP01"]
COMPUTED += ["SAT01", "SAT02", "SRV01", "EIP01"]
PRACTICES = [f"PRA0{n}" for n in range(1, 8)]
JOBS = ["JOB01P", "JOB01C"]
MEASURED = ["KPI02", "KPI03", "KPI04", "KPI05", "KPI06F", "KPI06I", *(f"KPI{n:02}" for n in range(7, 15)), "KPI15M"]
MEASURED += ["KPI15I", "KPI17", "KPI18"]
RATES = ["KPI16R", "KPI16T"]


async def catalogue(api: Api) -> dict[str, dict[str, object]]:
    items = (await api.get("/v1/indicators", params={"limit": 500})).json()["items"]
    return {item["code"]: item for item in items}


@pytest.mark.parametrize(
    ("codes", "aggregation"),
    [
        (COMPUTED, "computed"),
        (["KPI01"], "computed"),
        (PRACTICES, "yes_share"),
        (JOBS, "sum"),
        (MEASURED, "share_and_mean"),
        (RATES, "rate"),
    ],
)
async def test_the_catalogue_is_there_from_the_start(api: Api, codes: list[str], aggregation: str) -> None:
    known = await catalogue(api)
    assert {code: known[code]["aggregation"] for code in codes} == dict.fromkeys(codes, aggregation)


async def test_which_change_is_an_improvement_is_known_of_each(api: Api) -> None:
    known = await catalogue(api)
    lower = {code for code in MEASURED if known[code]["direction"] == "lower"}
    assert lower == {
        *("KPI02", "KPI03", "KPI04", "KPI05", "KPI06F", "KPI06I", "KPI07", "KPI08", "KPI10", "KPI13", "KPI14", "KPI18")
    }
    assert known["KPI16R"]["direction"] == "none"
    assert {known[code]["direction"] for code in (*PRACTICES, *JOBS, "KPI01", "KPI16T")} == {"higher"}


async def test_a_new_indicator_takes_observations_in_its_unit_only(api: Api, enterprise_id: str) -> None:
    defined = await api.make("/v1/indicators", builders.indicator(unit="m3"))
    figure = builders.observation(enterprise_id, indicator=defined["code"], numerator="5", unit="l")
    await api.make("/v1/observations", figure)
    refused = await api.post("/v1/observations", json=figure | {"unit": "kg"})
    assert (refused.status_code, refused.json()["code"]) == (422, "unit-unknown")


async def test_a_taken_code_is_a_conflict_that_names_the_holder(api: Api) -> None:
    first = await api.make("/v1/indicators", builders.indicator())
    again = await api.post("/v1/indicators", json=builders.indicator(code=first["code"]))
    assert (again.status_code, again.json()["code"]) == (409, "already-exists")
    assert again.headers["Location"] == f"/v1/indicators/{first['id']}"


async def test_an_indicator_may_be_renamed(api: Api) -> None:
    defined = await api.make("/v1/indicators", builders.indicator())
    path = f"/v1/indicators/{defined['id']}"
    renamed = await api.patch(path, json={"name": "Nights"}, headers={"If-Match": '"1"'})
    assert (renamed.status_code, renamed.json()["name"], renamed.headers["ETag"]) == (200, "Nights", '"2"')


@pytest.mark.parametrize(
    "change", [{"unit": "kg"}, {"code": "OTHER"}, {"direction": "lower"}, {"aggregation": "rate"}], ids=str
)
async def test_what_an_indicator_is_stays_for_ever(api: Api, change: dict[str, str]) -> None:
    defined = await api.make("/v1/indicators", builders.indicator())
    refused = await api.patch(f"/v1/indicators/{defined['id']}", json=change, headers={"If-Match": '"1"'})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == f"/{next(iter(change))}"


async def test_indicators_are_found_by_code(api: Api) -> None:
    found = (await api.get("/v1/indicators", params={"code": "KPI02,KPI04"})).json()["items"]
    assert {item["code"] for item in found} == {"KPI02", "KPI04"}
