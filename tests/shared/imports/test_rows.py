"""Each thing that may be wrong with a row: told with its column, its code and what was there; the rest is stored."""

import json
from typing import Any

import asyncpg
import pytest

from tests.shared.imports.conftest import NDJSON, Partner, csv_of, summary, unique_books

COLUMNS = "code,title,country,pages,price,hardcover,topics,size.height,size.width,printed_on,series"
CELLS = {
    # column, cell: code of the error
    ("title", ""): "missing",
    ("title", " \t "): "missing",
    ("title", "x" * 501): "too_long",
    ("title", "a\x00b"): "nul_character",
    ("code", "not a code"): "wrong_format",
    ("country", "XX"): "unknown_country",
    ("pages", "1,5"): "ambiguous_number",
    ("pages", "1 000"): "ambiguous_number",
    ("pages", "007"): "ambiguous_number",
    ("pages", "1.0"): "wrong_type",
    ("pages", "many"): "wrong_type",
    ("pages", "-1"): "out_of_range",
    ("pages", "99999999999999999999"): "out_of_range",
    ("price", "1,5"): "ambiguous_number",
    ("price", "1.234,56"): "ambiguous_number",
    ("price", "1,234.56"): "ambiguous_number",
    ("price", "(5)"): "ambiguous_number",
    ("price", "5%"): "ambiguous_number",
    ("price", "+5"): "ambiguous_number",
    ("price", "1\u00a0000"): "ambiguous_number",
    ("price", "1e5"): "malformed_decimal",
    ("price", "NaN"): "malformed_decimal",
    ("price", "#N/A"): "malformed_decimal",
    ("price", "0." + "1" * 13): "too_many_digits",
    ("price", "1" * 19): "out_of_range",
    ("hardcover", "1"): "wrong_type",
    ("hardcover", "perhaps"): "wrong_type",
    ("topics", "a||b"): "too_short",
    ("topics", "a|b|c|d|e|f"): "too_long",
    ("size.height", "tall"): "malformed_decimal",
    ("printed_on", "31.03.2012"): "malformed_date",
    ("printed_on", "2012-02-30"): "malformed_date",
    ("series", "x"): "malformed_reference",
}


@pytest.mark.parametrize(("column", "cell"), CELLS)
async def test_a_cell_that_is_not_right_is_told_and_the_rest_is_stored(
    partner: Partner, column: str, cell: str
) -> None:
    code = f"cell-{abs(hash((column, cell)))}"
    bad = {"code": f"{code}-bad", "title": "Bad", "size.height": "1"} | {column: cell}
    cells = ",".join('"' + bad.get(name, "") + '"' for name in COLUMNS.split(","))
    good = f"{code}-good,Good" + "," * 9
    job = await partner.load(f"{COLUMNS}\n{cells}\n{good}\n")
    assert job["summary"] == summary(received=2, created=1, rejected=1)
    shown = cell.replace("\x00", "\ufffd")[:200]
    errors = await partner.errors(job)
    assert [(one["row"], one["column"], one["code"], one["value"]) for one in errors] == [
        (1, column, CELLS[column, cell], shown)
    ]
    assert errors[0]["detail"].endswith(".")


async def test_true_and_false_are_taken_for_yes_and_no(partner: Partner) -> None:
    rows = "".join(f"flag-{word},A,{word}\n" for word in ("yes", "no", "true", "false", "TRUE", "No"))
    assert (await partner.load(f"code,title,hardcover\n{rows}"))["summary"]["created"] == 6


async def test_a_row_tells_all_that_is_wrong_with_it(partner: Partner) -> None:
    job = await partner.load('code,title,pages,price,size.width\n"a b",,"1,5",x,2\n')
    errors = await partner.errors(job)
    assert {(one["column"], one["code"]) for one in errors} == {
        ("code", "wrong_format"),
        ("title", "missing"),
        ("pages", "ambiguous_number"),
        ("price", "malformed_decimal"),
        ("size.height", "missing"),
    }
    assert job["summary"] == summary(received=1, rejected=1)


async def test_rows_with_too_few_or_too_many_cells(partner: Partner) -> None:
    job = await partner.load("code,title\nragged-1\nragged-2,A,B\nragged-3,A\n")
    assert job["summary"] == summary(received=3, created=1, rejected=2)
    errors = await partner.errors(job)
    assert [(one["row"], one["column"], one["code"]) for one in errors] == [
        (1, None, "column_count"),
        (2, None, "column_count"),
    ]
    assert errors[0]["detail"] == "This row has 1 cells; the header row has 2."


async def test_an_enormous_cell_is_an_error_of_its_row(partner: Partner) -> None:
    job = await partner.load(f"code,title\nhuge-1,{'x' * 131_073}\nhuge-2,A\n")
    assert job["summary"] == summary(received=2, created=1, rejected=1)
    errors = await partner.errors(job)
    assert [(one["row"], one["column"], one["code"], len(one["value"])) for one in errors] == [
        (1, "title", "field_too_long", 200)
    ]


async def test_an_enormous_record_is_an_error_of_its_row(partner: Partner) -> None:
    quoted = '"' + ("x" * 999 + "\n") * 1_500 + '"'
    job = await partner.load(f"code,title\nlong-1,{'x' * 3_000_000}\nlong-2,A\n")
    assert job["summary"] == summary(received=2, created=1, rejected=1)
    assert [one["code"] for one in await partner.errors(job)] == ["record_too_long"]
    endless = await partner.load(f"code,title\nlong-3,{quoted}\n")
    assert endless["summary"]["rejected"] == endless["summary"]["received"] > 0


async def test_quotation_marks_out_of_place(partner: Partner) -> None:
    job = await partner.load('code,title\nquote-1,"A"B\nquote-2,A\nquote-3,"A\nquote-4,A\n')
    assert job["summary"] == summary(received=3, created=1, rejected=2)
    errors = await partner.errors(job)
    assert [(one["row"], one["code"]) for one in errors] == [(1, "malformed_quotes"), (3, "unclosed_quote")]


LINES = {
    "an array": ('["line-1", "A"]', "not_an_object"),
    "a text": ('"A"', "not_an_object"),
    "not JSON": ('{"code": "line-1"', "malformed_json"),
    "NaN": ('{"code": "line-1", "title": "A", "price": NaN}', "malformed_json"),
    "a member twice": ('{"code": "line-1", "code": "line-2", "title": "A"}', "malformed_json"),
    "a carriage return inside": ('{"code": "line-1",\r"title": "A"}', "carriage_return"),
    "over a megabyte": (json.dumps({"code": "line-1", "title": "x" * 1_100_000}), "record_too_long"),
    "too deep": ('{"code": ' + "[" * 65 + "]" * 65 + "}", "too_deep"),
    "a NUL": ('{"code": "line-1", "title": "\\u0000"}', "nul_character"),
    "half a surrogate": ('{"code": "line-1", "title": "\\ud800"}', "invalid_unicode"),
    "a column twice": ('{"code": "line-1", "title": "A", "size": {"height": 1}, "size.height": 2}', "repeated_column"),
    "two names of one column": (
        '{"code": "line-1", "title": "A", "series": "ref:a", "series_id": "ref:b"}',
        "repeated_column",
    ),
    "an unknown member": ('{"code": "line-1", "title": "A", "colour": "red"}', "extra_forbidden"),
    "an unknown member inside": ('{"code": "line-1", "title": "A", "size": {"height": 1, "x": 2}}', "extra_forbidden"),
    "a float of too many digits": (
        '{"code": "line-1", "title": "A", "price": 0.1000000000000000055}',
        "too_many_digits",
    ),
    "a number for a text": ('{"code": "line-1", "title": 5}', "wrong_type"),
    "a text for a count": ('{"code": "line-1", "title": "A", "pages": "5"}', "wrong_type"),
    "a list for an object": ('{"code": "line-1", "title": "A", "size": []}', "wrong_type"),
    "what is only answered": ('{"code": "line-1", "title": "A", "state": "x"}', "read_only"),
    "an id that is none": ('{"code": "line-1", "title": "A", "id": "x"}', "malformed_id"),
}


@pytest.mark.parametrize("name", LINES)
async def test_a_line_that_is_not_right_is_told_and_the_rest_is_stored(partner: Partner, name: str) -> None:
    line, code = LINES[name]
    good = json.dumps({"code": f"good-{abs(hash(name))}", "title": "A"})
    job = await partner.load(f"{line}\n{good}\n", kind=NDJSON)
    errors = await partner.errors(job)
    assert [(one["row"], one["code"]) for one in errors] == [(1, code)], errors
    assert job["summary"] == summary(received=2, created=1, rejected=1)


async def test_values_of_lines_are_told_as_they_were(partner: Partner) -> None:
    row: dict[str, Any] = {"code": "told", "title": "A", "pages": -1, "size": {"height": "x"}, "size.width": [1, 2]}
    errors = await partner.errors(await partner.load(json.dumps(row), kind=NDJSON))
    assert {one["column"]: one["value"] for one in errors} == {
        "pages": "-1",
        "size.height": "x",
        "size.width": "[1, 2]",
    }


async def test_enormous_numbers_of_lines_cost_nothing(partner: Partner) -> None:
    lines = [
        '{"code": "e", "title": "A", "price": 1e999999999}',
        '{"code": "f", "title": "A", "pages": 1%s}' % ("0" * 500),
    ]
    errors = await partner.errors(await partner.load("\n".join(lines), kind=NDJSON))
    assert [(one["column"], one["code"], one["value"][:12]) for one in errors] == [
        ("price", "out_of_range", "1E+999999999"),
        ("pages", "out_of_range", "100000000000"),
    ]


async def test_a_key_for_the_second_time(partner: Partner) -> None:
    far = "".join(f"twice-{n},A\n" for n in range(1000))
    job = await partner.load(f"code,title\n{far}twice-3,A\ntwice-4,B\ntwice-3, A \n")
    assert job["summary"] == summary(received=1003, created=1000, rejected=3)
    errors = await partner.errors(job)
    assert [(one["row"], one["column"], one["code"]) for one in errors] == [
        (1001, None, "duplicate_in_file"),
        (1002, None, "conflict_in_file"),
        (1003, None, "duplicate_in_file"),
    ]
    assert "Row 4 " in errors[0]["detail"]
    assert "Row 5 " in errors[1]["detail"]


async def test_what_an_importer_refuses_is_told_with_what_was_there(partner: Partner) -> None:
    job = await partner.load("code,title\nrefused,forbidden\n")
    assert await partner.errors(job) == [
        {"row": 1, "column": "title", "code": "forbidden_title", "detail": "Not this one.", "value": "forbidden"}
    ]


@pytest.mark.parametrize("mode", ["partial", "dry_run"])
async def test_a_row_that_is_refused_by_a_fence_does_not_take_others_with_it(
    partner: Partner, db: asyncpg.Connection, mode: str
) -> None:
    rows = unique_books(f"fence-{mode}-", 700)
    rows[3]["title"] = rows[650]["title"] = "outside"
    rows[499]["title"] = "fenced"
    job = await partner.load(csv_of(rows), mode)
    assert (job["state"], job["summary"]) == ("succeeded", summary(received=700, created=697, rejected=3))
    told = [(one["row"], one["column"], one["code"]) for one in await partner.errors(job)]
    assert told == [(4, None, "forbidden"), (500, None, "forbidden"), (651, None, "forbidden")]
    stored = 697 if mode == "partial" else 0
    for table, column in (("books", "code"), ("outbox", "payload->>'code'")):
        found = await db.fetchval(f"select count(*) from {table} where {column} like $1", f"fence-{mode}-%")
        assert found == stored


async def test_errors_come_in_pages(partner: Partner) -> None:
    rows = "".join(f"paged {n},\n" for n in range(30))
    job = await partner.load(f"code,title\n{rows}")
    path, seen = f"{job['location']}/errors?limit=7&count=exact", []
    while path:
        page = await partner.get(path)
        assert page.json()["total"] == 60
        seen += [(one["row"], one["column"]) for one in page.json()["items"]]
        assert len(page.json()["items"]) <= 7
        path = page.headers.get("link", "").partition(">")[0].removeprefix("<")
        assert bool(path) == bool(page.json()["next_cursor"])
    assert sorted(seen) == sorted((row, column) for row in range(1, 31) for column in ("code", "title"))
    assert [row for row, _ in seen] == sorted(row for row, _ in seen)
    for bad in ("limit=501", "cursor=x", "sort=row", "limit="):
        assert (await partner.get(f"{job['location']}/errors?{bad}")).status_code == 422
