"""The file of an import with only the rows that were rejected, each with what is wrong: mend them and send it again."""

import asyncio
import csv
import json
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import orjson
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.db import Database
from shared.files.media import CSV, XLSX
from shared.files.workbooks import LONGEST_CELL, Cell, NoValue, Workbook
from shared.imports import jobs
from shared.imports.files import Chunk, Flaw, unpacked
from shared.imports.files import Record as FileRecord
from shared.imports.jobs import Record
from shared.imports.rows import ERROR
from shared.imports.sheets import ERROR as NO_VALUE

PIECE = 64 * 1024
Rejected = tuple[FileRecord, str]  # and what is wrong with it
Reveal = Callable[[AsyncSession, Sequence[FileRecord]], Awaitable[Sequence[FileRecord]]]


async def as_kept(_: AsyncSession, records: Sequence[FileRecord]) -> Sequence[FileRecord]:
    return records


async def rejected_rows(database: Database, record: Record, reveal: Reveal) -> AsyncIterator[bytes]:
    """The file, piece by piece."""
    if record.media_type == XLSX:
        async for piece in rejected_book(database, record, reveal):
            yield piece
        return
    if record.media_type == CSV:
        yield line_of(names_of(record))
    async for batch in rejected_batches(database, record, reveal):
        yield await asyncio.to_thread(piece_of, record, batch)


async def rejected_book(database: Database, record: Record, reveal: Reveal) -> AsyncIterator[bytes]:
    with tempfile.TemporaryDirectory(prefix="score-rejected-") as folder:
        path = Path(folder) / "book.xlsx"
        book = Workbook(path, names_of(record), "Rejected")
        try:
            async for batch in rejected_batches(database, record, reveal):
                await asyncio.to_thread(book.add, [sheet_row(record, row, why) for row, why in batch])
        finally:
            await asyncio.to_thread(book.close)
        with path.open("rb") as file:
            while piece := await asyncio.to_thread(file.read, PIECE):
                yield piece


def names_of(record: Record) -> list[str]:
    return [*(name for name in record.header if name != ERROR), ERROR]


async def rejected_batches(database: Database, record: Record, reveal: Reveal) -> AsyncIterator[list[Rejected]]:
    """Each in a transaction of its own: whoever reads slowly holds nothing up."""
    async with database.transaction() as session:
        numbers = await jobs.flawed_chunks(session, record.id)
    for n in numbers:
        async with database.transaction() as session:
            chunk = await jobs.chunk(session, record.id, n)
            if chunk is None:
                raise RuntimeError("the file was forgotten meanwhile")
            said = sentences(await jobs.errors_in(session, record.id, chunk))
            rows = await reveal(session, await asyncio.to_thread(rejected_in, chunk, said))
        yield list(zip(rows, said.values(), strict=True))


def rejected_in(chunk: Chunk, said: Mapping[int, str]) -> list[FileRecord]:
    rows = enumerate(unpacked(chunk.data), start=chunk.first_row)
    return [row for number, row in rows if number in said]


def piece_of(record: Record, rejected: Sequence[Rejected]) -> bytes:
    if record.media_type == CSV:
        return b"".join(line_of(table_row(record, row, why)) for row, why in rejected)
    return b"".join(ndjson_line(row, why) for row, why in rejected)


def sentences(found: Sequence[Mapping[Any, Any]]) -> dict[int, str]:
    """All that is wrong with a row, as one text."""
    said: dict[int, list[str]] = {}
    for one in found:
        said.setdefault(one["row"], []).append(f"{one['column']}: {one['detail']}" if one["column"] else one["detail"])
    return {row: " ".join(parts) for row, parts in said.items()}


def table_row(record: Record, row: FileRecord, why: str) -> list[str]:
    """What is too much in a row stays behind the error, so that nothing is lost and it still counts as too much."""
    width = len(record.header)
    cells = row if isinstance(row, list) else [row.text if isinstance(row, Flaw) else row]
    padded = [*cells, *[""] * (width - len(cells))]
    kept = [cell for name, cell in zip(record.header, padded, strict=False) if name != ERROR]
    return [*kept, why, *padded[width:]]


def sheet_row(record: Record, row: FileRecord, why: str) -> list[Cell]:
    cells = table_row(record, row, why)
    return [NoValue() if cell.startswith(NO_VALUE) else cell[:LONGEST_CELL] or None for cell in cells]


def line_of(cells: Sequence[str]) -> bytes:
    line = StringIO()
    csv.writer(line).writerow(cells)  # ends in \r\n, so that a \r within a cell is quoted
    return line.getvalue().removesuffix("\r\n").encode("utf-8") + b"\n"


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
