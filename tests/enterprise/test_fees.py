from typing import Any

import pytest

from tests import builders
from tests.conftest import Api, ClientOf
from tests.enterprise.problems import code_of, places_in

Document = dict[str, Any]
UNKNOWN = "0190aaaa-0000-7000-8000-000000000000"


@pytest.fixture
def path(partnership: Document) -> str:
    return f"/v1/partnerships/{partnership['id']}/fees"


async def test_half_is_the_buyers_and_half_the_suppliers(
    api: Api, path: str, buyer: Document, enterprise: Document
) -> None:
    halves = {buyer["id"]: "50", enterprise["id"]: "50.0"}
    answer = await api.post(path, json=builders.fee(enterprise["id"], halves, external_ref=builders.unique()))
    made = answer.json()
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"] == f"{path}/{made['id']}"
    part = {"percent": "50", "amount": {"amount": "1500.00", "currency": "USD"}}
    assert made["shares"] == [{"payer_id": payer, **part} for payer in halves]
    assert (made["amount"], made["state"], made["allowed_actions"]) == (
        {"amount": "3000.00", "currency": "USD"},
        "agreed",
        ["cancel"],
    )
    assert (await api.get(answer.headers["Location"])).json() == made
    for filters in ({"payer_id": buyer["id"]}, {"enterprise_id": enterprise["id"]}, {"state": "agreed"}):
        assert (await api.get(path, params=filters)).json()["items"] == [made]
    for filters in ({"payer_id": UNKNOWN}, {"state": "cancelled"}):
        assert (await api.get(path, params=filters)).json()["items"] == []


async def test_a_mistake_is_refused_at_its_place_and_in_words(
    api: Api, path: str, buyer: Document, enterprise: Document
) -> None:
    other = await api.make("/v1/enterprises", builders.enterprise())
    one, two = buyer["id"], enterprise["id"]

    async def refused(percents: dict[str, str], code: str, *place: str, **changes: Any) -> str:
        answer = await api.post(path, json=builders.fee(two, percents, **changes))
        assert (code_of(answer), places_in(answer)) == ((422, code), {place}), answer.text
        return str(answer.json()["errors"][0]["detail"])

    words = await refused({one: "50", two: "49.5"}, "validation-failed", "/shares", "not_a_whole")
    assert words == "The percentages add up to 99.5, not to 100."
    await refused({one: "0", two: "100"}, "validation-failed", "/shares/0/percent", "out_of_range")
    words = await refused({one: "120"}, "validation-failed", "/shares/0/percent", "out_of_range")
    assert words == "percent (120) is more than 100."
    twice = [{"payer_id": one, "percent": "50"}] * 2
    await refused({}, "validation-failed", "/shares", "duplicate", shares=twice)
    await refused({}, "validation-failed", "/shares", "too_short", shares=[])
    nothing = {"amount": "0", "currency": "USD"}
    await refused({one: "100"}, "validation-failed", "/amount/amount", "out_of_range", amount=nothing)
    fine = {"amount": "1.001", "currency": "USD"}
    await refused({one: "100"}, "validation-failed", "/amount/amount", "too_many_digits", amount=fine)
    unknown = "unknown-reference", "/shares/1/payer_id", "unknown_reference"
    await refused({one: "50", UNKNOWN: "50"}, *unknown)
    await refused({one: "50", other["id"]: "50"}, *unknown)  # an enterprise pays for itself alone
    await refused({}, "unknown-reference", "/enterprise_id", "unknown_reference", enterprise_id=UNKNOWN)
    assert (await api.get(path)).json()["items"] == []


async def test_a_partnership_counts_in_one_currency(api: Api, path: str, enterprise: Document) -> None:
    """That of its budget or, as long as it has none, of the fees it has."""
    home = path.removesuffix("/fees")
    euros = {"amount": {"amount": "10", "currency": "EUR"}}
    first = await api.make(path, builders.fee(enterprise["id"]))
    refused = await api.post(path, json=builders.fee(enterprise["id"], **euros))
    assert (code_of(refused), places_in(refused)) == (
        (422, "validation-failed"),
        {("/amount/currency", "other_currency")},
    )
    assert refused.json()["errors"][0]["detail"] == (
        "amount.currency (EUR) is not the currency of the partnership (USD)."
    )
    budget = {"budget": {"amount": "100", "currency": "EUR"}}
    held = await api.patch(home, json=budget, headers={"If-Match": '"1"'})
    assert (code_of(held), places_in(held)) == ((422, "validation-failed"), {("/budget/currency", "other_currency")})
    await api.do(f"{path}/{first['id']}", "cancel", {"reason": "In euros after all"})
    assert (await api.patch(home, json=budget, headers={"If-Match": '"1"'})).status_code == 200
    assert (await api.make(path, builders.fee(enterprise["id"], **euros)))["amount"]["currency"] == "EUR"


async def test_it_is_corrected_by_a_patch_and_taken_back_by_a_verb(
    api: Api, path: str, buyer: Document, enterprise: Document
) -> None:
    made = await api.make(path, builders.fee(enterprise["id"], external_ref=builders.unique()))
    one = f"{path}/{made['id']}"
    shares = [{"payer_id": buyer["id"], "percent": "33.33"}, {"payer_id": enterprise["id"], "percent": "66.67"}]
    amended = await api.patch(one, json={"shares": shares}, headers={"If-Match": '"1"'})
    assert [share["amount"]["amount"] for share in amended.json()["shares"]] == ["999.90", "2000.10"]
    assert amended.json()["version"] == 2
    moved = await api.patch(one, json={"enterprise_id": buyer["id"]}, headers={"If-Match": '"2"'})
    assert places_in(moved) == {("/enterprise_id", "read_only")}
    cancelled = await api.do(one, "cancel", {"reason": "Entered twice"})
    assert (cancelled["state"], cancelled["reason"], cancelled["allowed_actions"]) == ("cancelled", "Entered twice", [])
    late = await api.patch(one, json={"shares": shares}, headers={"If-Match": '"3"'})
    assert code_of(late) == (409, "wrong-state")
    again = await api.post(path, json=builders.fee(enterprise["id"], external_ref=made["external_ref"]))
    assert (code_of(again), again.headers["Location"]) == ((409, "already-exists"), one)


async def test_parties_and_the_enterprise_see_it_and_nobody_else_does(
    api: Api, client_of: ClientOf, path: str, buyer: Document, enterprise: Document
) -> None:
    home = path.removesuffix("/fees")
    made = await api.make(path, builders.fee(enterprise["id"]))
    party = await client_of("buyer", organisation_id=buyer["id"])
    assert code_of(await party.get(f"{path}/{made['id']}")) == (404, "not-found")
    parties = {"parties": [{"organisation_id": buyer["id"], "role": "funder"}]}
    assert (await api.patch(home, json=parties, headers={"If-Match": '"1"'})).status_code == 200
    itself = await client_of("enterprise", enterprise_id=enterprise["id"])
    party.consistency = api.consistency
    for client in (party, itself):
        assert (await client.get(path)).json()["items"][0]["id"] == made["id"]
        assert code_of(await client.post(path, json=builders.fee(enterprise["id"]))) == (403, "forbidden")
    for stranger in (await client_of("enterprise"), await client_of("buyer")):
        assert code_of(await stranger.get(f"{path}/{made['id']}")) == (404, "not-found")
