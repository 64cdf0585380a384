"""What forms choose from, each list whole and sent once."""

from typing import Any

import pytest

from services.enterprise_svc.enterprises.identifiers import Scheme
from shared.permissions.roles import Role
from shared.types import COUNTRIES, CURRENCIES
from tests.conftest import Api
from tests.enterprise.problems import code_of

Document = dict[str, Any]
LISTS = ("countries", "currencies", "languages", "isic", "identifier-schemes", "roles", "events")


async def entries(api: Api, name: str) -> dict[str, Document]:
    page = (await api.get(f"/v1/reference/{name}")).json()
    assert page["next_cursor"] is None
    found = {one["code"]: one for one in page["items"]}
    assert len(found) == len(page["items"])
    return found


@pytest.mark.parametrize("name", LISTS)
async def test_who_has_a_list_is_not_sent_it_again(api: Api, name: str) -> None:
    first = await api.get(f"/v1/reference/{name}")
    assert all(one["code"] and one["name"] for one in first.json()["items"])
    again = await api.get(f"/v1/reference/{name}", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert (await api.get(f"/v1/reference/{name}", headers={"If-None-Match": '"old"'})).status_code == 200


async def test_what_the_api_takes_is_there(api: Api) -> None:
    assert (await entries(api, "countries")).keys() == COUNTRIES
    assert (await entries(api, "currencies")).keys() == CURRENCIES
    assert (await entries(api, "identifier-schemes")).keys() == set(Scheme)
    assert (await entries(api, "roles")).keys() == set(Role)


async def test_entries_say_what_they_are(api: Api) -> None:
    assert (await entries(api, "countries"))["GH"] == {
        "code": "GH",
        "name": "Ghana",
        "alpha_3": "GHA",
        "numeric": "288",
    }
    currencies = await entries(api, "currencies")
    assert [currencies[code]["digits"] for code in ("USD", "VND", "TND")] == [2, 0, 3]
    assert (await entries(api, "languages"))["vi"]["name"] == "Vietnamese"
    assert (await entries(api, "events"))["score.enterprise.consent.withdrawn.v1"] == {
        "code": "score.enterprise.consent.withdrawn.v1",
        "name": "withdrawn",
        "publisher": "enterprise",
        "aggregate": "consent",
    }


async def test_isic_is_whole(api: Api) -> None:
    isic = await entries(api, "isic")
    by_level = [
        sum(one["level"] == level for one in isic.values()) for level in ("section", "division", "group", "class")
    ]
    assert by_level == [21, 88, 238, 419]
    assert isic["1430"] == {
        "code": "1430",
        "name": "Manufacture of knitted and crocheted apparel",
        "level": "class",
        "parent": "143",
    }
    assert isic["C"]["parent"] is None
    for code, one in isic.items():
        assert one["level"] == "section" or isic[one["parent"]]
        assert len(code) < 3 or one["parent"] == code[:-1]


async def test_there_are_no_others(api: Api) -> None:
    assert code_of(await api.get("/v1/reference/planets")) == (404, "not-found")
    assert code_of(await api.get("/v1/reference/countries?limit=5")) == (422, "validation-failed")
    assert code_of(await api.post("/v1/reference/countries", json={})) == (405, "method-not-allowed")
