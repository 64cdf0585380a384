"""Lists as files: whole, of one moment, in the form that is wanted most, and never cut off without notice."""

import asyncio
import csv
import io
import json
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from shared.exports.columns import columns_of
from shared.files.cells import joined, parted, quoted, unquoted
from shared.files.media import CSV, NDJSON, XLSX
from shared.files.workbooks import Workbook
from tests.gateway.servers import Running
from tests.shared.door.conftest import World, assert_problem, bearer, make
from tests.shared.door.toys import ToyOut
from tests.workbooks import sheets_in


async def fetch(toys: httpx.AsyncClient, accept: str, **query: Any) -> httpx.Response:
    return await toys.get("/v1/toys", params=query, headers={"Accept": accept})


def read_csv(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


# --- what is in it ---------------------------------------------------------------------------------------------


async def test_each_form_has_all_of_the_list_and_the_same(toys: httpx.AsyncClient) -> None:
    horse = await make(
        toys,
        country="IS",
        name="=1+1",
        weight="-0.50",
        price={"amount": "80000.00", "currency": "USD"},
        tags=["a|b", "c\\"],
        wheels=[{"size": "1.5", "colours": ["red"]}],
        notes={"k": ["x"]},
        fragile=True,
        made_on="2012-03-31",
    )
    plain = await make(toys, country="IS", name='two\r\nlines, "quoted"', weight="1234567890.123456")
    as_csv = await fetch(toys, CSV, country="IS")
    assert as_csv.headers["content-type"] == "text/csv; charset=utf-8"
    assert as_csv.headers["content-disposition"] == 'attachment; filename="toys.csv"'
    assert as_csv.headers["vary"] == "Authorization, Accept"
    assert as_csv.headers["cache-control"] == "private, no-cache"
    rows = read_csv(as_csv)
    assert list(rows[0]) == [column.name for column in columns_of(ToyOut, None)]
    assert [row["id"] for row in rows] == [horse["id"], plain["id"]]
    assert rows[0] | {"id": "", "created_at": "", "updated_at": ""} == {
        "id": "",
        "version": "1",
        "created_at": "",
        "updated_at": "",
        "name": "'=1+1",
        "kind": "wooden",
        "country": "IS",
        "pieces": "1",
        "fragile": "yes",
        "weight": "-0.50",
        "price.amount": "80000.00",
        "price.currency": "USD",
        "made_at": "",
        "made_on": "2012-03-31",
        "season": "",
        "tags": "a\\|b|c\\\\",
        "wheels": '[{"size":"1.5","colours":["red"]}]',
        "notes": '{"k":["x"]}',
        "parent_id": "",
        "buddy_id": "",
        "external_ref": "",
        "state": "still",
        "allowed_actions": "wind",
    }
    assert rows[1]["name"] == 'two\r\nlines, "quoted"'

    lines = (await fetch(toys, NDJSON, country="IS")).text.splitlines()
    listed = (await toys.get("/v1/toys", params={"country": "IS"})).json()["items"]
    assert [json.loads(line) for line in lines] == listed

    book = await fetch(toys, XLSX, country="IS")
    assert int(book.headers["content-length"]) == len(book.content)
    head, first, second = sheets_in(book.content)[0]
    told = {name[1]: cell for name, cell in zip(head, first, strict=False)}
    assert (told["name"], told["weight"], told["fragile"]) == (("text", "'=1+1"), ("n", "-0.5"), ("b", "1"))
    assert (told["price.amount"], told["pieces"]) == (("n", "80000"), ("n", "1"))
    assert second[head.index(("text", "weight"))] == ("text", "1234567890.123456")  # more than a cell holds exactly


async def test_filters_and_sort_hold_for_files_and_nothing_is_cut_off(toys: httpx.AsyncClient, many: list[str]) -> None:
    rows = read_csv(await fetch(toys, CSV, country="FM", sort="-created_at"))
    assert {row["id"] for row in rows} == set(many)
    assert [row["created_at"] for row in rows] == sorted((row["created_at"] for row in rows), reverse=True)
    assert [row["kind"] for row in read_csv(await fetch(toys, CSV, country="FM", kind="wooden"))] == []


async def test_an_empty_list_is_a_row_of_names(toys: httpx.AsyncClient) -> None:
    assert (await fetch(toys, CSV, country="AQ")).text.startswith("id,version,created_at,updated_at,name,")
    assert (await fetch(toys, NDJSON, country="AQ")).content == b""
    assert len(sheets_in((await fetch(toys, XLSX, country="AQ")).content)[0]) == 1


@pytest.mark.parametrize(("name", "value"), [("limit", "10"), ("cursor", "x"), ("count", "exact")])
async def test_what_makes_pages_is_refused(toys: httpx.AsyncClient, name: str, value: str) -> None:
    answer = await fetch(toys, CSV, **{name: value})
    assert_problem(answer, 422, "validation-failed", parameter=name, error="not_in_files")


# --- which form ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("*/*", "application/json"),
        ("text/html, */*;q=0.8", "application/json"),
        ("text/csv;q=0.9, application/json;q=0.8", CSV),
        ("text/csv;q=0.5, application/json;q=0.8", "application/json"),
        ("text/csv, */*", CSV),
        ("text/*", CSV),
        ("application/x-ndjson, text/csv", NDJSON),
        ("application/*;q=0.3, text/csv;q=0.2, application/json;q=0", NDJSON),
        (f"{XLSX}, text/csv;q=0.9", XLSX),
        ("TEXT/CSV; charset=utf-8", CSV),
    ],
)
async def test_the_form_is_the_one_that_is_wanted_most(toys: httpx.AsyncClient, accept: str, form: str) -> None:
    answer = await toys.head("/v1/toys", params={"country": "IS"}, headers={"Accept": accept})
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, form)
    assert answer.content == b""


async def test_a_form_that_is_not_offered_is_406(toys: httpx.AsyncClient) -> None:
    problem = assert_problem(await fetch(toys, "application/xml"), 406, "not-acceptable")
    assert "text/csv" in problem["detail"]
    assert_problem(await fetch(toys, "text/csv;q=0"), 406, "not-acceptable")
    id = (await make(toys))["id"]
    assert_problem(await toys.get(f"/v1/toys/{id}", headers={"Accept": CSV}), 406, "not-acceptable")


# --- one moment, or no end -------------------------------------------------------------------------------------

FILL = """
insert into toys (id, version, created_at, updated_at, created_by, name, kind, country, pieces, fragile, weight, tags, wheels,
                  notes, state)
select uuidv7(), 1, at, at, 'filler', 'Horse', 'tin', 'FM', n, false, 0, '[]', '[]', jsonb_build_object('k', random_text), 'still'
from generate_series(1, 1200) n, lateral (select now() - interval '1 second' * n as at) a,
     lateral (select string_agg(md5(random()::text || n || i), '') as random_text from generate_series(1, 500) i) b
returning id
"""


@pytest.fixture(scope="module")
async def many(world: World, served: Running) -> list[str]:
    """Ids of toys that do not fit into what a socket takes unread."""
    connection = await asyncpg.connect(world.postgres.url(world.databases[0]))
    ids = [str(row["id"]) for row in await connection.fetch(FILL)]
    await connection.close()
    return ids


async def test_a_file_is_of_one_moment(toys: httpx.AsyncClient, world: World, many: list[str]) -> None:
    connection = await asyncpg.connect(world.postgres.url(world.databases[0]))
    async with toys.stream("GET", "/v1/toys?country=FM", headers={"Accept": NDJSON}) as answer:
        pieces = answer.aiter_lines()
        lines = [await anext(pieces)]
        await connection.execute("update toys set name = 'Cow' where country = 'FM'")
        lines += [line async for line in pieces]
    await connection.execute("update toys set name = 'Horse' where country = 'FM'")
    await connection.close()
    assert len(lines) == len(many)
    assert {json.loads(line)["name"] for line in lines} == {"Horse"}


@pytest.mark.parametrize("form", [CSV, NDJSON])
async def test_a_failure_in_mid_stream_is_no_clean_end(
    toys: httpx.AsyncClient, world: World, many: list[str], form: str
) -> None:
    connection = await asyncpg.connect(world.postgres.url())
    async with toys.stream("GET", "/v1/toys?country=FM", headers={"Accept": form}) as answer:
        pieces = answer.aiter_raw()
        await anext(pieces)
        assert await connection.fetchval(END_EXPORTS) == 1
        with pytest.raises(httpx.RemoteProtocolError):
            [piece async for piece in pieces]
    await connection.close()


END_EXPORTS = """
select count(pg_terminate_backend(pid)) from pg_stat_activity
where application_name = 'enterprise' and state <> 'idle' and query like '%FROM toys%'
"""


def test_a_failure_before_the_first_byte_is_a_problem(world: World) -> None:
    database = world.new_database()
    with world.serving(database) as running:
        asyncio.run(forget_a_column(world.postgres.url(database)))
        for form in (CSV, XLSX):
            answer = httpx.get(f"{running.url}/v1/toys", headers={**bearer(), "Accept": form})
            assert_problem(answer, 500, "internal-error")


async def forget_a_column(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute("alter table toys drop column notes")
    await connection.close()


# --- pure ------------------------------------------------------------------------------------------------------


def test_a_full_sheet_is_followed_by_another_with_the_same_names(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    book = Workbook(path, ["n"], "Numbers", rows_of_sheet=3)
    book.add([n] for n in range(7))
    book.close()
    sheets = sheets_in(path.read_bytes())
    assert [[cell[0][1] for cell in sheet] for sheet in sheets] == [
        ["n", "0", "1", "2"],
        ["n", "3", "4", "5"],
        ["n", "6"],
    ]


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "\ta", "\ra", "'=1", "''@", "'", "'a", "a", "", "a=1"])
def test_quoting_a_cell_is_undone_by_reading_it(text: str) -> None:
    assert unquoted(quoted(text)) == text
    assert not quoted(text).startswith(("=", "+", "-", "@", "\t", "\r"))


@pytest.mark.parametrize("items", [["a"], ["a|b", "c"], ["a\\", "b"], ["\\|", "\\\\"], ["|", "\\"]])
def test_a_list_in_a_cell_is_told_apart_again(items: list[str]) -> None:
    assert parted(joined(items)) == items
