"""What looks like an enterprise that is there already: told before, refused when it comes, unless somebody says it is another."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from tests import builders
from tests.conftest import Api, ClientOf, System
from tests.enterprise.problems import code_of
from tests.shared.events.things import eventually

Document = dict[str, Any]
IMPORTS = "/v1/enterprises/imports"


def works(**changes: Any) -> Document:
    """A name of letters only, new each time: numbers in it would tell it from every other."""
    word = builders.unique("x").translate(str.maketrans("0123456789-", "ghijklmnopq"))
    address = {"city": "Dongguan", "street": "18 Keji Road"}
    return builders.enterprise(legal_name=f"{word.title()} Garment Co., Ltd.", address=address) | changes


def again(body: Document, **changes: Any) -> Document:
    """The same as another would write it."""
    name = body["legal_name"].replace("Garment Co., Ltd.", "GARMENTS COMPANY LIMITED")
    return body | {"legal_name": name, "address": {"city": "东莞市"}} | changes


def nearly(body: Document) -> Document:
    """With a wrong letter, and with the street that `again` leaves out."""
    name = body["legal_name"]
    return body | {"legal_name": f"{name[:6]}{'r' if name[6] != 'r' else 'z'}{name[7:]}"}


async def candidates(api: Api, body: Document) -> list[str]:
    answer = await api.post("/v1/enterprises/match", json=body)
    assert answer.status_code == 200, answer.text
    return [one["enterprise_id"] for one in answer.json()["candidates"]]


async def test_a_likely_duplicate_is_refused_with_its_candidates_unless_it_is_said_to_be_another(api: Api) -> None:
    body = works()
    there = await api.make("/v1/enterprises", body)
    matched = (await api.post("/v1/enterprises/match", json=again(body))).json()["candidates"]
    refused = await api.post("/v1/enterprises", json=again(body))
    assert code_of(refused) == (409, "possible-duplicate")
    assert refused.json()["candidates"] == matched
    (candidate,) = matched
    assert candidate["enterprise_id"] == there["id"]
    assert "0.8" < candidate["score"] <= "1.00"
    assert {"same_legal_name", "same_city"} <= {reason["code"] for reason in candidate["reasons"]}
    assert all(reason["detail"].endswith(".") for reason in candidate["reasons"])
    other = await api.post("/v1/enterprises?allow_duplicate=true", json=again(body))
    assert other.status_code == 201
    assert set(await candidates(api, again(body))) == {there["id"], other.json()["id"]}
    assert (await api.post("/v1/enterprises?allow_duplicate=maybe", json=again(body))).status_code == 422


async def test_matching_writes_nothing_and_a_refusal_leaves_nothing(api: Api) -> None:
    body = works(external_ref=builders.unique())
    assert await candidates(api, body) == []
    await api.make("/v1/enterprises", body | {"external_ref": None})
    assert (await api.post("/v1/enterprises", json=body)).status_code == 409
    assert (await api.get("/v1/enterprises", params={"external_ref": body["external_ref"]})).json()["items"] == []


async def test_never_with_another_number_in_the_name_country_or_identifier_nor_without_a_place(api: Api) -> None:
    body = works(identifiers=[{"scheme": "gln", "value": builders.gln()}])
    await api.make("/v1/enterprises", body)
    plain = again(body, identifiers=[])
    assert len(await candidates(api, plain)) == 1
    others = [
        plain | {"identifiers": [{"scheme": "gln", "value": builders.gln()}]},
        plain | {"country": "VN"},
        plain | {"legal_name": f"{body['legal_name']} No. 2"},
        plain | {"address": None},
        plain | {"address": {"city": "Foshan"}},
        plain | {"legal_name": f"Blue {body['legal_name']}"},
    ]
    assert [await candidates(api, other) for other in others] == [[]] * len(others)
    for other in others:
        await api.make("/v1/enterprises", other)


async def test_an_identifier_in_common_is_enough_whatever_the_name(api: Api) -> None:
    number = {"scheme": "gln", "value": builders.gln()}
    there = await api.make("/v1/enterprises", works(identifiers=[number]))
    found = (await api.post("/v1/enterprises/match", json=works(identifiers=[number], address=None))).json()[
        "candidates"
    ]
    assert [(one["enterprise_id"], one["reasons"][0]["code"]) for one in found] == [(there["id"], "same_identifier")]


async def test_another_script_and_a_local_name_are_seen_through(api: Api) -> None:
    han = "".join(chr(0x4E00 + ord(char) * 7 % 900) for char in builders.unique("")[1:9])
    body = works(local_name=f"东莞市{han}服饰有限公司")
    there = await api.make("/v1/enterprises", body)
    assert await candidates(api, works(legal_name=f"{han}服裝有限公司", address={"city": "Dongguan"})) == [there["id"]]


async def test_what_it_is_called_and_where_it_is_now_counts(api: Api) -> None:
    old, new = works(), works()
    there = await api.make("/v1/enterprises", old)
    path, changes = f"/v1/enterprises/{there['id']}", {"legal_name": new["legal_name"]}
    await api.patch(path, json=changes, headers={"If-Match": '"1"'})
    assert (await candidates(api, again(old)), await candidates(api, again(new))) == ([], [there["id"]])


@pytest.mark.parametrize("verb", ["withdraw", "close"])
async def test_whoever_left_may_come_back(api: Api, verb: str) -> None:
    body = works()
    there = await api.make("/v1/enterprises", body)
    await api.do(f"/v1/enterprises/{there['id']}", verb, {"reason": "Moved away"})
    assert await candidates(api, again(body)) == []
    await api.make("/v1/enterprises", again(body))


async def test_foreign_enterprises_are_no_candidates(api: Api, client_of: ClientOf) -> None:
    body = works()
    there = await api.make("/v1/enterprises", body)
    at_home, abroad = await client_of("coordinator", countries=["CN"]), await client_of("coordinator", countries=["VN"])
    assert await candidates(at_home, again(body)) == [there["id"]]
    assert await candidates(abroad, again(body)) == []
    refused = await abroad.post("/v1/enterprises", json=again(body))
    assert code_of(refused) == (403, "forbidden")
    assert there["id"] not in refused.text
    buyer = await client_of("buyer")
    assert (await buyer.post("/v1/enterprises/match", json=body)).status_code == 403


async def test_twins_posted_at_the_same_moment_are_found(api: Api) -> None:
    body = works()
    bodies = [again(body), nearly(body)] * 3
    answers = await asyncio.gather(*(api.post("/v1/enterprises", json=one) for one in bodies))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 5


# --- files -----------------------------------------------------------------------------------------------------


def table(*bodies: Document, **columns: Sequence[str]) -> str:
    names = ["legal_name", "country", "address.city", "external_ref", *columns]
    rows = [
        [
            f'"{body["legal_name"]}"',
            body["country"],
            body["address"]["city"],
            builders.unique(),
            *(cells[n] for cells in columns.values()),
        ]
        for n, body in enumerate(bodies)
    ]
    return "\n".join(",".join(row) for row in [names, *rows]) + "\n"


async def refused_rows(api: Api, job: Document) -> dict[int, Document]:
    found = (await api.get(f"{IMPORTS}/{job['id']}/errors")).json()["items"]
    return {one["row"]: one for one in found}


async def test_a_file_tells_of_each_row_that_looks_like_another_and_takes_it_when_told_to(api: Api) -> None:
    there, twin, new = works(), works(), works()
    known = await api.make("/v1/enterprises", there)
    file = table(again(there), twin, again(twin), new)
    for mode in ("dry_run", "atomic", "partial"):
        job = await api.load(IMPORTS, file, mode)
        refused = await refused_rows(api, job)
        assert {row: one["code"] for row, one in refused.items()} == dict.fromkeys([1, 3], "possible_duplicate"), mode
        assert known["id"] in refused[1]["detail"]
    told = table(again(there), again(twin), works(), allow_duplicate=["yes", "no", ""])
    job = await api.load(IMPORTS, told)
    assert list(await refused_rows(api, job)) == [2]
    started = await api.post(
        f"{IMPORTS}?mode=dry_run&allow_duplicate=true", content=file.encode(), headers={"Content-Type": "text/csv"}
    )
    assert started.status_code == 202, started.text


CONCLUDES = """
    select exists (
        select from pg_locks where locktype = 'advisory' and not granted
        and objid = cast(hashtext('score newcomers')::bigint & 4294967295 as oid)
    )
"""


@asynccontextmanager
async def held_at_its_end(system: System) -> AsyncIterator[asyncpg.Connection]:
    """No file is concluded within the block."""
    database = await system.connect("enterprise")
    try:
        await database.execute("select pg_advisory_lock_shared(hashtext('score newcomers'))")
        yield database
    finally:
        await database.close()


@pytest.mark.parametrize("mode", ["partial", "atomic"])
async def test_a_file_sees_the_twin_that_came_while_it_was_stored(api: Api, system: System, mode: str) -> None:
    body = works()
    file = f'legal_name,country,address.city,allow_duplicate\n"{body["legal_name"]}",{body["country"]},Dongguan,\n'
    said_to_be_another = works()
    file += f'"{said_to_be_another["legal_name"]}",{body["country"]},Dongguan,yes\n'
    async with held_at_its_end(system) as database:
        loading = asyncio.create_task(api.load(IMPORTS, file, mode))
        await eventually(lambda: database.fetchval(CONCLUDES))
        twin = await api.make("/v1/enterprises?allow_duplicate=true", nearly(body))
        await api.make("/v1/enterprises?allow_duplicate=true", again(said_to_be_another))
    job = await loading
    (error,) = (await api.get(f"{IMPORTS}/{job['id']}/errors")).json()["items"]
    assert (error["row"], error["code"]) == (1, "possible_duplicate")
    assert twin["id"] in error["detail"]
    stored = {"partial": 1, "atomic": 0}[mode]
    assert job["summary"] | {"created": stored, "rejected": 1} == job["summary"]
