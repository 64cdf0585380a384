from typing import Any

import pytest

from tests import builders
from tests.conftest import Api
from tests.enterprise.problems import code_of, places_in

WHOLE: dict[str, Any] = {
    "country": "CN",
    "local_name": "琥珀苍鹭服装（合成）",
    "trade_names": ["Heron", "Amber"],
    "subdivision": "CN-GD",
    "address": {"street": "1 Synthetic Road", "city": "Dongguan", "postal_code": "523000", "region": "Guangdong"},
    "location": {"latitude": "23.0207", "longitude": "113.751800"},
    "isic": "1410",
    "languages": ["zh", "zh-Hant"],
    "workforce": {"as_of": "2012-03-31", "total": 120, "women": 80, "managers": 9},
}


async def test_every_field_comes_back(api: Api) -> None:
    number = builders.gln()
    sent = builders.enterprise(
        **WHOLE, identifiers=[{"scheme": "gln", "value": number}], external_ref=builders.unique()
    )
    answer = await api.post("/v1/enterprises", json=sent)
    assert answer.status_code == 201
    made = answer.json()
    assert {name: made[name] for name in sent} == sent
    assert (made["version"], made["state"], made["allowed_actions"]) == (
        1,
        "registered",
        ["assess", "withdraw", "close", "merge"],
    )
    assert answer.headers["Location"] == f"/v1/enterprises/{made['id']}"
    assert answer.headers["ETag"] == '"1"'
    again = await api.get(answer.headers["Location"])
    assert again.json() == made


async def test_left_out_and_null_are_the_same(api: Api) -> None:
    made = await api.make("/v1/enterprises", builders.enterprise(isic=None, address=None))
    empty = ("local_name", "subdivision", "address", "location", "isic", "workforce", "external_ref", "reason")
    assert all(made[name] is None for name in empty)
    assert made["trade_names"] == made["languages"] == made["identifiers"] == []


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"workforce": {"as_of": "2012-03-31", "total": 100, "women": 120}}, ("/workforce/women", "more_than_total")),
        ({"workforce": {"as_of": "2012-03-31", "total": 1, "managers": 2}}, ("/workforce/managers", "more_than_total")),
        ({"workforce": {"total": 1}}, ("/workforce/as_of", "missing")),
        ({"workforce": {"as_of": "2012-03-31", "total": "1"}}, ("/workforce/total", "wrong_type")),
        ({"country": "XX"}, ("/country", "unknown_country")),
        ({"isic": "141"}, ("/isic", "wrong_format")),
        ({"languages": ["zh", "klingon"]}, ("/languages/1", "wrong_format")),
        ({"location": {"latitude": "91", "longitude": "0"}}, ("/location/latitude", "out_of_range")),
        ({"location": {"latitude": "9"}}, ("/location/longitude", "missing")),
        ({"address": {"town": "Dongguan"}}, ("/address/town", "extra_forbidden")),
        ({"state": "active"}, ("/state", "read_only")),
        ({"legal_name": "  "}, ("/legal_name", "too_short")),
        ({"legal_name": "a\u0000b"}, ("/legal_name", "nul_character")),
        ({"identifiers": [{"scheme": "gln", "value": "9436465792105"}]}, ("/identifiers/0/value", "wrong_check_digit")),
        ({"identifiers": [{"scheme": "vat", "value": "1"}]}, ("/identifiers/0/scheme", "not_one_of")),
        (
            {"identifiers": [{"scheme": "dbid", "value": "1"}, {"scheme": "dbid", "value": "2"}]},
            ("/identifiers", "duplicate"),
        ),
    ],
)
async def test_a_mistake_is_refused_at_its_place(api: Api, changes: dict[str, Any], place: tuple[str, str]) -> None:
    answer = await api.post("/v1/enterprises", json=builders.enterprise(**changes))
    assert code_of(answer) == (422, "validation-failed")
    assert place in places_in(answer)


async def test_a_mistake_is_told_in_words(api: Api) -> None:
    workforce = {"as_of": "2012-03-31", "total": 100, "women": 120}
    answer = await api.post("/v1/enterprises", json=builders.enterprise(workforce=workforce))
    assert answer.json()["errors"][0]["detail"] == "workforce.women (120) is more than workforce.total (100)."


async def test_an_external_ref_is_taken_once(api: Api) -> None:
    ref = builders.unique()
    first = await api.make("/v1/enterprises", builders.enterprise(external_ref=ref))
    second = await api.post("/v1/enterprises", json=builders.enterprise(external_ref=ref))
    assert code_of(second) == (409, "already-exists")
    assert second.headers["Location"] == f"/v1/enterprises/{first['id']}"
    assert [one["id"] for one in (await api.get("/v1/enterprises", params={"external_ref": ref})).json()["items"]] == [
        first["id"]
    ]


async def test_an_identifier_of_a_living_enterprise_is_taken(api: Api) -> None:
    number = builders.gln()
    first = await api.make("/v1/enterprises", builders.enterprise(identifiers=[{"scheme": "gln", "value": number}]))
    spaced = f"{number[:4]} {number[4:]}"
    identifiers = [{"scheme": "dbid", "value": "77"}, {"scheme": "gln", "value": spaced}]
    second = await api.post("/v1/enterprises", json=builders.enterprise(identifiers=identifiers))
    assert code_of(second) == (409, "already-exists")
    assert second.headers["Location"] == f"/v1/enterprises/{first['id']}"
    assert places_in(second) == {("/identifiers/1/value", "taken")}


async def test_an_identifier_of_a_closed_enterprise_goes_over_to_its_successor(api: Api) -> None:
    identifiers = [{"scheme": "gln", "value": builders.gln()}]
    first = await api.make("/v1/enterprises", builders.enterprise(identifiers=identifiers))
    await api.do(f"/v1/enterprises/{first['id']}", "close", {"reason": "Merged into another"})
    second = await api.make("/v1/enterprises", builders.enterprise(identifiers=identifiers))
    assert second["identifiers"] == identifiers
    assert (await api.get(f"/v1/enterprises/{first['id']}")).json()["identifiers"] == []
    changes = (await api.get(f"/v1/enterprises/{first['id']}/history")).json()["items"][-1]["changes"]
    assert changes == [{"field": "identifiers", "from": identifiers, "to": []}]
