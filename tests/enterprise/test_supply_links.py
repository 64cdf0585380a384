from datetime import UTC, datetime
from typing import Any

import pytest

from tests import builders
from tests.conftest import Api
from tests.enterprise.problems import code_of, places_in

Document = dict[str, Any]
UNKNOWN = "0190aaaa-0000-7000-8000-000000000000"
VERBS = ("confirm", "end")
WAYS: dict[str, list[str]] = {"proposed": [], "confirmed": ["confirm"], "ended": ["end"]}
LEADS_TO: dict[str, dict[str, str]] = {
    "proposed": {"confirm": "confirmed", "end": "ended"},
    "confirmed": {"end": "ended"},
    "ended": {},
}


@pytest.fixture
async def link(api: Api, buyer: Document, enterprise: Document) -> Document:
    return await api.make("/v1/supply-links", builders.supply_link(buyer["id"], enterprise["id"]))


async def test_every_field_comes_back(api: Api, buyer: Document, enterprise: Document) -> None:
    sent = builders.supply_link(
        buyer["id"], enterprise["id"], tier=2, until="2015-12-31", external_ref=builders.unique()
    )
    made = await api.make("/v1/supply-links", sent)
    assert {name: made[name] for name in sent} == sent
    assert made["state"] == "proposed"
    assert (await api.get(f"/v1/supply-links/{made['id']}")).json() == made


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("state", WAYS)
async def test_a_verb_leads_on_or_is_refused(api: Api, link: Document, state: str, verb: str) -> None:
    path = f"/v1/supply-links/{link['id']}"
    for step in WAYS[state]:
        link = await api.do(path, step)
    assert (link["state"], link["allowed_actions"]) == (state, list(LEADS_TO[state]))
    answer = await api.post(f"{path}/{verb}")
    if verb in LEADS_TO[state]:
        assert answer.json()["state"] == LEADS_TO[state][verb]
    else:
        assert code_of(answer) == (409, "wrong-state")
        assert (answer.json()["state"], answer.json()["allowed_actions"]) == (state, list(LEADS_TO[state]))


async def test_it_ends_today_or_on_the_earlier_day_it_names(api: Api, buyer: Document, enterprise: Document) -> None:
    today = datetime.now(UTC).date().isoformat()
    for until, end in ((None, today), ("2012-12-31", "2012-12-31"), ("2999-12-31", today)):
        sent = builders.supply_link(buyer["id"], enterprise["id"], until=until)
        made = await api.make("/v1/supply-links", sent)
        assert (await api.do(f"/v1/supply-links/{made['id']}", "end"))["until"] == end


@pytest.mark.parametrize(
    ("changes", "code", "place"),
    [
        ({"buyer_id": UNKNOWN}, "unknown-reference", ("/buyer_id", "unknown_reference")),
        ({"enterprise_id": UNKNOWN}, "unknown-reference", ("/enterprise_id", "unknown_reference")),
        ({"tier": 0}, "validation-failed", ("/tier", "out_of_range")),
        ({"until": "2010-05-31"}, "validation-failed", ("/until", "before_begin")),
        ({"confirmed": True}, "validation-failed", ("/confirmed", "extra_forbidden")),
    ],
)
async def test_a_mistake_is_refused_at_its_place(
    api: Api, buyer: Document, enterprise: Document, changes: Document, code: str, place: tuple[str, str]
) -> None:
    answer = await api.post("/v1/supply-links", json=builders.supply_link(buyer["id"], enterprise["id"], **changes))
    assert (code_of(answer), places_in(answer)) == ((422, code), {place})


async def test_a_confirmed_link_stays_between_the_two(api: Api, link: Document) -> None:
    path = f"/v1/supply-links/{link['id']}"
    other = await api.make("/v1/organisations", builders.organisation())
    moved = await api.patch(path, json={"buyer_id": other["id"]}, headers={"If-Match": '"1"'})
    assert moved.json()["buyer_id"] == other["id"]
    await api.do(path, "confirm")
    refused = await api.patch(path, json={"buyer_id": link["buyer_id"]}, headers={"If-Match": '"3"'})
    assert places_in(refused) == {("/buyer_id", "read_only")}
    assert (await api.patch(path, json={"tier": 3}, headers={"If-Match": '"3"'})).json()["tier"] == 3


async def test_a_link_that_has_ended_keeps_a_last_day(api: Api, link: Document) -> None:
    path = f"/v1/supply-links/{link['id']}"
    await api.do(path, "end")
    answer = await api.patch(path, json={"until": None}, headers={"If-Match": '"2"'})
    assert places_in(answer) == {("/until", "missing")}
    corrected = await api.patch(path, json={"until": "2013-01-31"}, headers={"If-Match": '"2"'})
    assert (corrected.json()["until"], corrected.json()["state"]) == ("2013-01-31", "ended")


async def test_they_are_found_by_who_and_when_and_state(api: Api, buyer: Document, link: Document) -> None:
    other = await api.make("/v1/enterprises", builders.enterprise())
    ended = builders.supply_link(buyer["id"], other["id"], since="2008-01-01", until="2009-12-31")
    second = await api.make("/v1/supply-links", ended)
    await api.do(f"/v1/supply-links/{second['id']}", "confirm")

    async def found(**filters: str) -> list[str]:
        answer = await api.get("/v1/supply-links", params={"buyer_id": buyer["id"]} | filters)
        return [one["id"] for one in answer.json()["items"]]

    assert await found() == [link["id"], second["id"]]
    assert await found(enterprise_id=other["id"]) == [second["id"]]
    assert await found(state="confirmed") == [second["id"]]
    assert await found(to="2009-12-31") == [second["id"]]
    assert await found(**{"from": "2010-01-01"}) == [link["id"]]
