"""Reads workbooks without our own reader, cell by cell as the file has them."""

import io
import zipfile
from typing import Any
from xml.etree import ElementTree

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def sheets_in(content: bytes) -> list[list[list[Any]]]:
    """Rows of each sheet; numbers as their digits, texts in quotes of their own kind: `("text", "abc")`, `("n", "1.5")`."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        assert packed.testzip() is None
        names = sorted(name for name in packed.namelist() if name.startswith("xl/worksheets/sheet"))
        return [rows_in(packed.read(name)) for name in names]


def rows_in(sheet: bytes) -> list[list[Any]]:
    rows = []
    for row in ElementTree.fromstring(sheet).iter(f"{MAIN}row"):
        cells: dict[int, Any] = {column_of(cell.get("r", "")): value_of(cell) for cell in row}
        rows.append([cells.get(n) for n in range(max(cells) + 1)])
    return rows


def column_of(reference: str) -> int:
    number = 0
    for letter in reference.rstrip("0123456789"):
        number = 26 * number + ord(letter) - 64
    return number - 1


def value_of(cell: ElementTree.Element) -> tuple[str, str]:
    if cell.get("t") == "inlineStr":
        return "text", "".join(part.text or "" for part in cell.iter(f"{MAIN}t"))
    return cell.get("t", "n"), cell.findtext(f"{MAIN}v", "")
