"""What is said of a file at once, before anything is stored of it."""

import asyncio
import base64
import gzip
import hashlib
from typing import Any
from urllib.parse import urlencode

import asyncpg
import httpx
import pytest

from shared.files.media import XLSX
from shared.imports import files
from shared.permissions.matrix import OPERATIONS, Operation
from shared.permissions.roles import Role
from tests.gateway.servers import Running
from tests.shared.imports.conftest import NDJSON, Partner, World, partner_of

GOOD = "code,title\narrival,A\n"


def problem(answer: httpx.Response, status: int, code: str) -> list[dict[str, Any]]:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    found: list[dict[str, Any]] = answer.json().get("errors", [])
    return found


ENCODINGS = {
    "Windows-1252": ("code,title\narrival,Zürich\n".encode("cp1252"), "text/csv"),
    "deep inside": (b"code,title\n" + b"a,A\n" * 50_000 + b"b,\xff\n", "text/csv"),
    "UTF-16 with its mark": (GOOD.encode("utf-16"), "text/csv"),
    "UTF-16 without": (GOOD.encode("utf-16-le"), "text/csv"),
    "UTF-16, the other way": (GOOD.encode("utf-16-be"), "text/csv"),
    "cut in a character": ("code,title\narrival,Zü".encode()[:-1], "text/csv"),
    "surrogates": (b"code,title\narrival,\xed\xa0\x80\n", "text/csv"),
    "lines in Windows-1252": ('{"code": "a", "title": "Zürich"}'.encode("cp1252"), NDJSON),
    "lines in UTF-16": ('{"code": "a", "title": "A"}'.encode("utf-16-le"), NDJSON),
}


@pytest.mark.parametrize("name", ENCODINGS)
async def test_what_is_not_utf_8_is_refused(partner: Partner, name: str) -> None:
    content, kind = ENCODINGS[name]
    problem(await partner.send_file(content, kind=kind), 422, "file-encoding")


MALFORMED = {
    "nothing": "",
    "blank lines": "\n\n",
    "a column twice": "code,title,code\na,A,a\n",
    "both names of a column": "code,title,series,series_id\na,A,,\n",
    "an open quotation mark in the header": 'code,"title\na,A\n',
}


@pytest.mark.parametrize("name", MALFORMED)
async def test_a_file_without_a_good_header_is_refused(partner: Partner, name: str) -> None:
    problem(await partner.send_file(MALFORMED[name]), 422, "file-malformed")


async def test_columns_that_are_not_known_are_named(partner: Partner) -> None:
    found = problem(await partner.send_file("code,colour,title,<b>,\n"), 422, "unknown-column")
    assert [(one["pointer"], one["code"]) for one in found] == [
        ("/colour", "unknown_column"),
        ("/4", "unknown_column"),
        ("/5", "unknown_column"),
    ]
    answer = await partner.send_file("code,colour,title\n")
    assert "code, title, country, pages" in answer.json()["detail"]
    answer = await partner.send_file("code;title\n")
    assert "commas" in answer.json()["detail"]
    problem(await partner.send_file("code,title,size\n"), 422, "unknown-column")


async def test_columns_that_are_missing_are_named(partner: Partner) -> None:
    found = problem(await partner.send_file("pages\n1\n"), 422, "missing-column")
    assert [(one["pointer"], one["code"]) for one in found] == [
        ("/code", "missing_column"),
        ("/title", "missing_column"),
    ]


@pytest.mark.parametrize(
    "kind",
    [
        "application/json",
        "text/plain",
        "application/vnd.ms-excel.sheet.macroEnabled.12",
        "application/vnd.ms-excel",
        "multipart/form-data; boundary=x",
        "text/csv; charset=windows-1252",
        "text/csv; charset=utf-16",
        "application/x-ndjson; charset=latin1",
        "",
    ],
)
async def test_other_media_types_are_refused_with_those_that_are_taken(partner: Partner, kind: str) -> None:
    answer = await partner.send_file(GOOD, kind=kind)
    problem(answer, 415, "unsupported-media-type")
    assert answer.headers["Accept-Post"] == f"text/csv, application/x-ndjson, {XLSX}"


@pytest.mark.parametrize("kind", ["text/csv; charset=UTF-8", 'text/csv;header=present;charset="utf-8"', "TEXT/CSV"])
async def test_a_media_type_may_say_more(partner: Partner, kind: str) -> None:
    assert (await partner.send_file(GOOD, kind=kind)).status_code == 202


@pytest.mark.parametrize("query", ["", "?mode=all", "?mode=", "?mode=partial&mode=atomic", "?mode=partial&x=1"])
async def test_the_mode_must_be_given_and_known(partner: Partner, query: str) -> None:
    headers = {"Content-Type": "text/csv"}
    problem(
        await partner.post(f"/v1/books/imports{query}", content=GOOD.encode(), headers=headers),
        422,
        "validation-failed",
    )


async def test_a_digest_is_kept_or_the_file_is_refused(partner: Partner, db: asyncpg.Connection) -> None:
    def digest(content: bytes, name: str = "sha256") -> str:
        return base64.b64encode(hashlib.new(name, content).digest()).decode()

    right = {"Content-Digest": f"sha-256=:{digest(GOOD.encode())}:, sha-512=:{digest(GOOD.encode(), 'sha512')}:"}
    assert (await partner.send_file(GOOD, headers=right)).status_code == 202
    before = await db.fetchval("select count(*) from imports")
    wrong = {"Content-Digest": f"sha-256=:{digest(b'other')}:"}
    problem(await partner.send_file(GOOD, headers=wrong), 400, "digest-mismatch")
    problem(await partner.send_file(GOOD, headers={"Content-Digest": "sha-256=x"}), 400, "malformed-header")
    assert await db.fetchval("select count(*) from imports") == before
    packed = gzip.compress(GOOD.encode())
    as_sent = {"Content-Encoding": "gzip", "Content-Digest": f"sha-256=:{digest(packed)}:"}
    assert (await partner.send_file(packed, headers=as_sent)).status_code == 202


async def test_a_file_may_be_as_large_as_the_setting_says(world: World) -> None:
    database = await asyncio.to_thread(world.new_database)
    with world.service(database, SCORE_IMPORT_MAX_BYTES="2000000") as running:
        async with partner_of(running.url) as partner:
            large = "code,title\n" + f"large,{'x' * 991}\n" * 1990
            assert (await partner.send_file(large)).status_code == 202
            problem(await partner.send_file(large + large), 413, "payload-too-large")
            packed = gzip.compress((large + large).encode())
            headers = {"Content-Encoding": "gzip"}
            problem(await partner.send_file(packed, headers=headers), 413, "payload-too-large")


async def test_a_file_may_have_a_million_rows(
    partner: Partner, db: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert files.MAX_ROWS == 1_000_000
    monkeypatch.setattr(files, "MAX_ROWS", 1_000)
    before = await db.fetchval("select count(*) from import_chunks")
    problem(await partner.send_file("code,title\n" + "many,A\n" * 1_001), 413, "payload-too-large")
    problem(await partner.send_file('{"code": "a"}\n' * 1_001, kind=NDJSON), 413, "payload-too-large")
    assert await db.fetchval("select count(*) from import_chunks") == before
    assert (await partner.send_file("code,title\n" + "many,A\n" * 1_000)).status_code == 202


async def test_a_repeated_request_with_a_key_makes_one_import(partner: Partner, db: asyncpg.Connection) -> None:
    key = {"Idempotency-Key": "one-file"}
    first = await partner.send_file(GOOD, headers=key)
    again = await partner.send_file(GOOD, headers=key)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (again.status_code, again.headers["Location"]) == (202, first.headers["Location"])
    problem(await partner.send_file(GOOD + "b,B\n", headers=key), 422, "idempotency-key-reused")
    problem(await partner.send_file(GOOD, "atomic", headers=key), 422, "idempotency-key-reused")
    problem(await partner.send_file(GOOD, kind=NDJSON, headers=key), 422, "idempotency-key-reused")


async def test_writing_and_reading_want_their_scopes(served: Running, partner: Partner) -> None:
    location = (await partner.load(GOOD))["location"]
    async with partner_of(served.url, scope="books:read") as reader:
        problem(await reader.send_file(GOOD), 403, "insufficient-scope")
        assert (await reader.get(location)).status_code == 200
        problem(await reader.delete(location), 403, "insufficient-scope")
    async with partner_of(served.url, scope="books:write") as writer:
        problem(await writer.get(location), 403, "insufficient-scope")


async def test_an_import_is_there_for_its_client_and_for_the_programme(
    served: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (
        "import_books",
        "list_books_imports",
        "get_books_import",
        "list_books_import_errors",
        "get_books_import_rejected",
        "cancel_books_import",
    ):
        monkeypatch.setitem(OPERATIONS, name, Operation("", frozenset({Role.COORDINATOR})))
    async with partner_of(served.url, client="client-1", role="coordinator") as mine:
        location = (await mine.load(GOOD))["location"]
        assert (await mine.get(f"{location}/errors")).status_code == 200
        assert location.rpartition("/")[2] in await listed(mine, state="succeeded")
        assert location.rpartition("/")[2] not in await listed(mine, state="queued,running")
    async with partner_of(served.url, client="client-2", role="coordinator") as other:
        assert location.rpartition("/")[2] not in await listed(other)
        for path in (location, f"{location}/errors", f"{location}/rejected"):
            problem(await other.get(path), 404, "not-found")
        problem(await other.delete(location), 404, "not-found")
    async with partner_of(served.url, client="client-3", role="auditor") as auditor:
        assert (await auditor.get(location)).status_code == 200
        assert location.rpartition("/")[2] in await listed(auditor)
        problem(await auditor.delete(location), 403, "forbidden")
    async with partner_of(served.url, client="client-4") as admin:
        assert (await admin.get(f"{location}/rejected")).status_code == 200
        problem(await admin.delete(location), 409, "wrong-state")


async def listed(partner: Partner, **query: str) -> list[str]:
    """Ids of imports, page by page, the oldest first."""
    path, ids = f"/v1/books/imports?{urlencode({'limit': 3, **query})}", []
    while path:
        page = await partner.get(path)
        assert page.status_code == 200, page.text
        ids += [one["id"] for one in page.json()["items"]]
        path = page.headers.get("link", "").partition(">")[0].removeprefix("<")
    assert ids == sorted(set(ids))
    return ids


async def test_imports_of_one_path_are_listed_there_alone(partner: Partner) -> None:
    await partner.load(GOOD)
    assert await listed(partner)
    page = await partner.get("/v1/books/0190a6f0-0000-7000-8000-000000000000/pages/imports?count=exact")
    assert page.json() == {"items": [], "next_cursor": None, "total": 0}
    problem(await partner.get("/v1/books/imports?state=lost"), 422, "validation-failed")
    answer = await partner.get("/v1/books/imports", headers={"Accept": "text/csv"})
    assert answer.text.splitlines()[0].startswith("id,state,mode,progress.done,progress.total,summary.received,")


async def test_an_import_that_is_not_there(partner: Partner) -> None:
    for id in ("x", "0190a6f0-0000-7000-8000-000000000000"):
        problem(await partner.get(f"/v1/books/imports/{id}"), 404, "not-found")
    answer = await partner.put("/v1/books/imports")
    problem(answer, 405, "method-not-allowed")
    assert "POST" in answer.headers["Allow"]


async def test_the_operations_are_documented(partner: Partner) -> None:
    document = (await partner.get("/openapi.json")).json()
    paths = document["paths"]
    start = paths["/v1/books/imports"]["post"]
    assert start["operationId"] == "import_books"
    assert set(start["requestBody"]["content"]) == {"text/csv", NDJSON, XLSX}
    assert {"202", "400", "408", "413", "415", "422"} <= set(start["responses"])
    assert "Location" in start["responses"]["202"]["headers"]
    assert {one["name"] for one in start["parameters"] if "name" in one} == {"mode", "shout"}
    assert "size.height" in start["requestBody"]["description"]
    ids = [paths[path][method]["operationId"] for path in paths for method in paths[path]]
    assert len(ids) == len(set(ids))
    assert {
        "get_books_import",
        "cancel_books_import",
        "list_books_import_errors",
        "get_books_import_rejected",
        "import_book_pages",
    } <= set(ids)
    page = paths["/v1/books/{book_id}/pages/imports/{import_id}"]["get"]
    assert {one["name"] for one in page["parameters"] if "name" in one} == {"book_id", "import_id"}
    rejected = paths["/v1/books/imports/{import_id}/rejected"]["get"]
    assert set(rejected["responses"]["200"]["content"]) == {"text/csv", NDJSON, XLSX}
    assert {"file-encoding", "file-malformed", "unknown-column", "missing-column", "rows-rejected"} <= set(
        document["x-problems"]
    )
