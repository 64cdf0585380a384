"""Where the workforce is known, the band of the country's policy decides; a person's word outranks it."""

from typing import Any

import pytest

from tests import builders
from tests.conftest import Api

Document = dict[str, Any]
ABOVE = "workforce.total (300) is above the band of 50 to 250 for TV."
# countries no other test registers in: here the programme has set its band
BANDS = {"TV": (50, 250), "PW": (30, 300)}


@pytest.fixture(autouse=True)
async def bands(api: Api) -> None:
    for country, (least, most) in BANDS.items():
        path = f"/v1/country-policies/{country}"
        etag = (await api.get(path)).headers["ETag"]
        if etag == '"1"':
            set_band = {"min_workers": least, "max_workers": most}
            assert (await api.patch(path, json=set_band, headers={"If-Match": etag})).status_code == 200


def employing(total: int) -> Document:
    return {"workforce": {"as_of": "2012-03-31", "total": total}}


async def registered(api: Api, **facts: Any) -> Document:
    return await api.make("/v1/enterprises", builders.enterprise(**({"country": "TV"} | facts)))


async def amended(api: Api, enterprise: Document, changes: Document) -> Document:
    path = f"/v1/enterprises/{enterprise['id']}"
    answer = await api.patch(path, json=changes, headers={"If-Match": f'"{enterprise["version"]}"'})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def verdict(enterprise: Document) -> tuple[str, str | None]:
    return enterprise["state"], enterprise["reason"]


@pytest.mark.parametrize(
    ("country", "total", "expected"),
    [
        ("TV", 50, ("eligible", None)),
        ("TV", 250, ("eligible", None)),
        ("TV", 49, ("ineligible", "workforce.total (49) is below the band of 50 to 250 for TV.")),
        ("TV", 300, ("ineligible", ABOVE)),
        ("PW", 300, ("eligible", None)),
        ("TV", 0, ("ineligible", "workforce.total (0) is below the band of 50 to 250 for TV.")),
    ],
)
async def test_its_size_decides(api: Api, country: str, total: int, expected: tuple[str, str | None]) -> None:
    made = await registered(api, country=country, **employing(total))
    assert (verdict(made), made["version"]) == (expected, 1)


async def test_nothing_is_decided_of_whom_nothing_is_known(api: Api) -> None:
    assert verdict(await registered(api)) == ("registered", None)


async def test_it_is_decided_when_the_size_becomes_known_and_when_it_changes(api: Api) -> None:
    enterprise = await registered(api)
    too_large = await amended(api, enterprise, employing(300))
    assert verdict(too_large) == ("ineligible", ABOVE)
    grown = await amended(api, too_large, employing(120))
    assert verdict(grown) == ("eligible", None)
    moved = await amended(api, grown, {"country": "PW", **employing(301)})
    assert verdict(moved) == ("ineligible", "workforce.total (301) is above the band of 30 to 300 for PW.")


async def test_a_persons_word_stands_whatever_the_size(api: Api) -> None:
    enterprise = await registered(api, **employing(300))
    path = f"/v1/enterprises/{enterprise['id']}"
    allowed = await api.do(path, "assess", {"eligible": True, "reason": "The only one of its kind"})
    assert verdict(allowed) == ("eligible", "The only one of its kind")
    later = await amended(api, allowed, employing(310))
    assert verdict(later) == ("eligible", "The only one of its kind")


async def test_who_takes_part_is_not_sent_away_for_growing(api: Api) -> None:
    enterprise = await registered(api, **employing(120))
    await api.do(f"/v1/enterprises/{enterprise['id']}", "enrol")
    present = (await api.get(f"/v1/enterprises/{enterprise['id']}")).json()
    assert verdict(await amended(api, present, employing(900))) == ("enrolled", None)


async def test_a_policy_holds_from_its_change_on(api: Api) -> None:
    enterprise = await registered(api, country="NR", **employing(300))
    assert verdict(enterprise) == ("registered", None)
    etag = (await api.get("/v1/country-policies/NR")).headers["ETag"]
    await api.patch("/v1/country-policies/NR", json={"max_workers": 400}, headers={"If-Match": etag})
    assert (await api.get(f"/v1/enterprises/{enterprise['id']}")).json()["state"] == "registered"
    assert verdict(await registered(api, country="NR", **employing(300))) == ("eligible", None)


async def test_rows_of_an_import_are_assessed_alike(api: Api) -> None:
    refs = [builders.unique() for _ in range(3)]
    head = "external_ref,legal_name,country,workforce.as_of,workforce.total\n"

    async def load(*totals: str) -> list[tuple[str, str | None]]:
        rows = (
            f"{ref},Works {ref},TV,{'2012-03-31,' + total if total else ','}\n"
            for ref, total in zip(refs, totals, strict=True)
        )
        await api.load("/v1/enterprises/imports", head + "".join(rows))
        found = [(await api.get("/v1/enterprises", params={"external_ref": ref})).json()["items"][0] for ref in refs]
        return [verdict(one) for one in found]

    assert await load("120", "300", "") == [("eligible", None), ("ineligible", ABOVE), ("registered", None)]
    assert await load("300", "120", "60") == [("ineligible", ABOVE), ("eligible", None), ("eligible", None)]
