"""The forms of an export that are texts: how the rows of a batch are written as CSV or NDJSON."""

import csv
from collections.abc import Mapping, Sequence
from decimal import Decimal
from io import StringIO
from typing import Any, Protocol

import orjson

from shared.exports.columns import Exported, nested
from shared.files.workbooks import Cell

FLAGS = {True: "yes", False: "no"}

Rows = Sequence[Mapping[str, Any]]


class Form(Protocol):
    """`head` begins the file, `piece` is a batch of rows."""

    def head(self) -> bytes: ...

    def piece(self, rows: Rows) -> bytes: ...


class CsvForm:
    def __init__(self, columns: Sequence[Exported]) -> None:
        self._columns = columns

    def head(self) -> bytes:
        return lines([[column.name for column in self._columns]])

    def piece(self, rows: Rows) -> bytes:
        return lines([[text_of(column.cell(row)) for column in self._columns] for row in rows])


def lines(rows: Sequence[Sequence[str]]) -> bytes:
    text = StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def text_of(cell: Cell) -> str:
    if isinstance(cell, bool):
        return FLAGS[cell]
    if isinstance(cell, Decimal):
        return format(cell, "f")
    return "" if cell is None else str(cell)


class NdjsonForm:
    def __init__(self, columns: Sequence[Exported]) -> None:
        self._columns = columns

    def head(self) -> bytes:
        return b""

    def piece(self, rows: Rows) -> bytes:
        return b"".join(orjson.dumps(nested(row, self._columns)) + b"\n" for row in rows)
