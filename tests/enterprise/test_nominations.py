from typing import Any

import pytest

from tests import builders
from tests.conftest import Api
from tests.enterprise.problems import code_of, places_in

Document = dict[str, Any]
UNKNOWN = "0190aaaa-0000-7000-8000-000000000000"
ENDS = {"accept": "accepted", "decline": "declined", "cancel": "cancelled"}


@pytest.fixture
def path(partnership: Document) -> str:
    return f"/v1/partnerships/{partnership['id']}/nominations"


async def test_it_is_sent(api: Api, path: str, partnership: Document, enterprise: Document) -> None:
    sent = {"enterprise_id": enterprise["id"], "external_ref": builders.unique()}
    answer = await api.post(path, json=sent)
    made = answer.json()
    assert {name: made[name] for name in sent} == sent
    assert (made["partnership_id"], made["state"]) == (partnership["id"], "sent")
    assert made["allowed_actions"] == ["accept", "decline", "cancel"]
    assert answer.headers["Location"] == f"{path}/{made['id']}"
    assert (await api.get(answer.headers["Location"])).json() == made


@pytest.mark.parametrize("second", ENDS)
@pytest.mark.parametrize("first", ENDS)
async def test_it_is_answered_once(api: Api, path: str, enterprise: Document, first: str, second: str) -> None:
    made = await api.make(path, {"enterprise_id": enterprise["id"]})
    answered = await api.do(f"{path}/{made['id']}", first)
    assert (answered["state"], answered["allowed_actions"]) == (ENDS[first], [])
    refused = await api.post(f"{path}/{made['id']}/{second}")
    assert code_of(refused) == (409, "wrong-state")
    assert (refused.json()["state"], refused.json()["allowed_actions"]) == (ENDS[first], [])


async def test_an_enterprise_is_asked_again_only_after_it_declined(api: Api, path: str, enterprise: Document) -> None:
    body = {"enterprise_id": enterprise["id"]}
    first = await api.make(path, body)
    twice = await api.post(path, json=body)
    assert (code_of(twice), places_in(twice)) == ((409, "already-exists"), {("/enterprise_id", "taken")})
    assert twice.headers["Location"] == f"{path}/{first['id']}"
    await api.do(f"{path}/{first['id']}", "decline")
    assert (await api.make(path, body))["state"] == "sent"


async def test_an_external_ref_is_taken_once_in_its_partnership(api: Api, path: str, enterprise: Document) -> None:
    ref = builders.unique()
    first = await api.make(path, {"enterprise_id": enterprise["id"], "external_ref": ref})
    await api.do(f"{path}/{first['id']}", "cancel")
    again = await api.post(path, json={"enterprise_id": enterprise["id"], "external_ref": ref})
    assert (code_of(again), places_in(again)) == ((409, "already-exists"), {("/external_ref", "taken")})
    assert again.headers["Location"] == f"{path}/{first['id']}"
    other = await api.make("/v1/partnerships", builders.partnership())
    elsewhere = f"/v1/partnerships/{other['id']}/nominations"
    assert await api.make(elsewhere, {"enterprise_id": enterprise["id"], "external_ref": ref})


async def test_an_unknown_enterprise_cannot_be_nominated(api: Api, path: str) -> None:
    answer = await api.post(path, json={"enterprise_id": UNKNOWN})
    assert (code_of(answer), places_in(answer)) == (
        (422, "unknown-reference"),
        {("/enterprise_id", "unknown_reference")},
    )


async def test_a_closed_partnership_asks_nobody(
    api: Api, path: str, partnership: Document, enterprise: Document
) -> None:
    for verb in ("sign", "activate", "close"):
        await api.do(f"/v1/partnerships/{partnership['id']}", verb)
    answer = await api.post(path, json={"enterprise_id": enterprise["id"]})
    assert (code_of(answer), answer.json()["state"]) == ((409, "wrong-state"), "closed")


@pytest.mark.parametrize("verb", ["withdraw", "close"])
async def test_who_has_left_the_programme_is_not_asked(api: Api, path: str, enterprise: Document, verb: str) -> None:
    left = await api.do(f"/v1/enterprises/{enterprise['id']}", verb, {"reason": "Moved away"})
    refused = await api.post(path, json={"enterprise_id": enterprise["id"]})
    assert (code_of(refused), places_in(refused)) == ((409, "wrong-state"), {("/enterprise_id", "left")})
    assert (refused.json()["state"], refused.json()["allowed_actions"]) == (left["state"], left["allowed_actions"])


async def test_it_is_found_only_under_its_partnership(api: Api, path: str, enterprise: Document) -> None:
    made = await api.make(path, {"enterprise_id": enterprise["id"]})
    other = await api.make("/v1/partnerships", builders.partnership())
    elsewhere = f"/v1/partnerships/{other['id']}/nominations"
    assert code_of(await api.get(f"{elsewhere}/{made['id']}")) == (404, "not-found")
    assert code_of(await api.post(f"{elsewhere}/{made['id']}/accept")) == (404, "not-found")
    assert (await api.get(elsewhere)).json()["items"] == []
    assert code_of(await api.get(f"/v1/partnerships/{UNKNOWN}/nominations")) == (404, "not-found")


async def test_they_are_found_by_enterprise_and_state(api: Api, path: str, enterprise: Document) -> None:
    other = await api.make("/v1/enterprises", builders.enterprise())
    one = await api.make(path, {"enterprise_id": enterprise["id"]})
    two = await api.make(path, {"enterprise_id": other["id"]})
    await api.do(f"{path}/{two['id']}", "accept")

    async def found(**filters: str) -> list[str]:
        return [one["id"] for one in (await api.get(path, params=filters)).json()["items"]]

    assert await found() == [one["id"], two["id"]]
    assert await found(enterprise_id=other["id"]) == [two["id"]]
    assert await found(state="sent,declined") == [one["id"]]


async def test_with_the_partnership_end_its_unanswered_nominations(
    api: Api, path: str, partnership: Document, enterprise: Document
) -> None:
    member = await api.make("/v1/enterprises", builders.enterprise())
    joined = await api.make(path, {"enterprise_id": member["id"]})
    await api.do(f"{path}/{joined['id']}", "accept")
    asked = await api.make(path, {"enterprise_id": enterprise["id"]})
    for verb in ("sign", "activate", "close"):
        await api.do(f"/v1/partnerships/{partnership['id']}", verb)
    assert (await api.get(f"{path}/{asked['id']}")).json() | {"updated_at": ""} == asked | {
        "state": "cancelled",
        "version": 2,
        "allowed_actions": [],
        "updated_at": "",
    }
    assert (await api.get(f"{path}/{joined['id']}")).json()["state"] == "accepted"
    assert code_of(await api.post(f"{path}/{asked['id']}/accept")) == (409, "wrong-state")
