"""Workbooks: what each kind of cell says, what is refused at once, and that nobody can make us run out of anything."""

import tempfile
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from shared import errors
from shared.files.media import XLSX
from shared.files.workbooks import NoValue, Workbook
from shared.imports import sheets
from shared.imports.files import records_of
from shared.imports.problems import FileMalformed, FileType
from tests.shared.imports.conftest import Partner
from tests.shared.imports.sheets import book, cell, row, sheet, words, zipped
from tests.shared.imports.test_arrival import problem

HEAD = row(1, words("A1", "code"), words("B1", "title"))
STYLES = (
    '<numFmts><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/><numFmt numFmtId="165" formatCode="mmm\\ yy"/>'
    '<numFmt numFmtId="166" formatCode="00000"/><numFmt numFmtId="167" formatCode="[$-409]d/m/yy\\ h:mm;@"/>'
    '<numFmt numFmtId="168" formatCode="#,##0.00\\ &quot;days&quot;"/></numFmts>'
    "<cellStyleXfs><xf/></cellStyleXfs><cellXfs>"
    + "".join(f'<xf numFmtId="{n}"/>' for n in (0, 164, 165, 166, 167, 168, 14, 9))
    + "</cellXfs><cellStyles/><dxfs><xf/></dxfs>"
)


def read(content: bytes) -> list[Any]:
    with tempfile.SpooledTemporaryFile(max_size=1024 * 1024) as file:
        file.write(content)
        return list(records_of(file, XLSX))


def cells_of(*cells: str, **parts: Any) -> list[str]:
    """What a row of these cells says, below ten names."""
    names = row(1, *(words(f"{chr(65 + n)}1", f"n{n}") for n in range(len(cells))))
    return read(book(sheet(names, row(2, *cells)), **parts))[1]


# --- cells -----------------------------------------------------------------------------------------------------


def test_numbers_are_exact_to_fifteen_digits_and_plain() -> None:
    written = ["0.1", "0.30000000000000004", "1E+3", "-2.5E-7", "123456789.12345600", "999999999999999", "0", "-0.5"]
    told = ["0.1", "0.3", "1000", "-0.00000025", "123456789.123456", "999999999999999", "0", "-0.5"]
    assert cells_of(*(cell(f"{chr(65 + n)}2", one) for n, one in enumerate(written))) == told


def test_dates_months_codes_and_flags_are_what_they_look_like() -> None:
    told = cells_of(
        cell("A2", 41000, s="1"),
        cell("B2", 40969, s="2"),
        cell("C2", 123, s="3"),
        cell("D2", 41000.5, s="4"),
        cell("E2", 12.5, s="5"),
        cell("F2", 59, s="6"),
        cell("G2", 1, t="b"),
        cell("H2", "2012-04-01", t="d"),
        cell("I2", 60, s="1"),
        styles=STYLES,
    )
    assert told == [
        *("2012-04-01", "2012-03", "00123", "2012-04-01T12:00:00Z", "12.5", "1900-02-28", "true", "2012-04-01"),
        "\x00",
    ]
    since_1904 = cells_of(cell("A2", 39538, s="1"), styles=STYLES, properties='<workbookPr date1904="1"/>')
    assert since_1904 == ["2012-04-01"]


def test_texts_come_as_they_are() -> None:
    texts = "<si><t>plain</t></si><si><r><t>in </t></r><r><t>parts</t></r><rPh><t>said</t></rPh></si><si><t>a_x000D_b</t></si>"
    shared = [cell(f"{place}2", n, t="s") for n, place in enumerate("ABC")]
    told = cells_of(*shared, words("D2", "_x0000_ &lt;中国&gt;"), cell("E2", "", t="str", f="A1"), texts=texts)
    assert told == ["plain", "in parts", "a\rb", "_x0000_ <中国>", ""]


def test_a_cell_without_a_value_of_its_own_is_never_empty() -> None:
    names = row(1, *(words(f"{place}1", place) for place in "ABCDE"))
    of_a_program = cell("E2", "", f="3+4")  # that writes formulas and calculates nothing
    cells = [
        cell("A2", "#N/A", t="e"),
        cell("B2", None, f="NOW()"),
        cell("C2", "7", f="3+4"),
        words("D2", "x"),
        of_a_program,
    ]
    merged = row(3, words("A3", "x"), '<c r="B3"/>', '<c r="C3"/>', words("D3", "y"))
    behind = '<mergeCells count="1"><mergeCell ref="A3:B3"/></mergeCells>'
    assert read(book(sheet(names, row(2, *cells), merged, behind=behind)))[1:] == [
        ["\x00#N/A", "\x00", "7", "x", "\x00"],
        ["x", "\x00merged", "", "y", ""],
    ]


# --- rows and sheets -------------------------------------------------------------------------------------------


def test_rows_are_as_wide_as_the_names_and_blank_ones_are_none() -> None:
    rows = [row(3, words("A3", "a")), row(5, words("A5", " ")), row(9, words("B9", "b"), words("XFD9", "far"))]
    content = book(sheet(HEAD, *rows, row(1_048_576, words("A1048576", "last"), hidden=True)))
    assert read(content) == [["code", "title"], ["a", ""], ["", "b", "far"], ["last", ""]]


def test_visible_sheets_with_the_same_names_go_on_and_hidden_ones_are_left_out() -> None:
    first, second = sheet(HEAD, row(2, words("A2", "a"))), sheet(HEAD, row(2, words("A2", "b")))
    notes = sheet(row(1, words("A1", "whatever")))
    content = book(first, notes, sheet(), second, states={2: "hidden"})
    assert read(content) == [["code", "title"], ["a", ""], ["b", ""]]
    with pytest.raises(FileMalformed, match="other columns"):
        read(book(first, notes))


def test_what_we_write_is_read_as_it_was(tmp_path: Path) -> None:
    texts = ["=1+1", " a\r\nb\tc ", "_x000D_", "<&>\"'", "x" * 32_767, "中国"]
    path = tmp_path / "book.xlsx"
    written = Workbook(path, ["n", "text"], "Books", rows_of_sheet=4)
    written.add([n, text] for n, text in enumerate(texts))
    written.add([[True, Decimal("-0.50")], [Decimal("123456789.123456"), NoValue()]])
    written.close()
    head, *rows = read(path.read_bytes())
    assert head == ["n", "text"]
    assert rows[:6] == [[str(n), text] for n, text in enumerate(texts)]
    assert rows[6:] == [["true", "-0.5"], ["123456789.123456", "\x00#N/A"]]


# --- what is refused -------------------------------------------------------------------------------------------

ONE = sheet(HEAD, row(2, words("A2", "a")))
BOMB = f"<!DOCTYPE x [<!ENTITY a '{'a' * 100}'><!ENTITY b '&a;&a;'>]>" + ONE.partition("?>")[2]
REFUSED = {
    "an old workbook": (b"\xd0\xcf\x11\xe0" + bytes(600), FileType),
    "one with macros": (book(ONE, parts={"xl/vbaProject.bin": b"x"}), FileType),
    "a binary one": (zipped({"[Content_Types].xml": "", "xl/workbook.bin": b"x"}), FileType),
    "one with links": (book(ONE, parts={"xl/externalLinks/externalLink1.xml": "<x/>"}), FileType),
    "another archive": (zipped({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}), FileType),
    "a text": (b"code,title\n", FileMalformed),
    "nothing": (b"", FileMalformed),
    "half of one": (book(ONE)[:300], FileMalformed),
    "no XML": (book("nonsense"), FileMalformed),
    "half of a sheet": (book(ONE[:-30]), FileMalformed),
    "entities": (book(BOMB), FileMalformed),
    "a text that is not there": (book(sheet(HEAD, row(2, cell("A2", 5, t="s")))), FileMalformed),
    "a place that is none": (book(sheet(HEAD, row(2, words("ZZZ2", "a")))), FileMalformed),
    "one that unpacks to a thousand times": (book(sheet(HEAD, " " * 20_000_000)), errors.PayloadTooLarge),
    "one of too many parts": (book(ONE, parts={f"x{n}": "" for n in range(1_001)}), errors.PayloadTooLarge),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_workbook_for_us_is_refused_at_once(name: str) -> None:
    content, refusal = REFUSED[name]
    with pytest.raises(refusal):
        read(content)


def part(name: str, unpacked: int, packed: int) -> zipfile.ZipInfo:
    found = zipfile.ZipInfo(name)
    found.file_size, found.compress_size = unpacked, packed
    return found


def test_sheets_of_a_million_rows_are_taken_and_nothing_that_a_process_could_not_hold() -> None:
    sheets.check_sizes([part("xl/worksheets/sheet1.xml", 1_500_000_000, 60_000_000)])
    too_large = {
        "more than a million rows have": [part("xl/worksheets/sheet1.xml", 2_100_000_000, 90_000_000)],
        "in two sheets": [part(f"xl/worksheets/sheet{n}.xml", 1_100_000_000, 90_000_000) for n in (1, 2)],
        "too many texts": [part("xl/sharedStrings.xml", 210_000_000, 90_000_000)],
        "too tightly packed": [part("xl/worksheets/sheet1.xml", 200_000_000, 196_000)],
    }
    for parts in too_large.values():
        with pytest.raises(sheets.Refused) as refused:
            sheets.check_sizes(parts)
        assert refused.value.args[0] == sheets.TOO_LARGE


def test_a_directory_that_lies_about_sizes_is_found_out() -> None:
    content = bytearray(book(sheet(HEAD, " " * 20_000_000)))
    at = content.find(b"PK\x01\x02")
    while at >= 0:
        if b"sheet1.xml" in content[at + 46 : at + 100]:
            content[at + 24 : at + 28] = (1000).to_bytes(4, "little")
        at = content.find(b"PK\x01\x02", at + 4)
    with pytest.raises(FileMalformed):
        read(bytes(content))


# --- all the way -----------------------------------------------------------------------------------------------


async def test_a_workbook_is_imported_and_its_rejected_rows_come_back_as_one(partner: Partner) -> None:
    names = row(1, *(words(f"{place}1", name) for place, name in zip("ABCD", HEADER, strict=True)))
    good = row(2, words("A2", "wb-1"), words("B2", "A"), cell("C2", 12), cell("D2", "0.1"))
    wrong = row(3, words("A3", "wb-2"), cell("B3", "#REF!", t="e"), cell("C3", 12.5))
    job = await partner.load(book(sheet(names, good, wrong)), kind=XLSX)
    assert (job["summary"]["created"], job["summary"]["rejected"]) == (1, 1)
    told = [(one["row"], one["column"], one["code"], one["value"]) for one in await partner.errors(job)]
    assert (2, "title", "cell_error", "#REF!") in told
    answer = await partner.rejected(job)
    assert answer.headers["content-type"] == XLSX
    head, rejected = read(answer.content)
    assert (head, rejected[:4]) == ([*HEADER, "error"], ["wb-2", "\x00#N/A", "12.5", ""])
    again = await partner.load(answer.content, kind=XLSX)
    assert (again["summary"]["received"], again["summary"]["rejected"]) == (1, 1)


HEADER = ("code", "title", "pages", "price")


@pytest.mark.parametrize(
    ("name", "code", "status"), [("a text", "file-malformed", 422), ("an old workbook", "file-type", 415)]
)
async def test_a_workbook_that_is_none_is_refused_before_anything_is_kept(
    partner: Partner, name: str, code: str, status: int
) -> None:
    problem(await partner.send_file(REFUSED[name][0], kind=XLSX), status, code)


async def test_columns_of_a_workbook_are_checked_at_once(partner: Partner) -> None:
    content = book(sheet(row(1, words("A1", "code"), words("B1", "colour"))))
    problem(await partner.send_file(content, kind=XLSX), 422, "unknown-column")
    problem(await partner.send_file(book(sheet()), kind=XLSX), 422, "file-malformed")
