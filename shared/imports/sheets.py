"""The program that reads a workbook, in a process of its own with limits: `python -I -S sheets.py < book.xlsx`.

It knows the standard library only, and believes nothing that it reads. Out come lines of JSON: first the names of the columns,
then each row as a list of texts, at last `{"end": true}`; or, as the only or last line, `{"problem": [kind, detail]}`.

Visible sheets are read, one after the other; those after the first must have the same names in their first row. Hidden rows are
rows, hidden sheets are left out. A cell that has no value of its own (an error, a formula that nobody has calculated, a part of
merged cells) is a text that begins with NUL, which no other does.
"""

import array
import json
import os
import re
import resource
import struct
import sys
import zipfile
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import IO, Any
from xml.parsers import expat

MAX_ENTRIES = 1_000
MAX_DIRECTORY = 1_000_000  # bytes
MAX_UNPACKED = 2_000_000_000  # a million rows of some twenty cells
MAX_HELD = 200_000_000  # of all but the sheets, which alone are read row by row
MAX_RATIO, RATIO_COUNTS_FROM = 100, 1_000_000
MAX_MERGED = 10_000
MAX_COLUMNS = 16_384
MAX_CELL = 131_073  # characters; more are not kept, as so many are too many
EXTRA_SHOWN = 20  # cells of a row that stand beyond the last column
MEMORY, CPU_SECONDS = 400_000_000, 300
POLITENESS = 10  # whoever is served meanwhile comes first
STEP = 64 * 1024
ERROR, MERGED = "\x00", "\x00merged"

TOO_LARGE, MALFORMED, OF_ANOTHER_TYPE = "too_large", "malformed", "type"
OLE = b"\xd0\xcf\x11\xe0"  # .xls, and every workbook with a password
END = struct.Struct("<4s4H2LH")
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
MERGE = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref=[\"']([A-Z]{1,3}[0-9]{1,7}):([A-Z]{1,3}[0-9]{1,7})[\"']")
DATES = {
    14: "ymd",
    15: "ymd",
    16: "md",
    17: "ym",
    18: "h",
    19: "h",
    20: "h",
    21: "h",
    22: "ymdh",
    45: "h",
    46: "h",
    47: "h",
}
EPOCHS = {False: datetime(1899, 12, 30), True: datetime(1904, 1, 1)}


class Refused(Exception):
    """`kind` and what is said of it."""


# --- what it is packed in --------------------------------------------------------------------------------------


def opened(file: IO[bytes]) -> zipfile.ZipFile:
    if file.read(4) == OLE:
        raise Refused(OF_ANOTHER_TYPE, "This is an .xls file or has a password. Save it as .xlsx without one.")
    check_end(file)
    try:
        book = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise Refused(MALFORMED, "This is no .xlsx file.") from error
    check_directory(book.infolist())
    return book


def check_end(file: IO[bytes]) -> None:
    """The size of the directory is known before it is read."""
    size = file.seek(0, 2)
    file.seek(max(0, size - 65_557))
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + END.size:
        raise Refused(MALFORMED, "This is no .xlsx file, or not all of it came.")
    *_, entries, directory, _, _ = END.unpack_from(tail, at)
    if entries > MAX_ENTRIES or directory > MAX_DIRECTORY:
        raise Refused(TOO_LARGE, f"A workbook may be packed of {MAX_ENTRIES:,} parts.")


def check_directory(parts: Sequence[zipfile.ZipInfo]) -> None:
    names = [part.filename.lower() for part in parts]
    check_sizes(parts)
    if any(part.flag_bits & 1 for part in parts):
        raise Refused(OF_ANOTHER_TYPE, "The workbook has a password. Save it without one.")
    if any(name.endswith(".bin") and ("vba" in name or "workbook" in name) for name in names):
        raise Refused(OF_ANOTHER_TYPE, "A workbook with macros, or a binary one, is not taken. Save it as .xlsx.")
    if any(name.startswith("xl/externallinks/") for name in names):
        raise Refused(OF_ANOTHER_TYPE, "The workbook takes values from other files. Save it with the values only.")
    if len(set(names)) < len(names):
        raise Refused(MALFORMED, "The workbook has the same part twice.")
    if "[content_types].xml" not in names or "xl/workbook.xml" not in names:
        raise Refused(OF_ANOTHER_TYPE, "This is no .xlsx workbook.")


def check_sizes(parts: Sequence[zipfile.ZipInfo]) -> None:
    unpacked, packed = sum(part.file_size for part in parts), sum(part.compress_size for part in parts)
    held = sum(part.file_size for part in parts if not part.filename.startswith("xl/worksheets/"))
    if unpacked > MAX_UNPACKED or (unpacked > RATIO_COUNTS_FROM and unpacked > MAX_RATIO * packed):
        raise Refused(TOO_LARGE, "Unpacked, a workbook may have 2 GB and a hundred times of what it is packed.")
    if held > MAX_HELD:
        raise Refused(TOO_LARGE, "A workbook may have 200 MB of texts and the like beside its sheets.")


# --- XML -------------------------------------------------------------------------------------------------------

Start = Callable[[str, dict[str, str]], None]
End = Callable[[str], None]
Text = Callable[[str], None]


def plain(name: str) -> str:
    return name.rpartition(":")[2]


def parsed(part: IO[bytes], start: Start, end: End, text: Text) -> Iterator[None]:
    """Yields after each step, so that what was found can be handed on."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = lambda name, attributes: start(
        plain(name), {plain(key): value for key, value in attributes.items()}
    )
    parser.EndElementHandler = lambda name: end(plain(name))
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = no_doctype
    while piece := part.read(STEP):
        parser.Parse(piece, False)
        yield
    parser.Parse(b"", True)
    yield


def no_doctype(*_: Any) -> None:
    raise Refused(MALFORMED, "The workbook declares what no workbook does.")


def elements(book: zipfile.ZipFile, name: str, wanted: Sequence[str]) -> list[tuple[str, dict[str, str]]]:
    """Those elements of a small part that are `wanted`, in their order."""
    found: list[tuple[str, dict[str, str]]] = []

    def start(element: str, attributes: dict[str, str]) -> None:
        if element in wanted:
            found.append((element, attributes))

    if name in book.namelist():
        with book.open(name) as part:
            for _ in parsed(part, start, ignore, ignore):
                pass
    return found


def ignore(_: str) -> None:
    pass


# --- texts and styles ------------------------------------------------------------------------------------------


class SharedTexts:
    """All in one block of bytes: there may be millions of them."""

    def __init__(self, book: zipfile.ZipFile) -> None:
        self._bytes, self._ends = bytearray(), array.array("Q")
        self._pieces: list[str] = []
        self._phonetic = self._inside = False
        if "xl/sharedStrings.xml" in book.namelist():
            with book.open("xl/sharedStrings.xml") as part:
                for _ in parsed(part, self._start, self._end, self._text):
                    pass

    def __getitem__(self, n: int) -> str:
        if not 0 <= n < len(self._ends):
            raise Refused(MALFORMED, "The workbook refers to a text that it does not have.")
        return self._bytes[self._ends[n - 1] if n else 0 : self._ends[n]].decode("utf-8", "surrogatepass")

    def _start(self, name: str, _: dict[str, str]) -> None:
        self._phonetic = self._phonetic or name == "rPh"
        self._inside = name == "t" and not self._phonetic

    def _text(self, text: str) -> None:
        if self._inside:
            self._pieces.append(text)

    def _end(self, name: str) -> None:
        if name == "t":
            self._inside = False
        elif name == "rPh":
            self._phonetic = False
        elif name == "si":
            self._bytes += unescaped("".join(self._pieces)).encode("utf-8", "surrogatepass")
            self._ends.append(len(self._bytes))
            self._pieces.clear()


def unescaped(text: str) -> str:
    """Characters that XML can't hold, as Excel writes them; what no text can hold stays as it is written."""
    return ESCAPED.sub(lambda found: chr(code) if is_character(code := int(found[1], 16)) else found[0], text)


def is_character(code: int) -> bool:
    return code > 0 and not 0xD800 <= code <= 0xDFFF


def formats_of(book: zipfile.ZipFile) -> list[str]:
    """By the style of a cell: what its numbers are, as letters of `ymdh`; zeros for codes of so many digits."""
    own: dict[int, str] = {}
    styles: list[str] = []
    within = False
    for name, attributes in elements(book, "xl/styles.xml", ("numFmt", "cellXfs", "cellStyles", "xf", "dxfs")):
        if name == "numFmt":
            own[int(attributes.get("numFmtId", "0"))] = kind_of(attributes.get("formatCode", ""))
        elif name == "xf" and within:
            number = int(attributes.get("numFmtId", "0"))
            styles.append(own.get(number, DATES.get(number, "")))
        elif name != "xf":
            within = name == "cellXfs"
    return styles


def kind_of(code: str) -> str:
    """`yyyy-mm-dd` is ymd, `mmm yy` is ym, `00000` itself; a number otherwise."""
    code = re.sub(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.', "", code.partition(";")[0]).lower()
    if re.fullmatch("0{2,}", code):
        return code
    time = "h" if re.search("h|s|am/pm", code) else ""
    days = "".join(letter for letter in "ymd" if letter in code)
    return (time if days in ("", "m") else days + time) if (days or time) and "general" not in code else ""


# --- cells -----------------------------------------------------------------------------------------------------


class Cells:
    """From what the file says of a cell to its text."""

    def __init__(self, texts: SharedTexts, formats: Sequence[str], epoch: datetime) -> None:
        self._texts, self._formats, self._epoch = texts, formats, epoch

    def text(self, kind: str, style: str, value: str | None, inline: str, formula: bool) -> str:
        if kind == "inlineStr":
            return unescaped(inline)
        if value is None or (formula and not value and kind != "str"):  # only a text that was calculated can be empty
            return ERROR if formula else ""
        if kind == "e":
            return ERROR + value
        if kind == "s":
            return self._texts[int(value)]
        if kind in ("str", "d"):
            return unescaped(value)
        if kind == "b":
            return "true" if value.strip() in ("1", "true") else "false"
        return self._number(value.strip(), self._format(style))

    def _format(self, style: str) -> str:
        number = int(style or 0)
        return self._formats[number] if number < len(self._formats) else ""

    def _number(self, value: str, shape: str) -> str:
        if not value:
            return ""
        if shape and shape[0] == "0":
            return value.zfill(len(shape)) if value.isdigit() else exact(value)
        return self._day(float(value), shape) if shape else exact(value)

    def _day(self, serial: float, shape: str) -> str:
        """Of the days before March 1900 Excel counts one too many."""
        try:
            if serial < 0 or 60 <= serial < 61:
                return ERROR
            days = serial + 1 if serial < 60 and self._epoch == EPOCHS[False] else serial
            found = self._epoch + timedelta(seconds=round(days * 86_400))
        except (OverflowError, ValueError):
            return ERROR
        if shape == "h":
            return found.strftime("%H:%M:%S")
        if shape == "ym" and found.day == 1:
            return found.isoformat()[:7]
        return found.date().isoformat() if found.time() == datetime.min.time() else f"{found.isoformat()}Z"


def exact(value: str) -> str:
    """A cell holds 15 digits; the file may have the binary number's 17. Plain notation, no zeros at the end."""
    mantissa, _, exponent = f"{float(value):.14e}".partition("e")
    sign = "-" if mantissa.startswith("-") else ""
    digits, places = mantissa.lstrip("-").replace(".", "").rstrip("0") or "0", int(exponent)
    if len(digits) - 1 <= places:
        return sign + digits.ljust(places + 1, "0")
    if places >= 0:
        return f"{sign}{digits[: places + 1]}.{digits[places + 1 :]}"
    return f"{sign}0.{digits.rjust(len(digits) - places - 1, '0')}"


# --- sheets ----------------------------------------------------------------------------------------------------


class Sheet:
    """Collects the rows of one sheet while it is parsed."""

    def __init__(self, cells: Cells, covered: Callable[[int, int], bool]) -> None:
        self.rows: list[dict[int, str]] = []
        self._cells, self._covered = cells, covered
        self._row: dict[int, str] = {}
        self._number = self._column = 0
        self._kind = self._style = ""
        self._value: list[str] | None = None
        self._inline: list[str] = []
        self._formula = self._inside = False
        self._target: list[str] | None = None
        self._length = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            self._begin_cell(attributes)
        elif name == "row":
            self._row, self._column = {}, 0
            self._number = int(attributes.get("r") or self._number + 1)
        elif name == "v":
            self._value = self._target = []
        elif name == "t":
            self._target = self._inline
        elif name == "f":
            self._formula = True

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        place = attributes.get("r", "").rstrip("0123456789")
        self._column = number_of(place) if place else self._column + 1
        self._kind, self._style = attributes.get("t", "n"), attributes.get("s", "")
        self._value, self._inline, self._formula, self._length = None, [], False, 0

    def text(self, text: str) -> None:
        if self._target is not None and self._length < MAX_CELL:
            self._target.append(text[: MAX_CELL - self._length])
            self._length += len(text)

    def end(self, name: str) -> None:
        if name in ("v", "t"):
            self._target = None
        elif name == "c":
            self._end_cell()
        elif name == "row" and any(not cell.isspace() for cell in self._row.values()):
            self.rows.append(self._row)

    def _end_cell(self) -> None:
        value = None if self._value is None else "".join(self._value)
        text = self._cells.text(self._kind, self._style, value, "".join(self._inline), self._formula)
        if not text and self._covered(self._number, self._column):
            text = MERGED
        if text:
            self._row[self._column] = text


def number_of(letters: str) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - 64
    if not 1 <= number <= MAX_COLUMNS:
        raise Refused(MALFORMED, "The workbook has a cell at a place that no sheet has.")
    return number


def merged_in(part: IO[bytes]) -> list[tuple[int, int, int, int]]:
    """First and last row, first and last column of each; they stand behind the rows."""
    found, tail = [], b""
    while piece := part.read(STEP):
        block = tail + piece
        matches = list(MERGE.finditer(block))
        found += [area(match[1].decode(), match[2].decode()) for match in matches]
        tail = block[max(matches[-1].end() if matches else 0, len(block) - 200) :]
        if len(found) > MAX_MERGED:
            raise Refused(TOO_LARGE, "The workbook has too many merged cells.")
    return found


def area(first: str, last: str) -> tuple[int, int, int, int]:
    rows = [int(place.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")) for place in (first, last)]
    columns = [number_of(place.rstrip("0123456789")) for place in (first, last)]
    return rows[0], rows[1], columns[0], columns[1]


def covering(areas: Sequence[tuple[int, int, int, int]]) -> Callable[[int, int], bool]:
    """Whether a cell is a part of merged cells, but not the one that has their value."""

    def covered(row: int, column: int) -> bool:
        return any(
            top <= row <= bottom and left <= column <= right and (row, column) != (top, left)
            for top, bottom, left, right in areas
        )

    return covered


def rows_of(book: zipfile.ZipFile, name: str, cells: Cells) -> Iterator[list[str]]:
    with book.open(name) as part:
        areas = merged_in(part)
    sheet = Sheet(cells, covering(areas))
    with book.open(name) as part:
        for _ in parsed(part, sheet.start, sheet.end, sheet.text):
            for row in sheet.rows:
                yield dense(row)
            sheet.rows.clear()


def dense(row: dict[int, str]) -> list[str]:
    return [row.get(n, "") for n in range(1, max(row) + 1)]


def fitted(row: list[str], width: int) -> list[str]:
    """As wide as the row of names; what stands beyond it stays, without the gaps."""
    beyond = [cell for cell in row[width:] if cell and not cell.isspace()][:EXTRA_SHOWN]
    return [*row[:width], *[""] * (width - len(row)), *beyond]


def sheets_of(book: zipfile.ZipFile) -> list[str]:
    """The parts of the visible sheets, in the order of the tabs."""
    targets = {one["Id"]: one.get("Target", "") for _, one in elements(book, RELATIONS, ("Relationship",))}
    wanted = [
        one for _, one in elements(book, "xl/workbook.xml", ("sheet",)) if one.get("state", "visible") == "visible"
    ]
    parts = [targets.get(one.get("id", ""), "") for one in wanted]
    paths = [part.lstrip("/") if part.startswith("/") else f"xl/{part}" for part in parts]
    return [path for path in paths if path in book.namelist() and "/worksheets/" in path]


RELATIONS = "xl/_rels/workbook.xml.rels"


def records_in(book: zipfile.ZipFile) -> Iterator[list[str]]:
    since_1904 = any(
        one.get("date1904") in ("1", "true") for _, one in elements(book, "xl/workbook.xml", ("workbookPr",))
    )
    cells = Cells(SharedTexts(book), formats_of(book), EPOCHS[since_1904])
    header: list[str] | None = None
    for name in sheets_of(book):
        rows = rows_of(book, name, cells)
        names = [cell.strip() for cell in next(rows, [])]
        if header is None and names:
            header = names
            yield header
        elif names and names != header:
            raise Refused(MALFORMED, "A further sheet has other columns. Hide it, or send it as a file of its own.")
        for row in rows:
            yield fitted(row, len(header or ()))


# --- the program -----------------------------------------------------------------------------------------------


def confine() -> None:
    os.nice(POLITENESS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))


def main() -> None:
    confine()
    out = sys.stdout
    try:
        for record in records_in(opened(sys.stdin.buffer)):
            out.write(json.dumps(record) + "\n")
        out.write('{"end": true}\n')
    except Refused as refused:
        out.write(json.dumps({"problem": list(refused.args)}) + "\n")
    except MemoryError:
        out.write(json.dumps({"problem": [TOO_LARGE, "The workbook takes too much memory to be read."]}) + "\n")
    except (zipfile.BadZipFile, zipfile.LargeZipFile, expat.ExpatError, ValueError, KeyError, EOFError, OSError):
        out.write(json.dumps({"problem": [MALFORMED, "The workbook can't be read."]}) + "\n")


if __name__ == "__main__":
    main()
