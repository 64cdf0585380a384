"""For any file: received = created + updated + unchanged + rejected, each rejected row has errors, and again changes nothing."""

import csv
import io
from typing import Any

import asyncpg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.files.media import CSV, NDJSON
from shared.imports.files import records_of
from shared.imports.seen import SeenKeys
from tests.shared.imports.conftest import Partner, ndjson_of

CODES = st.sampled_from([f"any-{n}" for n in range(12)])
CELLS = st.one_of(st.sampled_from(["", "1", "1,5", "yes", "A", "forbidden", '"', "a|b", "DE"]), st.text(max_size=8))
CSV_ROWS = st.lists(
    st.one_of(st.tuples(CODES, CELLS, CELLS, CELLS).map(list), st.lists(CELLS, max_size=6)), max_size=12
)
VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(max_size=6), st.lists(st.text(max_size=3), max_size=3)
)
OBJECTS = st.fixed_dictionaries(
    {"code": CODES, "title": CELLS}, optional={"pages": VALUES, "topics": VALUES, "size": VALUES, "other": VALUES}
)


def written(rows: list[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([["code", "title", "pages", "hardcover"], *rows])
    return text.getvalue().encode("utf-8", "replace")


ANY = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@given(rows=CSV_ROWS)
@ANY
async def test_the_sum_is_right_for_any_table(partner: Partner, rows: list[list[str]]) -> None:
    await check(partner, written(rows), CSV)


@given(content=st.binary(max_size=60))
@ANY
async def test_the_sum_is_right_for_any_bytes_under_a_header(partner: Partner, content: bytes) -> None:
    await check(partner, b"code,title\n" + content, CSV)


@given(objects=st.lists(OBJECTS, max_size=8), noise=st.sampled_from(["", "[]\n", "{\n", "\n", "null\n"]))
@ANY
async def test_the_sum_is_right_for_any_lines(partner: Partner, objects: list[dict[str, Any]], noise: str) -> None:
    await check(partner, (ndjson_of(objects) + noise).encode("utf-8", "replace"), NDJSON)


async def check(partner: Partner, content: bytes, kind: str) -> None:
    taken = await partner.send_file(content, kind=kind)
    if taken.status_code != 202:
        assert taken.status_code == 422, taken.text
        return
    dry = await partner.load(content, "dry_run", kind)
    first = await partner.end_of(taken.headers["Location"])
    second = await partner.load(content, kind=kind)
    for job in (first, dry, second):
        counts = job["summary"]
        assert job["state"] == "succeeded"
        assert counts["received"] == sum(counts.values()) - counts["received"] == job["progress"]["total"]
    told = await partner.errors(first)
    assert len({one["row"] for one in told}) == first["summary"]["rejected"] == second["summary"]["rejected"]
    assert second["summary"]["created"] == second["summary"]["updated"] == 0
    assert told == await partner.errors(second) == await partner.errors(dry)


@given(st.lists(st.tuples(st.integers(0, 40), st.booleans()), max_size=200))
@settings(max_examples=200, deadline=None)
def test_seen_keys_are_found_as_a_dictionary_would(pairs: list[tuple[int, bool]]) -> None:
    seen, plain = SeenKeys(), {}
    for row, (key, content) in enumerate(pairs, start=1):
        earlier = seen.claim([key], row, b"a" if content else b"b")
        before = plain.setdefault(key, (row, content))
        assert (earlier is None) == (before[0] == row)
        assert earlier is None or (earlier.row, earlier.same) == (before[0], before[1] == content)


def test_seen_keys_are_few_bytes_each() -> None:
    seen = SeenKeys()
    for row in range(1, 100_001):
        assert seen.claim([("key", row)], row, b"") is None
    assert seen.claim([("other", 1), ("key", 77)], 100_001, b"") is not None
    assert len(seen._rows) * 20 < 100 * 100_000


@given(rows=st.lists(st.lists(st.text(alphabet='a,"\r\n é', max_size=5), min_size=1, max_size=4), max_size=20))
@settings(max_examples=200, deadline=None)
def test_records_are_what_was_written(rows: list[list[str]]) -> None:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(rows)
    assert list(records_of(io.BytesIO(text.getvalue().encode()), CSV)) == rows


async def test_numbers_of_rows_go_on_over_batches(partner: Partner, db: asyncpg.Connection) -> None:
    job = await partner.load("code,title\n" + "".join(f"numbered-{n},{'x' * 400_000}\n" for n in range(7)))
    assert [one["row"] for one in await partner.errors(job)] == [1, 2, 3, 4, 5, 6, 7]
    chunks = await db.fetch("select first_row, rows from import_chunks where import_id = $1 order by n", job["id"])
    assert [tuple(chunk) for chunk in chunks] == [(1, 3), (4, 3), (7, 1)]
