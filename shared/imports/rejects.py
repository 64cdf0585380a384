"""The file of an import with only the rows that were rejected, each with what is wrong: mend them and send it again."""

import asyncio
import csv
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from io import StringIO
from typing import Any

import orjson
from sqlalchemy import RowMapping

from shared.db import Database
from shared.imports import jobs
from shared.imports.files import CSV, Chunk, Flaw, unpacked
from shared.imports.files import Record as FileRecord
from shared.imports.jobs import Record
from shared.imports.rows import ERROR


async def rejected_rows(database: Database, record: Record) -> AsyncIterator[bytes]:
    """Piece by piece, each in a transaction of its own: whoever reads slowly holds nothing up."""
    kept = [n for n, name in enumerate(record.header) if name != ERROR]
    if record.media_type == CSV:
        yield line_of([*(record.header[n] for n in kept), ERROR])
    async with database.transaction() as session:
        numbers = await jobs.flawed_chunks(session, record.id)
    for n in numbers:
        async with database.transaction() as session:
            chunk = await jobs.chunk(session, record.id, n)
            found = await jobs.errors_in(session, record.id, chunk) if chunk else []
        if chunk is None:
            raise RuntimeError("the file was forgotten meanwhile")
        yield await asyncio.to_thread(piece_of, record, chunk, found, kept)


def piece_of(record: Record, chunk: Chunk, found: Sequence[RowMapping], kept: Sequence[int]) -> bytes:
    said = sentences(found)
    rows = enumerate(unpacked(chunk.data), start=chunk.first_row)
    rejected = [(row, said[number]) for number, row in rows if number in said]
    if record.media_type == CSV:
        return b"".join(csv_line(row, why, len(record.header), kept) for row, why in rejected)
    return b"".join(ndjson_line(row, why) for row, why in rejected)


def sentences(found: Sequence[Mapping[Any, Any]]) -> dict[int, str]:
    """All that is wrong with a row, as one text."""
    said: dict[int, list[str]] = {}
    for one in found:
        said.setdefault(one["row"], []).append(f"{one['column']}: {one['detail']}" if one["column"] else one["detail"])
    return {row: " ".join(parts) for row, parts in said.items()}


def csv_line(row: FileRecord, why: str, width: int, kept: Sequence[int]) -> bytes:
    """What is too much in a row stays behind the error, so that nothing is lost and it still counts as too much."""
    cells = row if isinstance(row, list) else [row.text if isinstance(row, Flaw) else row]
    padded = [*cells, *[""] * (width - len(cells))]
    return line_of([*(padded[n] for n in kept), why, *padded[width:]])


def line_of(cells: Sequence[str]) -> bytes:
    line = StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue().encode("utf-8")


def ndjson_line(row: FileRecord, why: str) -> bytes:
    """The object as it was, to the digit, with one member more; what is no object is told as a text."""
    line = row.text if isinstance(row, Flaw) else str(row)
    found = None if isinstance(row, Flaw) else as_it_was(line)
    members = found if isinstance(found, dict) else {"line": line}
    return orjson.dumps({**members, ERROR: why}) + b"\n"


def as_it_was(line: str) -> Any:
    def verbatim(number: str) -> orjson.Fragment:
        return orjson.Fragment(number.encode())

    try:
        return json.loads(line, parse_int=verbatim, parse_float=verbatim, parse_constant=refuse)
    except (ValueError, RecursionError):
        return None


def refuse(_: str) -> Any:
    raise ValueError("not JSON")
