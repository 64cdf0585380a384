"""Workbooks as others write them, part by part."""

import io
import zipfile
from collections.abc import Mapping

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
PACKED = zipfile.ZIP_DEFLATED


def cell(place: str, value: object, **attributes: str) -> str:
    """A number, unless `t` says otherwise; `f` is a formula."""
    formula = f"<f>{attributes.pop('f')}</f>" if "f" in attributes else ""
    said = "".join(f' {name}="{one}"' for name, one in attributes.items())
    return f'<c r="{place}"{said}>{formula}{"" if value is None else f"<v>{value}</v>"}</c>'


def words(place: str, text: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def row(number: int, *cells: str, hidden: bool = False) -> str:
    return f'<row r="{number}"{" hidden=" + chr(34) + "1" + chr(34) if hidden else ""}>{"".join(cells)}</row>'


def sheet(*rows: str, behind: str = "") -> str:
    return f'<?xml version="1.0"?><worksheet {MAIN}><sheetData>{"".join(rows)}</sheetData>{behind}</worksheet>'


def book(
    *sheets: str,
    states: Mapping[int, str] | None = None,
    styles: str = "",
    texts: str = "",
    properties: str = "",
    parts: Mapping[str, str | bytes] | None = None,
) -> bytes:
    """`states`: of sheets that are not visible, by their place; `parts`: further ones, or others in place of ours."""
    names = range(1, len(sheets) + 1)
    listed = "".join(
        f'<sheet name="S{n}" sheetId="{n}" r:id="rId{n}" state="{(states or {}).get(n, "visible")}"/>' for n in names
    )
    related = "".join(f'<Relationship Id="rId{n}" Type="x/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in names)
    packed: dict[str, str | bytes] = {
        "[Content_Types].xml": "<Types/>",
        "xl/workbook.xml": f"<workbook {MAIN} {R}>{properties}<sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f"<Relationships>{related}</Relationships>",
        **{f"xl/worksheets/sheet{n}.xml": one for n, one in zip(names, sheets, strict=True)},
        **({"xl/styles.xml": f"<styleSheet {MAIN}>{styles}</styleSheet>"} if styles else {}),
        **({"xl/sharedStrings.xml": f"<sst {MAIN}>{texts}</sst>"} if texts else {}),
        **(parts or {}),
    }
    return zipped(packed)


def zipped(parts: Mapping[str, str | bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", PACKED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()
