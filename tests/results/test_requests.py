"""How a table is asked for, and what is refused."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from tests.conftest import Api
from tests.results.loading import make_enterprises


async def get(api: Api, **parameters: str) -> Any:
    return await api.get("/v1/results", params=parameters)


@pytest.mark.parametrize("name", ["phase_id", "partnership_id", "buyer_id", "enterprise_id"])
async def test_an_id_that_names_nothing_is_refused_by_name(api: Api, name: str) -> None:
    refused = await get(api, **{name: str(uuid4())})
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown-reference")
    assert [place["parameter"] for place in refused.json()["errors"]] == [name]


async def test_an_unknown_module_is_refused_with_all_else_that_is_unknown(api: Api) -> None:
    refused = await get(api, module="M77", phase_id=str(uuid4()))
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown-reference")
    assert {place["parameter"] for place in refused.json()["errors"]} == {"module", "phase_id"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("isic", "12345"),
        ("isic", "1a"),
        ("isic", "%"),
        ("country", "XX"),
        ("phase_id", "one"),
        ("as_of", "2012-13-01"),
        ("as_of", "yesterday"),
        ("denominator", "all"),
        ("mean_over", "all"),
        ("module", "M1;"),
        ("limit", "10"),
        ("phase", "x"),
    ],
)
async def test_what_is_malformed_is_refused_by_name(api: Api, name: str, value: str) -> None:
    refused = await get(api, **{name: value})
    assert (refused.status_code, refused.json()["code"]) == (422, "validation-failed")
    assert [place["parameter"] for place in refused.json()["errors"]] == [name]


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
async def test_the_ends_of_the_calendar_are_days_like_others(api: Api, day: str) -> None:
    [id] = (await make_enterprises(api, ["alpha"])).values()
    assert (await get(api, as_of=day, enterprise_id=id)).status_code == 200


async def test_the_day_is_today_unless_it_is_said(api: Api) -> None:
    [id] = (await make_enterprises(api, ["alpha"])).values()
    days = {datetime.now(UTC).date().isoformat()}
    table = (await get(api, enterprise_id=id)).json()
    days.add(datetime.now(UTC).date().isoformat())
    assert table["as_of"] in days


async def test_the_scope_is_what_was_asked_for(api: Api) -> None:
    [id] = (await make_enterprises(api, ["alpha"])).values()
    table = (await get(api, enterprise_id=id, country="CN", mean_over="reporters", as_of="2012-12-31")).json()
    assert table["scope"] == {"enterprise_id": id, "country": "CN", "mean_over": "reporters"}
    assert (table["as_of"], table["rule_set"]) == ("2012-12-31", "v1")
    assert (await get(api, as_of="0001-01-01")).json()["scope"] == {}


async def test_nobody_trained_is_a_table_of_nothing(api: Api) -> None:
    [id] = (await make_enterprises(api, ["alpha"])).values()
    table = (await get(api, enterprise_id=id)).json()
    assert set(table["population"].values()) == {0}
    assert {(row["trained"], row["reporters"], row["coverage"], row["share"]) for row in table["rows"]} == {
        (0, 0, None, None)
    }
    assert not any(row["suppressed"] for row in table["rows"])


async def test_the_same_figures_are_the_same_table(api: Api) -> None:
    [id] = (await make_enterprises(api, ["alpha"])).values()
    first = await get(api, enterprise_id=id, as_of="2012-12-31")
    again = await api.get(
        "/v1/results",
        params={"enterprise_id": id, "as_of": "2012-12-31"},
        headers={"If-None-Match": first.headers["ETag"]},
    )
    assert (again.status_code, again.content) == (304, b"")
    other = await get(api, enterprise_id=id, as_of="2012-12-30")
    assert other.headers["ETag"] != first.headers["ETag"]


async def test_a_table_says_how_fresh_it_is(api: Api) -> None:
    before = datetime.now(UTC)
    [id] = (await make_enterprises(api, ["alpha"])).values()
    fresh = datetime.fromisoformat((await get(api, enterprise_id=id)).json()["fresh_as_of"])
    assert before < fresh <= datetime.now(UTC)


async def test_a_table_is_json_only_for_now(api: Api) -> None:
    assert (await api.get("/v1/results", headers={"Accept": "text/csv"})).status_code == 406
