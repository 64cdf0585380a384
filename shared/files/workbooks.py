"""Workbooks that we write: on the disk, row by row, so that memory stays flat."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path

import xlsxwriter

from shared import errors

ROWS_OF_SHEET = 1_048_575  # below the row of names
LONGEST_CELL = 32_767
EXACT_INTEGER = 10**15
LONGEST_TITLE = 20

Cell = str | int | bool | Decimal | None  # a Decimal is a number that a cell holds exactly


class NoValue(str):
    """A cell that had an error when it came, and has one when it goes."""


class Workbook:
    """A full sheet is followed by another with the same names."""

    def __init__(self, path: Path, names: Sequence[str], title: str, rows_of_sheet: int = ROWS_OF_SHEET) -> None:
        options = {"constant_memory": True, "tmpdir": str(path.parent), "strings_to_formulas": False}
        self._book = xlsxwriter.Workbook(str(path), {**options, "strings_to_urls": False, "strings_to_numbers": False})
        self._book.use_zip64()
        self._names, self._title, self._most = names, title[:LONGEST_TITLE], rows_of_sheet
        self._sheets = 0
        self._open_sheet()

    def add(self, rows: Iterable[Sequence[Cell]]) -> None:
        for row in rows:
            if self._row == self._most:
                self._open_sheet()
            self._row += 1
            for n, cell in enumerate(row):
                self._write(n, cell)

    def close(self) -> None:
        self._book.close()

    def _open_sheet(self) -> None:
        self._sheets += 1
        self._sheet = self._book.add_worksheet(self._title if self._sheets == 1 else f"{self._title} {self._sheets}")
        self._row = 0
        for n, name in enumerate(self._names):
            self._sheet.write_string(0, n, name)

    def _write(self, n: int, cell: Cell) -> None:
        if isinstance(cell, bool):
            self._sheet.write_boolean(self._row, n, cell)
        elif isinstance(cell, Decimal) or (isinstance(cell, int) and abs(cell) < EXACT_INTEGER):
            self._sheet.write_number(self._row, n, float(cell))
        elif isinstance(cell, NoValue):
            self._sheet.write_formula(self._row, n, "=NA()", None, "#N/A")
        elif cell is not None:
            self._write_text(n, str(cell))

    def _write_text(self, n: int, text: str) -> None:
        if len(text) > LONGEST_CELL:
            raise errors.NotAcceptable("A text of this list is longer than a cell of a spreadsheet; ask for text/csv.")
        self._sheet.write_string(self._row, n, text)
