"""What becomes of files that are as they should be."""

from typing import Any

import asyncpg
import pytest

from tests.shared.imports.conftest import NDJSON, Partner, csv_of, ndjson_of, summary, unique_books

FULL = """code,title,country,pages,price,hardcover,topics,size.height,size.width,printed_on,external_ref
full-1, The Tin Drum ,DE,563,12.50,yes,novel|war,21.5,14,1959-09-01,ext-1
full-2,"Effi
Briest",,,,no,,,,,
"""


async def test_a_csv_file_becomes_records(partner: Partner, db: asyncpg.Connection) -> None:
    job = await partner.load(FULL)
    assert job["state"] == "succeeded"
    assert job["summary"] == summary(received=2, created=2)
    assert job["progress"] == {"done": 2, "total": 2}
    assert job["problem"] is None
    assert job["finished_at"]
    book = await db.fetchrow("select * from books where code = 'full-1'")
    assert (book["title"], book["country"], book["pages"], str(book["price"])[:5]) == (
        "The Tin Drum",
        "DE",
        563,
        "12.50",
    )
    assert (book["hardcover"], book["topics"], book["external_ref"]) == (True, '["novel", "war"]', "ext-1")
    assert (book["size"], book["printed_on"]) == ('{"width": "14", "height": "21.5"}', "1959-09-01")
    other = await db.fetchrow("select * from books where code = 'full-2'")
    assert (other["title"], other["pages"], other["hardcover"], other["size"]) == ("Effi\nBriest", None, False, None)


async def test_the_answer_says_where_the_import_tells_how_it_goes(partner: Partner) -> None:
    taken = await partner.send_file(csv_of(unique_books("where-", 1)))
    job = taken.json()
    assert taken.status_code == 202
    assert taken.headers["Location"] == f"/v1/books/imports/{job['id']}"
    assert (job["state"], job["mode"], job["progress"]) == ("queued", "partial", {"done": 0, "total": 1})
    assert job["summary"] == summary()
    assert taken.headers["Consistency-Token"]
    assert set(job) == {"id", "state", "mode", "progress", "summary", "problem", "created_at", "finished_at"}


async def test_the_same_file_again_changes_nothing(partner: Partner) -> None:
    rows = unique_books("again-", 1200)
    assert (await partner.load(csv_of(rows)))["summary"] == summary(received=1200, created=1200)
    assert (await partner.load(csv_of(rows)))["summary"] == summary(received=1200, unchanged=1200)
    rows[700]["title"] = "another"
    again = await partner.load(ndjson_of(rows), kind=NDJSON)
    assert again["summary"] == summary(received=1200, updated=1, unchanged=1199)


async def test_columns_may_come_in_any_order_and_rows_may_be_blank(partner: Partner) -> None:
    job = await partner.load("title,code\nA,order-1\n\n\nB,order-2\n")
    assert job["summary"] == summary(received=2, created=2)


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
async def test_lines_may_end_in_each_way_also_the_last_in_none(partner: Partner, ending: str) -> None:
    code = f"ending-{ending.encode().hex()}"
    job = await partner.load(ending.join(["code,title", f"{code}-1,A", f"{code}-2,B"]))
    assert job["summary"] == summary(received=2, created=2)


async def test_a_byte_order_mark_by_excel_is_no_part_of_the_first_name(partner: Partner) -> None:
    job = await partner.load(b"\xef\xbb\xbfcode,title\nbom-1,A\n")
    assert job["summary"]["created"] == 1


async def test_a_header_alone_is_a_file_of_no_rows(partner: Partner) -> None:
    for mode in ("partial", "atomic", "dry_run"):
        job = await partner.load("code,title\n", mode)
        assert (job["state"], job["summary"], job["progress"]) == ("succeeded", summary(), {"done": 0, "total": 0})


async def test_lines_of_json_may_be_nested_or_dotted(partner: Partner, db: asyncpg.Connection) -> None:
    nested: dict[str, Any] = {"code": "nested", "title": "A", "size": {"height": "1.5", "width": 2}, "topics": ["x"]}
    dotted: dict[str, Any] = {"code": "dotted", "title": "A", "size.height": "1.5", "size.width": 2, "topics": ["x"]}
    half: dict[str, Any] = {"code": "half", "title": "A", "size": {"height": "1.5"}, "size.width": 2, "topics": ["x"]}
    nulls: dict[str, Any] = {"code": "nulls", "title": "A", "size": None, "pages": None, "topics": []}
    job = await partner.load("\n  \n" + ndjson_of([nested, dotted, half, nulls]).rstrip("\n"), kind=NDJSON)
    assert job["summary"] == summary(received=4, created=4), await partner.errors(job)
    sizes = {row["code"]: row["size"] for row in await db.fetch("select code, size from books where title = 'A'")}
    assert sizes["nested"] == sizes["dotted"] == sizes["half"] == '{"width": "2", "height": "1.5"}'
    assert sizes["nulls"] is None


async def test_a_name_in_id_may_be_written_without_it(partner: Partner) -> None:
    for name in ("series", "series_id"):
        for content, kind in (
            (f"code,title,{name}\ns,A,ref:x\n", "text/csv"),
            (ndjson_of([{"code": "s", "title": "A", name: "ref:x"}]), NDJSON),
        ):
            errors = await partner.errors(await partner.load(content, kind=kind))
            assert [(one["column"], one["code"], one["value"]) for one in errors] == [
                (name, "unknown_reference", "ref:x")
            ]


async def test_parameters_of_a_collection_reach_its_importer(partner: Partner, db: asyncpg.Connection) -> None:
    await partner.load("code,title\nshout,hello\n", "partial&shout=true")
    assert await db.fetchval("select title from books where code = 'shout'") == "HELLO"
    refused = await partner.send_file("code,title\nshout,hello\n", "partial&whisper=true")
    assert refused.status_code == 422


async def test_columns_may_follow_from_the_path(partner: Partner, db: asyncpg.Connection) -> None:
    await partner.load("code,title\npaged,red.fish blue.fish\n")
    book = await db.fetchval("select id from books where code = 'paged'")
    path = f"/v1/books/{book}/pages/imports"
    good = "number,said.red.fish,said.blue.fish\n1,yes,no\n2,,\n"
    job = await partner.load(good, path=path)
    assert job["location"].startswith(path)
    assert job["summary"] == summary(received=2, created=2)
    unknown = await partner.send_file("number,said.green.fish\n1,yes\n", path=path)
    assert (unknown.status_code, unknown.json()["code"]) == (422, "unknown-column")
    bad = await partner.load("number,said.red.fish\n1,perhaps\n", path=path)
    assert [(one["column"], one["value"]) for one in await partner.errors(bad)] == [("said.red.fish", "perhaps")]
    other = job["location"].replace(str(book), "0190a6f0-0000-7000-8000-000000000000")
    assert (await partner.get(other)).status_code == 404
    assert (await partner.get(job["location"].replace(f"{book}/pages/", ""))).status_code == 404
    nowhere = await partner.send_file(good, path="/v1/books/0190a6f0-0000-7000-8000-000000000000/pages/imports")
    assert nowhere.status_code == 404
    assert (await partner.send_file(good, path="/v1/books/x/pages/imports")).status_code == 404


async def test_history_and_events_name_the_client_the_request_and_its_trace(
    partner: Partner, db: asyncpg.Connection
) -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    await partner.load("code,title\ntraced,A\n", headers={"X-Request-ID": "file-7", "traceparent": trace})
    book = await db.fetchval("select id from books where code = 'traced'")
    done = await db.fetchrow("select * from history where aggregate_id = $1", book)
    event = await db.fetchrow("select * from outbox where aggregate_id = $1", book)
    assert (done["by"], done["request_id"]) == (event["by"], event["request_id"]) == ("client-1", "file-7")
    assert event["traceparent"].split("-")[1] == trace.split("-")[1]
    assert await db.fetchval("select created_by from books where code = 'traced'") == "client-1"


async def test_a_finished_import_gives_a_token_that_covers_all_of_it(
    partner: Partner, db: asyncpg.Connection, served: Any
) -> None:
    job = await partner.load(csv_of(unique_books("covered-", 700)))
    answer = await partner.get(job["location"])
    covered = served.app.state.tokens.read(answer.headers["Consistency-Token"])
    last = await db.fetchval("select event_id from outbox order by seq desc limit 1")
    assert covered.events == {("enterprise", last)}
    # an older import adds to what a client has covered already, and replaces nothing
    newer = await partner.load(csv_of(unique_books("covered-too-", 1)))
    both = await partner.get(job["location"], headers={"Consistency-Token": answer.headers["Consistency-Token"]})
    assert last in {event for _, event in served.app.state.tokens.read(both.headers["Consistency-Token"]).events}
    assert newer["state"] == "succeeded"
    unchanged = await partner.load(csv_of(unique_books("covered-", 700)))
    assert "Consistency-Token" not in (await partner.get(unchanged["location"])).headers
