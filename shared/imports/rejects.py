"""The file of an import with only the rows that were rejected, each with what is wrong: mend them and send it again."""

import asyncio
import csv
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from io import StringIO
from typing import Any

import orjson
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.db import Database
from shared.imports import jobs
from shared.imports.files import CSV, Chunk, Flaw, unpacked
from shared.imports.files import Record as FileRecord
from shared.imports.jobs import Record
from shared.imports.rows import ERROR

Reveal = Callable[[AsyncSession, Sequence[FileRecord]], Awaitable[Sequence[FileRecord]]]


async def as_kept(_: AsyncSession, records: Sequence[FileRecord]) -> Sequence[FileRecord]:
    return records


async def rejected_rows(database: Database, record: Record, reveal: Reveal) -> AsyncIterator[bytes]:
    """Piece by piece, each in a transaction of its own: whoever reads slowly holds nothing up."""
    kept = [n for n, name in enumerate(record.header) if name != ERROR]
    if record.media_type == CSV:
        yield line_of([*(record.header[n] for n in kept), ERROR])
    async with database.transaction() as session:
        numbers = await jobs.flawed_chunks(session, record.id)
    for n in numbers:
        async with database.transaction() as session:
            chunk = await jobs.chunk(session, record.id, n)
            if chunk is None:
                raise RuntimeError("the file was forgotten meanwhile")
            said = sentences(await jobs.errors_in(session, record.id, chunk))
            rows = await reveal(session, await asyncio.to_thread(rejected_in, chunk, said))
        yield await asyncio.to_thread(piece_of, record, list(zip(rows, said.values(), strict=True)), kept)


def rejected_in(chunk: Chunk, said: Mapping[int, str]) -> list[FileRecord]:
    rows = enumerate(unpacked(chunk.data), start=chunk.first_row)
    return [row for number, row in rows if number in said]


def piece_of(record: Record, rejected: Sequence[tuple[FileRecord, str]], kept: Sequence[int]) -> bytes:
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


def as_it_was(line: str, pairs: Callable[[list[tuple[str, Any]]], Any] | None = None) -> Any:
    def verbatim(number: str) -> orjson.Fragment:
        return orjson.Fragment(number.encode())

    try:
        return json.loads(
            line, parse_int=verbatim, parse_float=verbatim, parse_constant=refuse, object_pairs_hook=pairs
        )
    except (ValueError, RecursionError):
        return None


def refuse(_: str) -> Any:
    raise ValueError("not JSON")
