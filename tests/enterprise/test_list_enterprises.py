from typing import Any
from urllib.parse import quote

import pytest

from tests import builders
from tests.conftest import Api
from tests.enterprise.problems import code_of, places_in

Document = dict[str, Any]


async def ids(api: Api, **filters: str) -> list[str]:
    answer = await api.get("/v1/enterprises", params=filters)
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json()["items"]]


async def made(api: Api, **facts: Any) -> str:
    enterprise = await api.make("/v1/enterprises", builders.enterprise(**facts))
    return str(enterprise["id"])


async def test_by_country_state_and_activity(api: Api) -> None:
    word = builders.unique("Filters")
    knitwear = await made(api, legal_name=f"{word} 1", country="GH", isic="1430")
    garments = await made(api, legal_name=f"{word} 2", country="VN", isic="1410")
    furniture = await made(api, legal_name=f"{word} 3", country="VN", isic="3100")
    await api.do(f"/v1/enterprises/{furniture}", "assess", {"eligible": True})
    assert await ids(api, q=word, country="GH") == [knitwear]
    assert await ids(api, q=word, country="GH,VN") == [knitwear, garments, furniture]
    assert await ids(api, q=word, state="registered") == [knitwear, garments]
    assert await ids(api, q=word, state="eligible,closed") == [furniture]
    assert await ids(api, q=word, isic="14") == [knitwear, garments]
    assert await ids(api, q=word, isic="143,3") == [knitwear, furniture]


async def test_by_a_fragment_of_any_name_whatever_its_accents_and_capitals(api: Api) -> None:
    word = builders.unique()
    one = await made(api, legal_name=f"Textiles Peñón {word} S.A.", country="PE")
    two = await made(api, local_name=f"琥珀苍鹭服装 {word}", trade_names=["Straße"])
    assert await ids(api, q=f"peNon {word.upper()}") == [one]
    assert await ids(api, q=f"苍鹭服装 {word}") == [two]
    assert two in await ids(api, q="STRASSE", sort="-created_at")
    assert await ids(api, q=f"100%_{word}") == []


async def test_by_identifier(api: Api) -> None:
    number, other = builders.gln(), builders.gln()
    one = await made(api, identifiers=[{"scheme": "gln", "value": number}])
    two = await made(api, identifiers=[{"scheme": "gln", "value": other}])
    assert await ids(api, identifier=f"gln:{number}") == [one]
    assert await ids(api, identifier=f"gln:{number},gln:{other}") == [one, two]
    wrong = await api.get("/v1/enterprises", params={"identifier": number})
    assert places_in(wrong) == {("identifier", "wrong_value")}


async def test_by_buyer_only_through_a_confirmed_link_of_today(api: Api, buyer: Document) -> None:
    supplier, proposed, past = await made(api), await made(api), await made(api)
    for enterprise_id, changes in ((supplier, {}), (past, {"until": "2012-12-31"})):
        link = await api.make("/v1/supply-links", builders.supply_link(buyer["id"], enterprise_id, **changes))
        await api.do(f"/v1/supply-links/{link['id']}", "confirm")
    await api.make("/v1/supply-links", builders.supply_link(buyer["id"], proposed))
    assert await ids(api, buyer_id=buyer["id"]) == [supplier]


async def test_by_partnership_only_members(api: Api, partnership: Document) -> None:
    member, asked = await made(api), await made(api)
    path = f"/v1/partnerships/{partnership['id']}/nominations"
    nomination = await api.make(path, {"enterprise_id": member})
    await api.do(f"{path}/{nomination['id']}", "accept")
    await api.make(path, {"enterprise_id": asked})
    assert await ids(api, partnership_id=partnership["id"]) == [member]


@pytest.mark.parametrize("sort", ["created_at", "-created_at", "updated_at", "-updated_at"])
async def test_pages_hold_each_once_in_the_order_asked_for(api: Api, sort: str) -> None:
    word = builders.unique("Pages")
    all_of_them = [await made(api, legal_name=f"{word} {n}") for n in range(7)]
    first = await api.get("/v1/enterprises", params={"q": word, "limit": "3", "sort": sort, "count": "exact"})
    seen, page, pages = [], first, 1
    while True:
        seen += [one["id"] for one in page.json()["items"]]
        if page.json()["next_cursor"] is None:
            break
        link = page.headers["Link"]
        page, pages = await api.get(link[link.index("<") + 1 : link.index(">")]), pages + 1
    assert first.json()["total"] == 7
    assert pages == 3
    assert "Link" not in page.headers
    assert seen == (all_of_them[::-1] if sort.startswith("-") else all_of_them)


async def test_updated_since_finds_what_changed(api: Api) -> None:
    word = builders.unique("Since")
    await made(api, legal_name=f"{word} 1")
    changed = await made(api, legal_name=f"{word} 2")
    after = await api.do(f"/v1/enterprises/{changed}", "assess", {"eligible": True})
    assert await ids(api, q=word, updated_since=after["updated_at"]) == [changed]


async def test_a_cursor_belongs_to_its_filters(api: Api) -> None:
    word = builders.unique("Cursor")
    for n in range(2):
        await made(api, legal_name=f"{word} {n}")
    page = (await api.get("/v1/enterprises", params={"q": word, "limit": "1"})).json()
    other = await api.get(f"/v1/enterprises?limit=1&cursor={quote(page['next_cursor'])}")
    assert (code_of(other), places_in(other)) == ((422, "validation-failed"), {("cursor", "bad_cursor")})


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("limit=501", ("limit", "out_of_range")),
        ("colour=red", ("colour", "unknown_parameter")),
        ("q=", ("q", "empty_parameter")),
        ("country=CN&country=VN", ("country", "repeated_parameter")),
        ("country=CN,XX", ("country", "wrong_value")),
        ("state=asleep", ("state", "wrong_value")),
        ("isic=14301", ("isic", "wrong_value")),
        ("buyer_id=7", ("buyer_id", "wrong_value")),
        ("sort=legal_name", ("sort", "not_one_of")),
        ("q=%00", ("q", "nul_character")),
    ],
)
async def test_a_wrong_parameter_is_refused_by_name(api: Api, query: str, place: tuple[str, str]) -> None:
    answer = await api.get(f"/v1/enterprises?{query}")
    assert (code_of(answer), places_in(answer)) == ((422, "validation-failed"), {place})


async def test_a_query_that_cannot_be_decoded_is_malformed(api: Api) -> None:
    assert code_of(await api.get("/v1/enterprises?q=%ff")) == (400, "malformed-query")
