"""Savings: money, their key, and the versions they share with observations."""

from typing import Any

import pytest

from tests import builders
from tests.conftest import Api


def money(amount: Any, currency: str = "USD") -> dict[str, Any]:
    return {"amount": {"amount": amount, "currency": currency}}


@pytest.mark.parametrize(
    ("amount", "currency", "answered"),
    [
        ("1200", "USD", "1200.00"),
        ("0.1", "USD", "0.10"),
        (0.1, "USD", "0.10"),
        (80000, "CNY", "80000.00"),
        ("1200", "VND", "1200"),
        ("1200.00", "VND", "1200"),
        ("1.5", "TND", "1.500"),
        ("123456789012345678.99", "USD", "123456789012345678.99"),
    ],
)
async def test_an_amount_is_answered_with_its_currencys_digits(
    api: Api, enterprise_id: str, amount: Any, currency: str, answered: str
) -> None:
    made = await api.make("/v1/savings", builders.saving(enterprise_id, **money(amount, currency)))
    assert made["amount"] == {"amount": answered, "currency": currency}
    assert (await api.get(f"/v1/savings/{made['id']}")).json() == made


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        (money("1.234"), "/amount/amount"),
        (money("1.5", "VND"), "/amount/amount"),
        (money("-1"), "/amount"),
        (money("1", "XYZ"), "/amount/currency"),
        (money("1e3"), "/amount/amount"),
        (money("many"), "/amount/amount"),
        ({"amount": "12.00"}, "/amount"),
        ({"recurrence": "monthly"}, "/recurrence"),
        ({"month": "2012"}, "/month"),
        ({"reference": ""}, "/reference"),
        ({"state": "superseded"}, "/state"),
    ],
    ids=str,
)
async def test_what_is_wrong_is_named(api: Api, enterprise_id: str, change: dict[str, Any], pointer: str) -> None:
    refused = await api.post("/v1/savings", json=builders.saving(enterprise_id, **change))
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == pointer


async def test_an_unknown_enterprise_is_named(api: Api) -> None:
    refused = await api.post("/v1/savings", json=builders.saving("01941f29-7c00-7000-8000-00000000dead"))
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown-reference")
    assert refused.json()["errors"][0]["pointer"] == "/enterprise_id"


async def test_an_approved_nothing_is_an_answer(api: Api, enterprise_id: str) -> None:
    made = await api.make("/v1/savings", builders.saving(enterprise_id, **money("0")))
    assert (made["state"], made["amount"]["amount"]) == ("approved", "0.00")


async def test_the_same_again_is_the_one_there_and_another_amount_a_version(api: Api, enterprise_id: str) -> None:
    first = await api.post("/v1/savings", json=builders.saving(enterprise_id))
    again = await api.post("/v1/savings", json=builders.saving(enterprise_id, **money("1200")))
    other = await api.post("/v1/savings", json=builders.saving(enterprise_id, **money("1300")))
    assert [answer.status_code for answer in (first, again, other)] == [201, 200, 201]
    assert again.json() == first.json()
    versions = (await api.get(f"/v1/savings/{first.json()['id']}/versions")).json()["items"]
    assert [(one["revision"], one["state"]) for one in versions] == [(1, "superseded"), (2, "approved")]


@pytest.mark.parametrize("key", [{"month": "2012-07"}, {"recurrence": "annual"}, {"reference": "action 7"}], ids=str)
async def test_month_recurrence_and_reference_tell_savings_apart(
    api: Api, enterprise_id: str, key: dict[str, str]
) -> None:
    await api.make("/v1/savings", builders.saving(enterprise_id))
    assert (await api.make("/v1/savings", builders.saving(enterprise_id, **key)))["revision"] == 1


async def test_a_left_out_reference_is_answered_as_null(api: Api, enterprise_id: str) -> None:
    assert (await api.make("/v1/savings", builders.saving(enterprise_id)))["reference"] is None
    named = await api.make("/v1/savings", builders.saving(enterprise_id, reference="action 7"))
    assert named["reference"] == "action 7"


async def test_the_verbs_are_those_of_observations(api: Api, enterprise_id: str) -> None:
    made = await api.make("/v1/savings", builders.saving(enterprise_id, state="draft"))
    path = f"/v1/savings/{made['id']}"
    assert (await api.do(path, "submit"))["state"] == "submitted"
    assert (await api.do(path, "return", {"reason": "No receipts"}))["reason"] == "No receipts"
    assert (await api.do(path, "submit"))["state"] == "submitted"
    assert (await api.do(path, "approve"))["allowed_actions"] == []
    refused = await api.post(f"{path}/return", json={"reason": "Late"})
    assert (refused.status_code, refused.json()["code"]) == (409, "wrong-state")


async def test_only_a_draft_or_submitted_saving_is_amended(api: Api, enterprise_id: str) -> None:
    made = await api.make("/v1/savings", builders.saving(enterprise_id, state="submitted"))
    path = f"/v1/savings/{made['id']}"
    amended = await api.patch(path, json={"amount": {"amount": "7"}}, headers={"If-Match": '"1"'})
    assert (amended.status_code, amended.json()["amount"]) == (200, {"amount": "7.00", "currency": "USD"})
    moved = await api.patch(path, json={"month": "2012-07"}, headers={"If-Match": '"2"'})
    assert (moved.status_code, moved.json()["errors"][0]["pointer"]) == (422, "/month")
    await api.do(path, "approve")
    late = await api.patch(path, json={"amount": {"amount": "8"}}, headers={"If-Match": '"3"'})
    assert (late.status_code, late.json()["code"]) == (409, "wrong-state")


async def test_many_are_approved_at_once(api: Api, enterprise_id: str) -> None:
    for month in ("2012-06", "2012-07", "2013-06"):
        await api.make("/v1/savings", builders.saving(enterprise_id, month=month, state="submitted"))
    wanted = {"filter": {"enterprise_id": enterprise_id, "from": "2012-06", "to": "2012-12"}}
    answer = await api.post("/v1/savings/approve", json=wanted)
    assert (answer.status_code, answer.json()["approved"]) == (202, 2)
    left = (await api.get("/v1/savings", params={"enterprise_id": enterprise_id, "state": "submitted"})).json()["items"]
    assert [saving["month"] for saving in left] == ["2013-06"]


async def test_lists_are_filtered(api: Api, enterprise_id: str) -> None:
    await api.make("/v1/savings", builders.saving(enterprise_id, month="2012-06", reference="a"))
    await api.make("/v1/savings", builders.saving(enterprise_id, month="2012-07", recurrence="annual"))

    async def months(**filters: str) -> list[str]:
        answer = await api.get("/v1/savings", params={"enterprise_id": enterprise_id, **filters})
        return [item["month"] for item in answer.json()["items"]]

    assert await months() == ["2012-06", "2012-07"]
    assert await months(recurrence="annual") == ["2012-07"]
    assert await months(reference="a") == ["2012-06"]
    assert await months(currency="CNY") == []
    assert await months(**{"from": "2012-07"}) == ["2012-07"]
