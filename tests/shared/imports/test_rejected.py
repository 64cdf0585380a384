"""The file of rejected rows: mend it, send it again as it is."""

import csv
import io
import json
from datetime import timedelta

import asyncpg

from shared.db import Database, create_engine
from shared.imports import jobs
from tests.shared.imports.conftest import NDJSON, Partner, World, summary


async def test_rejected_rows_come_back_with_what_is_wrong_and_may_be_sent_again(partner: Partner) -> None:
    header = ["title", "code", "price", "size.height"]
    rows = [
        ["Right", "back-1", "1", ""],
        ['Wrong, "quoted"\nin two lines', "back-2", "1,5", "x"],
        ["", "back-3", "", ""],
    ]
    text = io.StringIO()
    csv.writer(text).writerows([header, *rows])
    job = await partner.load(text.getvalue())
    answer = await partner.rejected(job)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    found = list(csv.reader(io.StringIO(answer.text)))
    assert found[0] == [*header, "error"]
    assert [row[:-1] for row in found[1:]] == rows[1:]
    assert found[1][-1].startswith("price: ")
    assert " size.height: " in found[1][-1]
    assert found[2][-1] == "title: This is required."
    again = await partner.load(answer.text)
    assert again["summary"] == summary(received=2, rejected=2)
    assert (await partner.rejected(again)).text == answer.text
    mended = answer.text.replace('"1,5"', "1.5").replace(",x,", ",2,").replace(",back-3,", "Third,back-3,")
    assert (await partner.load(mended))["summary"] == summary(received=2, created=2)


async def test_rows_that_are_no_rows_come_back_too(partner: Partner) -> None:
    job = await partner.load('code,title\nshort\na,b,too,many\n"open"x,y\nz,"never closed\n')
    found = list(csv.reader(io.StringIO((await partner.rejected(job)).text)))
    assert found[0] == ["code", "title", "error"]
    assert [[*row[:2], *row[3:]] for row in found[1:]] == [
        ["short", ""],
        ["a", "b", "too", "many"],
        ['"open"x,y\n', ""],
        ['z,"never closed\n', ""],
    ]
    assert (await partner.load((await partner.rejected(job)).text))["summary"]["rejected"] == 4


async def test_rejected_lines_keep_their_values_to_the_digit(partner: Partner) -> None:
    lines = [
        '{"code": "line back", "title": "é\\n", "price": 1.50000000000000000000, "pages": 12345678901234567890}',
        '{"code": "right-back", "title": "A"}',
        '["no", "object"]',
        "not JSON",
    ]
    job = await partner.load("\n".join(lines), kind=NDJSON)
    answer = await partner.rejected(job)
    assert answer.headers["content-type"] == NDJSON
    first, second, third = answer.text.splitlines()
    assert '"price":1.50000000000000000000,"pages":12345678901234567890' in first
    assert json.loads(first)["title"] == "é\n"
    assert json.loads(first)["error"].startswith("code: ")
    assert [json.loads(line)["line"] for line in (second, third)] == lines[2:]
    again = await partner.load(answer.text, kind=NDJSON)
    assert again["summary"] == summary(received=3, rejected=3)
    assert (await partner.rejected(again)).text.splitlines()[0] == first


async def test_only_chunks_with_rejected_rows_are_read_and_all_of_them(partner: Partner) -> None:
    rows = "".join(f"sparse-{n},{'' if n in (0, 499, 500, 1999) else 'A'}\n" for n in range(2000))
    job = await partner.load(f"code,title\n{rows}")
    found = list(csv.reader(io.StringIO((await partner.rejected(job)).text)))
    assert [row[0] for row in found[1:]] == ["sparse-0", "sparse-499", "sparse-500", "sparse-1999"]


async def test_a_file_without_rejected_rows_gives_its_header(partner: Partner) -> None:
    job = await partner.load("code,title\nnone-rejected,A\n")
    assert (await partner.rejected(job)).text == "code,title,error\n"


async def test_the_form_asked_for_must_be_that_of_the_file(partner: Partner) -> None:
    job = await partner.load("code,title\naccept,\n")
    path = f"{job['location']}/rejected"
    for accept, status in (("text/csv", 200), ("*/*", 200), (NDJSON, 406), ("application/json", 406)):
        assert (await partner.get(path, headers={"Accept": accept})).status_code == status
    assert (await partner.head(path)).status_code == 200


async def test_old_files_and_then_old_imports_are_forgotten(
    partner: Partner, world: World, database: str, db: asyncpg.Connection
) -> None:
    async def age(days: float) -> None:
        await db.execute(
            "update imports set finished_at = now() - $1::interval where id = $2", timedelta(days=days), job["id"]
        )
        keeper = Database(create_engine(world.postgres.url(database)))
        async with keeper.transaction() as session:
            await jobs.forget_old(session)
        await keeper.close()

    job = await partner.load("code,title\nforgotten,\n")
    await age(6.9)
    assert (await partner.get(f"{job['location']}/rejected")).status_code == 200
    await age(7.1)
    assert (await partner.get(f"{job['location']}/rejected")).status_code == 404
    assert (await partner.get(job["location"])).status_code == 200
    await age(30.1)
    assert (await partner.get(job["location"])).status_code == 404
    assert await db.fetchval("select count(*) from import_errors where import_id = $1", job["id"]) == 0
