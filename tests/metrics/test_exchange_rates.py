"""Exchange rates: one a currency and month."""

from typing import Any

import pytest

from tests import builders
from tests.conftest import Api


async def test_a_rate_is_kept_exactly(api: Api) -> None:
    answer = await api.post("/v1/exchange-rates", json=builders.exchange_rate(per_usd="20828.500000000001"))
    assert (answer.status_code, answer.json()["per_usd"]) == (201, "20828.500000000001")
    assert (await api.get(answer.headers["Location"])).json() == answer.json()


@pytest.mark.parametrize("per_usd", ["6.82", "6.83"])
async def test_a_second_rate_of_a_month_is_a_conflict_that_names_the_first(api: Api, per_usd: str) -> None:
    rate = builders.exchange_rate()
    first = await api.make("/v1/exchange-rates", rate)
    again = await api.post("/v1/exchange-rates", json=rate | {"per_usd": per_usd})
    assert (again.status_code, again.json()["code"]) == (409, "already-exists")
    assert again.headers["Location"] == f"/v1/exchange-rates/{first['id']}"


async def test_a_rate_is_corrected_by_amending_it(api: Api) -> None:
    made = await api.make("/v1/exchange-rates", builders.exchange_rate())
    path = f"/v1/exchange-rates/{made['id']}"
    amended = await api.patch(path, json={"per_usd": "6.9"}, headers={"If-Match": '"1"'})
    assert (amended.status_code, amended.json()["per_usd"], amended.headers["ETag"]) == (200, "6.9", '"2"')
    moved = await api.patch(path, json={"month": "2012-01"}, headers={"If-Match": '"2"'})
    assert (moved.status_code, moved.json()["errors"][0]["pointer"]) == (422, "/month")


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"per_usd": "0"}, "/per_usd"),
        ({"per_usd": "-1"}, "/per_usd"),
        ({"per_usd": "6,82"}, "/per_usd"),
        ({"currency": "USD", "per_usd": "1"}, "/currency"),
        ({"currency": "XYZ"}, "/currency"),
        ({"month": "0000-01"}, "/month"),
    ],
    ids=str,
)
async def test_what_is_wrong_is_named(api: Api, change: dict[str, Any], pointer: str) -> None:
    refused = await api.post("/v1/exchange-rates", json=builders.exchange_rate(**change))
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer)


async def test_rates_are_found_by_currency_and_month(api: Api) -> None:
    made = await api.make("/v1/exchange-rates", builders.exchange_rate(currency="GHS"))
    for filters in ({"month": made["month"]}, {"from": made["month"], "to": made["month"]}):
        found = (await api.get("/v1/exchange-rates", params={"currency": "GHS,PEN", **filters})).json()["items"]
        assert [rate["id"] for rate in found] == [made["id"]]
