"""From the bytes of a file to its records, in batches that can be kept and read one by one, in a memory that stays flat.

What is kept of a record is what it says, not how it was quoted: a row of a table as the list of its cells, a line of NDJSON as
its text, and a record that can't be read as its `Flaw`.
"""

import csv
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from io import TextIOWrapper
from typing import IO, Any

import orjson

from shared import errors
from shared.files.media import CSV, NDJSON, XLSX
from shared.imports.problems import FileEncoding
from shared.imports.workbooks import workbook_records

MAX_ROWS = 1_000_000
LONGEST = 1024 * 1024  # characters of one record
SHOWN_OF_LONG = 10_000
BATCH_ROWS = 500
BATCH_CHARACTERS = 1024 * 1024
FAST = 1  # level of compression

TAKEN = (CSV, NDJSON, XLSX)


@dataclass(frozen=True)
class Flaw:
    """Why a record can't be read, and as much of it as is kept."""

    code: str
    text: str


Record = list[str] | str | Flaw
FLAWS = {
    "record_too_long": "This record is longer than 1 MiB.",
    "unclosed_quote": "A quotation mark opens here, and none closes it before the end of the file.",
    "malformed_quotes": "After a closing quotation mark there must be a comma or the end of the row.",
    "malformed_row": "This row cannot be read.",
    "erased": "This row named somebody who was erased while the file waited.",
    "carriage_return": "A record must be one line; this one has a carriage return inside.",
}


class TooLong(Exception):
    """A line of more than `LONGEST` characters."""


# --- reading ---------------------------------------------------------------------------------------------------


def records_of(file: IO[bytes], media_type: str) -> Iterator[Record]:
    """The records of the whole file, its header first where there is one; raises `FileEncoding`."""
    if media_type == XLSX:
        yield from workbook_records(file)
        return
    file.seek(0)
    # CSV by Excel begins with a byte order mark; a line of NDJSON ends at \n only
    encoding, newline = ("utf-8-sig", "") if media_type == CSV else ("utf-8", "\n")
    text = TextIOWrapper(file, encoding, errors="strict", newline=newline)
    try:
        yield from csv_records(text) if media_type == CSV else ndjson_records(text)
    except UnicodeDecodeError as error:
        raise FileEncoding() from error
    finally:
        with suppress(ValueError):  # closed meanwhile: nobody reads on
            text.detach()


class Lines:
    """The lines of a text, each bounded; remembers those of the record that is being read."""

    def __init__(self, text: IO[str]) -> None:
        self._text = text
        self.taken: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._text.readline(LONGEST + 1)
        if not line:
            raise StopIteration
        self.taken.append(line)
        if len(line) > LONGEST and not line.endswith(("\n", "\r")):
            self._skip_line()
            raise TooLong
        return line

    def _skip_line(self) -> None:
        while (piece := self._text.readline(LONGEST)) and not piece.endswith(("\n", "\r")):
            pass


def csv_records(text: IO[str]) -> Iterator[Record]:
    csv.field_size_limit(LONGEST)
    lines = Lines(text)
    reader = csv.reader(lines, strict=True)
    while True:
        lines.taken.clear()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (csv.Error, TooLong) as error:
            yield flaw_of(error, "".join(lines.taken))
        else:
            if cells:
                yield cells


def flaw_of(error: Exception, text: str) -> Flaw:
    said = str(error)
    if isinstance(error, TooLong) or "field limit" in said:
        return Flaw("record_too_long", text[:SHOWN_OF_LONG])
    if "end of data" in said:
        return Flaw("unclosed_quote", text[:LONGEST])
    return Flaw("malformed_quotes" if "expected after" in said else "malformed_row", text[:LONGEST])


def ndjson_records(text: IO[str]) -> Iterator[Record]:
    lines = Lines(text)
    while True:
        lines.taken.clear()
        try:
            line = next(lines).rstrip("\n").removesuffix("\r")
        except StopIteration:
            return
        except TooLong:
            yield Flaw("record_too_long", lines.taken[0][:SHOWN_OF_LONG])
            continue
        if "\r" in line:
            yield Flaw("carriage_return", line)
        elif line.strip():
            yield line


# --- keeping ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Chunk:
    """The records of one batch, packed; `first_row` 1 is the file's first record."""

    n: int
    first_row: int
    rows: int
    data: bytes


def chunks_of(records: Iterable[Record]) -> Iterator[Chunk]:
    """413 at the record after the last that may be."""
    batch: list[Record] = []
    n, before, characters = 0, 0, 0
    for record in records:
        batch.append(record)
        characters += length_of(record)
        if before + len(batch) > MAX_ROWS:
            raise errors.PayloadTooLarge(f"A file may have {MAX_ROWS:,} rows.")
        if len(batch) == BATCH_ROWS or characters >= BATCH_CHARACTERS:
            yield Chunk(n, before + 1, len(batch), packed(batch))
            n, before, characters, batch = n + 1, before + len(batch), 0, []
    if batch:
        yield Chunk(n, before + 1, len(batch), packed(batch))


def length_of(record: Record) -> int:
    if isinstance(record, list):
        return sum(map(len, record))
    return len(record if isinstance(record, str) else record.text)


def packed(records: list[Record]) -> bytes:
    return zlib.compress(orjson.dumps(records), FAST)


def unpacked(data: bytes) -> list[Record]:
    kept: list[Any] = orjson.loads(zlib.decompress(data))
    return [Flaw(**record) if isinstance(record, dict) else record for record in kept]
