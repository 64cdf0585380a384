"""Who had which number when: it passes from an enterprise that is gone to a living one, and the past stays told."""

from typing import Any

from tests import builders
from tests.conftest import Api, ClientOf
from tests.enterprise.problems import code_of

Document = dict[str, Any]


async def held(client: Api, enterprise: Document, **page: str) -> list[Document]:
    answer = await client.get(f"/v1/enterprises/{enterprise['id']}/identifiers", params=page)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def found(api: Api, **filters: str) -> set[str]:
    return {one["id"] for one in (await api.get("/v1/enterprises", params=filters)).json()["items"]}


async def test_a_number_passes_from_who_is_gone_to_who_lives(api: Api, client_of: ClientOf) -> None:
    number, other = builders.gln(), builders.gln()
    numbers = [{"scheme": "gln", "value": number}, {"scheme": "national", "value": "CN:DEMO:1"}]
    numbers[1]["value"] += number  # a colon of its own is no part of the scheme
    before = await api.make("/v1/enterprises", builders.enterprise(identifiers=numbers))
    path = f"/v1/enterprises/{before['id']}"
    successor = builders.enterprise(identifiers=numbers[:1])
    assert code_of(await api.post("/v1/enterprises", json=successor)) == (409, "already-exists")
    await api.do(path, "close", {"reason": "Sold"})
    after = await api.make("/v1/enterprises", successor)
    assert [one["scheme"] for one in (await api.get(path)).json()["identifiers"]] == ["national"]
    first, second = await held(api, before)
    assert [one["value"] for one in (first, second)] == [one["value"] for one in numbers]
    (passed,) = await held(api, after)
    assert (first["until"] is not None, second["until"], passed["until"]) == (True, None, None)
    assert first["since"] < first["until"] <= passed["since"]
    change = {"identifiers": [{"scheme": "gln", "value": other}]}
    await api.patch(f"/v1/enterprises/{after['id']}", json=change, headers={"If-Match": '"1"'})
    assert [(one["value"], one["until"] is None) for one in await held(api, after)] == [(number, False), (other, True)]
    spaced = f"{number[:4]} {number[4:]}"
    assert await found(api, identifier=f"gln:{spaced}") == set()
    assert await found(api, identifier=f"gln:{other},{written(numbers[1])}") == {before["id"], after["id"]}
    assert await found(api, had_identifier=f"gln:{spaced}") == {before["id"], after["id"]}
    page = await api.get(f"{path}/identifiers", params={"limit": "1", "count": "exact"})
    assert (page.json()["total"], page.json()["items"]) == (2, [first])
    assert await held(api, before, limit="1", cursor=page.json()["next_cursor"]) == [second]
    itself = await client_of("enterprise", enterprise_id=after["id"])
    assert len(await held(itself, after)) == 2
    assert code_of(await itself.get(f"{path}/identifiers")) == (404, "not-found")
    assert code_of(await (await client_of("buyer")).get(f"{path}/identifiers")) == (403, "forbidden")


def written(identifier: Document) -> str:
    return f"{identifier['scheme']}:{identifier['value']}"
