"""The number of an anonymous slip is in no table, event, answer, log or file afterwards; nor does anything tell who came when."""

import zlib
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from shared.imports.files import unpacked
from tests import builders
from tests.conftest import Api, System
from tests.metrics.test_imports import RESPONSES, file

CANARY = "CANARYSLIP"
TABLES = "select tablename from pg_tables where schemaname = 'public'"


@pytest.fixture
async def database(system: System) -> AsyncIterator[asyncpg.Connection]:
    connection = await system.connect("metrics")
    yield connection
    await connection.close()


@pytest.fixture
async def survey(api: Api, enterprise_id: str) -> str:
    """One with a response by hand, one by a file and some refused ones: each with a canary for a number."""
    path = f"/v1/surveys/{(await api.make('/v1/surveys', builders.survey()))['id']}"
    by_hand = builders.response(enterprise_id, reference=f"{CANARY}-hand")
    await api.post(f"{path}/responses", json=by_hand, headers={"Idempotency-Key": builders.unique()})
    assert (await api.post(f"{path}/responses", json=by_hand)).status_code == 409
    wrong = {"answers": {"weather": True}, "category": "owner"}
    assert (await api.post(f"{path}/responses", json=by_hand | wrong)).status_code == 422
    rows = [
        f"{enterprise_id},worker,,{CANARY}-file,yes,,4",
        f"{enterprise_id},worker,,{CANARY}-wrong,maybe,,4",
        f"{enterprise_id},worker,,{CANARY}-ragged",
        f'{enterprise_id},worker,,"{CANARY}"-quotes,yes,,4',
    ]
    job = await api.load(f"{path}/responses/imports", file(RESPONSES, *rows))
    assert job["summary"] | {"received": 4} == {
        "received": 4,
        "created": 1,
        "updated": 0,
        "unchanged": 0,
        "rejected": 3,
    }
    return path


async def test_no_table_holds_a_number(survey: str, database: asyncpg.Connection) -> None:
    tables = [row["tablename"] for row in await database.fetch(TABLES)]
    assert {"survey_responses", "import_chunks", "import_errors", "idempotency", "history", "outbox"} <= set(tables)
    found = []
    for table in tables:
        as_text = f'select count(*) from "{table}" as row where row::text like $1 or row::text like $2'
        # bytes are written in hexadecimal digits
        if await database.fetchval(as_text, f"%{CANARY}%", f"%{CANARY.encode().hex()}%"):
            found.append(table)
    assert found == []


async def test_no_kept_file_holds_a_number(survey: str, database: asyncpg.Connection) -> None:
    chunks = [row["data"] for row in await database.fetch("select data from import_chunks")]
    of_responses = [data for data in chunks if b"slip-" in zlib.decompress(data)]
    assert of_responses
    assert not [data for data in chunks if CANARY in str(unpacked(data))]


def files_of(system: System) -> list[Path]:
    return [path for folder in ("logs", "nats") for path in (system.home / folder).rglob("*") if path.is_file()]


async def test_no_log_and_no_stream_holds_a_number(survey: str, system: System) -> None:
    written = files_of(system)
    assert "metrics.jsonl" in [path.name for path in written]
    assert not [path for path in written if CANARY.encode() in path.read_bytes()]


async def test_no_answer_holds_a_number(api: Api, survey: str) -> None:
    for part in ("", "/responses", "/results"):
        assert CANARY not in (await api.get(f"{survey}{part}")).text


async def test_a_response_has_no_history_and_no_event(survey: str, api: Api, database: asyncpg.Connection) -> None:
    for response in (await api.get(f"{survey}/responses")).json()["items"]:
        assert not await database.fetchval("select count(*) from history where aggregate_id = $1", response["id"])
        assert not await database.fetchval("select count(*) from outbox where aggregate_id = $1", response["id"])


async def test_a_kept_number_is_a_keyed_hash(survey: str, database: asyncpg.Connection) -> None:
    slips = await database.fetch("select slip from survey_responses where survey_id = $1", survey.rpartition("/")[2])
    assert [len(row["slip"]) for row in slips] == [32, 32]
    plain = await database.fetchval("select sha256($1)", f"{CANARY}-hand".encode())
    assert plain not in [row["slip"] for row in slips]
