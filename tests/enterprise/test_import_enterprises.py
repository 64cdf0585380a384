import json
from pathlib import Path
from typing import Any

import pytest

from tests import builders
from tests.conftest import Api, pause

Document = dict[str, Any]
PATH = "/v1/enterprises/imports"
DEMO = Path(__file__).parents[2] / "deploy" / "demo" / "records" / "enterprises.csv"


def table(*rows: Document) -> str:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    lines = [",".join(str(row.get(column, "")) for column in columns) for row in rows]
    return "\n".join([",".join(columns), *lines, ""])


def row(**changes: Any) -> Document:
    names = {"legal_name": f"Imported Works {builders.unique()}", "country": "GH"}
    return names | {name.replace("__", "."): value for name, value in changes.items()}


def counts(job: Document) -> Document:
    return {name: number for name, number in job["summary"].items() if number and name != "received"}


async def finished(api: Api, content: str, kind: str) -> Document:
    started = await api.post(f"{PATH}?mode=atomic", content=content, headers={"Content-Type": kind})
    assert started.status_code == 202, started.text
    while (job := (await api.get(started.headers["Location"])).json())["state"] in ("queued", "running"):
        await pause()
    return dict(job)


async def errors_of(api: Api, job: Document) -> list[tuple[int, str | None, str]]:
    found = (await api.get(f"{PATH}/{job['id']}/errors")).json()["items"]
    return [(one["row"], one["column"], one["code"]) for one in found]


async def by_ref(api: Api, ref: str) -> Document:
    (found,) = (await api.get("/v1/enterprises", params={"external_ref": ref})).json()["items"]
    return dict(found)


async def test_every_column_arrives(api: Api) -> None:
    ref, number = builders.unique(), builders.gln()
    sent = row(
        external_ref=ref,
        local_name="琥珀",
        trade_names="Heron|Amber",
        subdivision="GH-AA",
        address__street="1 Synthetic Road",
        address__city="Accra",
        location__latitude="5.6037",
        location__longitude="-0.1870",
        isic="1410",
        languages="en|ak",
        identifiers__gln=number,
        identifiers__national=f"GH:{ref}",
        workforce__as_of="2012-03-31",
        workforce__total=120,
        workforce__women=80,
    )
    job = await api.load(PATH, table(sent))
    assert (job["state"], counts(job)) == ("succeeded", {"created": 1})
    made = await by_ref(api, ref)
    assert made["trade_names"] == ["Heron", "Amber"]
    assert made["languages"] == ["en", "ak"]
    assert made["address"] == {"street": "1 Synthetic Road", "city": "Accra", "postal_code": None, "region": None}
    assert made["location"] == {"latitude": "5.6037", "longitude": "-0.1870"}
    assert made["workforce"] == {"as_of": "2012-03-31", "total": 120, "women": 80, "managers": None}
    assert made["identifiers"] == [
        {"scheme": "gln", "value": number},
        {"scheme": "national", "value": f"GH:{ref}"},
    ]
    assert (made["state"], made["version"]) == ("registered", 1)


async def test_the_demo_file_is_clean_and_unchanged_the_second_time(api: Api) -> None:
    file = DEMO.read_text(encoding="utf-8")
    for job in (await api.load(PATH, file, "atomic"), await api.load(PATH, file, "atomic")):
        assert (job["state"], job["summary"]["rejected"]) == ("succeeded", 0)
    assert counts(job) == {"unchanged": job["summary"]["received"]}


async def test_a_changed_row_is_an_update_of_what_it_names_and_no_more(api: Api) -> None:
    ref = builders.unique()
    first = row(external_ref=ref, isic="1410", address__street="1 Road", address__city="Accra")
    await api.load(PATH, table(first))
    second = {name: first[name] for name in ("external_ref", "legal_name", "country")} | {"address.city": "Kumasi"}
    assert counts(await api.load(PATH, table(second, row()))) == {"updated": 1, "created": 1}
    after = await by_ref(api, ref)
    assert (after["version"], after["isic"]) == (2, "1410")
    assert (after["address"]["street"], after["address"]["city"]) == ("1 Road", "Kumasi")


async def test_an_empty_cell_leaves_what_is_there(api: Api) -> None:
    ref = builders.unique()
    first = row(external_ref=ref, isic="1410", languages="en")
    await api.load(PATH, table(first))
    assert counts(await api.load(PATH, table(first | {"isic": "", "languages": ""}))) == {"unchanged": 1}


async def test_any_identifier_names_the_enterprise(api: Api) -> None:
    ref, number = builders.unique(), builders.gln()
    first = row(external_ref=ref, identifiers__gln=number)
    await api.load(PATH, table(first))
    again = row(identifiers__gln=number, identifiers__dbid=str(int(number[3:])))
    assert counts(await api.load(PATH, table(again))) == {"updated": 1}
    after = await by_ref(api, ref)
    assert after["legal_name"] == again["legal_name"]
    assert [one["scheme"] for one in after["identifiers"]] == ["gln", "dbid"]
    taken = await api.post("/v1/enterprises", json=builders.enterprise(identifiers=after["identifiers"][1:]))
    assert taken.status_code == 409


async def test_a_replaced_identifier_is_free_for_others(api: Api) -> None:
    ref, old, new = builders.unique(), builders.gln(), builders.gln()
    await api.load(PATH, table(row(external_ref=ref, identifiers__gln=old)))
    await api.load(PATH, table(row(external_ref=ref, identifiers__gln=new)))
    assert (await by_ref(api, ref))["identifiers"] == [{"scheme": "gln", "value": new}]
    assert await api.make("/v1/enterprises", builders.enterprise(identifiers=[{"scheme": "gln", "value": old}]))


async def test_without_number_and_reference_name_country_and_city_tell(api: Api) -> None:
    first = row(address__city="Accra")
    await api.load(PATH, table(first))
    elsewhere = first | {"address.city": "Kumasi"}
    assert counts(await api.load(PATH, table(first | {"isic": "1410"}, elsewhere))) == {"updated": 1, "created": 1}
    assert counts(await api.load(PATH, table(first, elsewhere))) == {"unchanged": 2}


async def test_names_that_fit_several_are_refused(api: Api) -> None:
    name = builders.unique("Twins")
    for _ in range(2):
        await api.make("/v1/enterprises", builders.enterprise(legal_name=name))
    job = await api.load(PATH, table({"legal_name": name, "country": "CN"}))
    assert await errors_of(api, job) == [(1, "legal_name", "ambiguous")]


async def test_identifiers_of_two_enterprises_are_refused(api: Api) -> None:
    one, two, ref = builders.gln(), builders.unique(), builders.unique()
    await api.load(PATH, table(row(identifiers__gln=one), row(identifiers__national=f"GH:{two}", external_ref=ref)))
    disagree = row(identifiers__gln=one, identifiers__national=f"GH:{two}")
    taken = row(identifiers__gln=one, external_ref=ref)
    for bad, error in ((disagree, (1, None, "identifiers_disagree")), (taken, (1, "external_ref", "taken"))):
        job = await api.load(PATH, table(bad))
        assert (counts(job), await errors_of(api, job)) == ({"rejected": 1}, [error])


@pytest.mark.parametrize(
    ("changes", "column", "code"),
    [
        ({"identifiers__gln": "9436465792105"}, "identifiers.gln", "wrong_check_digit"),
        ({"country": "XX"}, "country", "unknown_country"),
        ({"legal_name": ""}, "legal_name", "missing"),
        (
            {"workforce__as_of": "2012-03-31", "workforce__total": 1, "workforce__women": 2},
            "workforce.women",
            "more_than_total",
        ),
        ({"workforce__total": 1}, "workforce.as_of", "missing"),
        ({"isic": "14"}, "isic", "wrong_format"),
    ],
)
async def test_a_bad_row_is_refused_by_column_and_the_others_stored(
    api: Api, changes: Document, column: str, code: str
) -> None:
    ref = builders.unique()
    job = await api.load(PATH, table(row(external_ref=ref), row(**changes)))
    assert (job["state"], counts(job)) == ("succeeded", {"created": 1, "rejected": 1})
    assert await errors_of(api, job) == [(2, column, code)]
    assert await by_ref(api, ref)


async def test_atomic_stores_all_or_nothing(api: Api) -> None:
    ref = builders.unique()
    job = await api.load(PATH, table(row(external_ref=ref), row(country="XX")), "atomic")
    assert (job["state"], counts(job)) == ("failed", {"rejected": 1})
    assert (await api.get("/v1/enterprises", params={"external_ref": ref})).json()["items"] == []


async def test_a_dry_run_stores_nothing(api: Api) -> None:
    ref = builders.unique()
    job = await api.load(PATH, table(row(external_ref=ref), row(country="XX")), "dry_run")
    assert (job["state"], counts(job)) == ("succeeded", {"created": 1, "rejected": 1})
    assert (await api.get("/v1/enterprises", params={"external_ref": ref})).json()["items"] == []


async def test_a_state_cannot_be_imported(api: Api) -> None:
    answer = await api.post(
        f"{PATH}?mode=partial", content=table(row(state="active")), headers={"Content-Type": "text/csv"}
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown-column")


async def test_the_same_as_ndjson(api: Api) -> None:
    """Identifiers also as the resource itself has them."""
    ref, numbers = builders.unique(), [{"scheme": "gln", "value": builders.gln()}]
    record: Document = {
        "external_ref": ref,
        "legal_name": "Imported Works",
        "country": "GH",
        "trade_names": ["Heron"],
        "identifiers": numbers,
        "workforce": {"as_of": "2012-03-31", "total": 120},
        "isic": None,
    }
    job = await finished(api, json.dumps(record), "application/x-ndjson")
    assert (job["state"], counts(job)) == ("succeeded", {"created": 1})
    made = await by_ref(api, ref)
    assert (made["trade_names"], made["workforce"]["total"]) == (["Heron"], 120)
    assert made["identifiers"] == numbers
    assert counts(await finished(api, json.dumps(record), "application/x-ndjson")) == {"unchanged": 1}
    wrong = [[{"scheme": "duns", "value": "1"}], numbers * 2, [{"scheme": "gln", "value": "1"}], ["gln"]]
    lines = "\n".join(json.dumps(record | {"identifiers": one}) for one in wrong)
    assert await errors_of(api, await finished(api, lines, "application/x-ndjson")) == [
        (1, "identifiers", "extra_forbidden"),  # what nobody knows is not repeated
        (2, "identifiers", "duplicate"),
        (3, "identifiers.gln", "wrong_format"),
        (4, "identifiers", "wrong_type"),
    ]


async def test_many_rows_go_through_in_batches(api: Api) -> None:
    word = builders.unique()
    rows = [row(external_ref=f"{word}:{n}", legal_name=f"{word} {n}", address__city="Accra") for n in range(1200)]
    assert counts(await api.load(PATH, table(*rows), "atomic")) == {"created": 1200}
    rows[700] |= {"isic": "1410"}
    assert counts(await api.load(PATH, table(*rows))) == {"updated": 1, "unchanged": 1199}
