"""A federation sees what its members let it see: that they are there, and what they have opened to it."""

import asyncio
from typing import Any

import pytest

from tests import builders
from tests.conftest import Api, ClientOf
from tests.enterprise.problems import code_of, places_in

Document = dict[str, Any]


@pytest.fixture
async def federation(api: Api) -> Document:
    return await api.make("/v1/organisations", builders.organisation(kind="federation"))


@pytest.fixture
async def member(api: Api, federation: Document) -> Document:
    return await api.make("/v1/organisations", builders.organisation(member_of=[federation["id"]]))


async def amend(api: Api, organisation: Document, version: int = 1, **changes: Any) -> Any:
    match = {"If-Match": f'"{version}"'}
    return await api.patch(f"/v1/organisations/{organisation['id']}", json=changes, headers=match)


async def test_nothing_is_a_member_of_itself_by_any_way(api: Api, federation: Document, member: Document) -> None:
    above = await api.make("/v1/organisations", builders.organisation(kind="federation"))
    other = await api.make("/v1/organisations", builders.organisation(kind="federation"))
    assert (await amend(api, federation, member_of=[above["id"]])).status_code == 200
    for organisation, through in ((above, member), (above, federation), (above, above)):
        answer = await amend(api, organisation, member_of=[other["id"], through["id"]])
        assert (code_of(answer), places_in(answer)) == (
            (422, "validation-failed"),
            {("/member_of/1", "membership_circle")},
        )
    assert (await amend(api, above, member_of=[other["id"]])).status_code == 200


async def test_of_two_that_would_close_a_circle_at_once_one_is_refused(api: Api) -> None:
    one, two = [await api.make("/v1/organisations", builders.organisation()) for _ in range(2)]
    answers = await asyncio.gather(amend(api, one, member_of=[two["id"]]), amend(api, two, member_of=[one["id"]]))
    assert sorted(answer.status_code for answer in answers) == [200, 422]


async def test_a_member_opens_itself_to_what_it_is_a_member_of(
    api: Api, client_of: ClientOf, federation: Document, member: Document
) -> None:
    itself = await client_of("buyer", organisation_id=member["id"])
    path = f"/v1/organisations/{member['id']}"
    stranger = await api.make("/v1/organisations", builders.organisation(kind="federation"))
    refused = await itself.post(f"{path}/open", json={"organisation_id": stranger["id"]})
    assert places_in(refused) == {("/organisation_id", "not_a_member")}
    opened = await itself.do(path, "open", {"organisation_id": federation["id"]})
    assert (opened["open_to"], opened["version"]) == ([federation["id"]], 2)
    assert await itself.do(path, "open", {"organisation_id": federation["id"]}) == opened
    shut = await itself.do(path, "shut", {"organisation_id": federation["id"]})
    assert (shut["open_to"], shut["version"]) == ([], 3)
    await itself.do(path, "open", {"organisation_id": federation["id"]})
    api.consistency = itself.consistency
    left = await amend(api, member, 4, member_of=[])
    assert (left.json()["member_of"], left.json()["open_to"]) == ([], [])  # who leaves shows nothing any more
    for role in ("buyer", "donor", "provider"):
        other = await client_of(role, organisation_id=federation["id"])
        assert (await other.post(f"{path}/open", json={"organisation_id": federation["id"]})).status_code in (403, 404)
    assert code_of(await itself.patch(path, json={}, headers={"If-Match": '"5"'})) == (403, "forbidden")


async def test_a_federation_sees_what_is_opened_to_it_and_not_with_whom(
    api: Api, client_of: ClientOf, federation: Document, member: Document, enterprise: Document
) -> None:
    partner = await api.make("/v1/organisations", builders.organisation(kind="donor"))
    parties = [{"organisation_id": one["id"], "role": "funder"} for one in (member, partner)]
    partnership = await api.make("/v1/partnerships", builders.partnership(parties=parties))
    home = f"/v1/partnerships/{partnership['id']}"
    await api.make(f"{home}/nominations", {"enterprise_id": enterprise["id"]})
    await api.make(f"{home}/fees", builders.fee(enterprise["id"], {member["id"]: "100"}))
    survey = await api.make("/v1/surveys", builders.survey(partnership_id=partnership["id"]))
    link = await api.make("/v1/supply-links", builders.supply_link(member["id"], enterprise["id"]))
    agreed = [home, f"{home}/progress", f"/v1/organisations/{partner['id']}", f"/v1/surveys/{survey['id']}"]
    above = await api.make("/v1/organisations", builders.organisation(kind="federation"))
    assert (await amend(api, federation, member_of=[above["id"]])).status_code == 200
    seeing = [await client_of(role, organisation_id=federation["id"]) for role in ("buyer", "donor")]
    higher = await client_of("buyer", organisation_id=above["id"])

    async def seen_by(client: Api) -> list[int]:
        client.consistency = api.consistency
        return [(await client.get(path)).status_code for path in agreed]

    for client in (*seeing, higher):
        assert await seen_by(client) == [404] * 4
    await api.do(f"/v1/organisations/{member['id']}", "open", {"organisation_id": federation["id"]})
    for client in seeing:
        assert await seen_by(client) == [200] * 4
        assert [one["id"] for one in (await client.get("/v1/partnerships")).json()["items"]] == [partnership["id"]]
        assert code_of(await client.get(f"/v1/enterprises/{enterprise['id']}"))[0] in (403, 404)
        assert code_of(await client.get(f"/v1/supply-links/{link['id']}"))[0] in (403, 404)
    buyer = seeing[0]
    for part in ("nominations", "fees"):  # whom a member works with stays with the parties
        assert (await buyer.get(f"{home}/{part}")).json()["items"] == []
    assert code_of(await buyer.post(f"{home}/nominations", json={"enterprise_id": enterprise["id"]}))[0] == 422
    assert await seen_by(higher) == [404] * 4  # what is open to one is not open to what that is a member of
    await api.do(f"/v1/organisations/{member['id']}", "shut", {"organisation_id": federation["id"]})
    for client in seeing:
        assert await seen_by(client) == [404] * 4
