"""From a record to the values of its row, or to all that is wrong with it, in the notation of the file."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol
from uuid import UUID

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticCustomError

from shared import errors
from shared.files.columns import OF_RESOURCES, AmbiguousNumber, Column, Columns
from shared.files.media import CSV, XLSX
from shared.imports.files import FLAWS, Flaw, Record
from shared.imports.importer import RowError
from shared.imports.sheets import ERROR as NO_VALUE
from shared.imports.sheets import MERGED
from shared.json_in import parse_json
from shared.types import parse_id
from shared.validation import sentence_of

ERROR = "error"  # the column that the file of rejected rows has more; it may be sent again as it is
LONGEST_FIELD = 131_072
LONGEST_VALUE = 200
ID = "id"  # of the resource that the row is about, as an export has it
IGNORED = {ERROR, *OF_RESOURCES} - {ID}
MAX_ERRORS = 20  # of one row; less than `jobs.PLACES`
AMBIGUOUS = "Write a number with a point and without anything else, for instance 1234.56."


class Refused(Exception):
    """A record that is no row at all."""

    def __init__(self, code: str, detail: str, column: str | None = None) -> None:
        super().__init__(code)
        self.error = RowError(column, code, detail)


class Shape(Protocol):
    """How the records of one file say what their fields are."""

    def fields(self, record: Any) -> tuple[dict[str, Any], list[RowError]]:
        """The row as a JSON object, and what is wrong already; raises `Refused`."""

    def written(self, record: Any, name: str | None) -> str | None:
        """The name of a column as the file has it."""

    def value(self, record: Any, name: str | None) -> str | None:
        """What the file has in a column."""


def shape_of(media_type: str, columns: Columns, header: Sequence[str]) -> Shape:
    shapes = {CSV: CsvShape, XLSX: SheetShape}
    return shapes[media_type](columns, header) if media_type in shapes else NdjsonShape(columns)


class CsvShape:
    def __init__(self, columns: Columns, header: Sequence[str]) -> None:
        self._columns: list[Column | None] = [columns.by_name.get(name) for name in header]
        self._header = header
        self._place: dict[str, int] = {}
        for index, (column, name) in enumerate(zip(self._columns, header, strict=True)):
            self._place |= {column.name: index, name: index} if column else {name: index}

    def fields(self, record: list[str]) -> tuple[dict[str, Any], list[RowError]]:
        if len(record) != len(self._columns):
            raise Refused("column_count", f"This row has {len(record)} cells; the header row has {len(self._columns)}.")
        row: dict[str, Any] = {}
        wrong: list[RowError] = []
        for column, cell in zip(self._columns, record, strict=True):
            if column is None or not cell or cell.isspace():
                continue
            if flaw := self.flaw_of(cell):
                wrong.append(RowError(column.name, *flaw))
            try:
                put(row, column.path, column.read(cell))
            except AmbiguousNumber:
                wrong.append(RowError(column.name, "ambiguous_number", AMBIGUOUS))
        if ID in self._place and (id := record[self._place[ID]].strip()):
            row[ID] = id
        return row, wrong

    def flaw_of(self, cell: str) -> tuple[str, str] | None:
        """Code and sentence, where a cell can't be read at all."""
        if len(cell) > LONGEST_FIELD:
            return "field_too_long", f"A cell may have {LONGEST_FIELD:,} characters."
        return None

    def written(self, record: list[str], name: str | None) -> str | None:
        return self._header[self._place[name]] if name in self._place else name

    def value(self, record: list[str], name: str | None) -> str | None:
        index = self._place.get(name or "", len(record))
        return record[index] if index < len(record) else None


class SheetShape(CsvShape):
    """A cell without a value of its own is never empty: see `shared.imports.sheets`."""

    def flaw_of(self, cell: str) -> tuple[str, str] | None:
        if cell == MERGED:
            return "merged_cell", "This cell is merged with others. Part them, and write the value into each."
        if cell.startswith(NO_VALUE):
            return "cell_error", "This cell has an error, or a formula without a value."
        return super().flaw_of(cell)

    def value(self, record: list[str], name: str | None) -> str | None:
        found = super().value(record, name)
        return found and found.removeprefix(MERGED).removeprefix(NO_VALUE)


class NdjsonShape:
    def __init__(self, columns: Columns) -> None:
        self._columns = columns

    def fields(self, record: str) -> tuple[dict[str, Any], list[RowError]]:
        row: dict[str, Any] = {}
        wrong: list[RowError] = []
        for name, value in self._members(record).items():
            column = self._columns.by_name.get(name)
            if column is None and name in IGNORED:
                continue
            if not put(row, column.path if column else (name,), value):
                wrong.append(RowError(safe(name), "repeated_column", "This column is given twice."))
        return row, wrong

    def _members(self, record: str) -> dict[str, Any]:
        try:
            found = parse_json(record.encode())
        except errors.ValidationFailed as problem:
            place = problem.errors[0] if problem.errors else None
            detail = place.detail if place else str(problem.detail)
            raise Refused(place.code if place else "malformed_json", detail) from problem
        except errors.Problem as problem:
            raise Refused(problem.code.replace("-", "_"), str(problem.detail).replace("body", "line")) from problem
        if not isinstance(found, dict):
            raise Refused("not_an_object", "Each line must be a JSON object.")
        return found

    def written(self, record: str, name: str | None) -> str | None:
        column = self._columns.by_name.get(name or "")
        if column and column.also and record:
            members = self._known(record)
            return column.also if column.also in members and column.name not in members else column.name
        return name

    def value(self, record: str, name: str | None) -> str | None:
        members: Any = self._known(record)
        column = self._columns.by_name.get(name or "")
        if name is None or not members:
            return None
        for known in (name, column.name if column else name, column.also if column else name):
            if known in members:
                return shown(members[known])
        for part in column.path if column else name.split("."):
            members = members.get(part) if isinstance(members, dict) else None
        return None if members is None else shown(members)

    def _known(self, record: str) -> dict[str, Any]:
        try:
            return self._members(record)
        except Refused:
            return {}


def put(row: dict[str, Any], path: Sequence[str], value: Any) -> bool:
    """False where something is already."""
    for part in path[:-1]:
        row = row.setdefault(part, {})
        if not isinstance(row, dict):
            return False
    if path[-1] in row and isinstance(row[path[-1]], dict) and isinstance(value, dict):
        return sum(put(row[path[-1]], (name,), inner) for name, inner in value.items()) == len(value)
    free = path[-1] not in row
    row.setdefault(path[-1], value)
    return free


def safe(name: str) -> str | None:
    """A name that somebody sent may be answered back only if it looks like one."""
    return name if name.isascii() and len(name) <= 100 and name.replace("_", "").replace(".", "").isalnum() else None


def shown(value: Any) -> str:
    # as short as it came: 1e999999999 in plain notation would be a gigabyte
    return str(value) if isinstance(value, str | Decimal) else json.dumps(value, default=str, ensure_ascii=False)


# --- a row -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Found:
    """An error of a row, ready to be told: `column` as the file has it, `value` what is there."""

    column: str | None
    code: str
    detail: str
    value: str | None


@dataclass(frozen=True)
class Read:
    """One record, read: `values`, or the errors that are known before anything is stored."""

    number: int
    record: Record
    values: BaseModel | None
    errors: Sequence[Found]
    id: UUID | None = None


class Reader:
    """Reads the records of one file."""

    def __init__(self, model: type[BaseModel], media_type: str, header: Sequence[str]) -> None:
        self._model, self._columns = model, Columns(model)
        self._shape = shape_of(media_type, self._columns, header)

    def read(self, number: int, record: Record) -> Read:
        if isinstance(record, Flaw):
            return Read(number, record, None, [Found(None, record.code, FLAWS[record.code], cut(record.text))])
        try:
            fields, wrong = self._shape.fields(record)
            id = id_in(fields, wrong)
            return Read(number, record, self._validated(fields, wrong), [], id)
        except Refused as refused:
            return Read(number, record, None, self.told(record, [refused.error]))
        except Invalid as invalid:
            return Read(number, record, None, self.told(record, invalid.errors))

    def _validated(self, fields: dict[str, Any], wrong: list[RowError]) -> BaseModel:
        try:
            values = self._model.model_validate(fields)
        except ValidationError as error:
            known = {one.column for one in wrong}
            raise Invalid([*wrong, *(one for one in self._errors_in(error) if one.column not in known)]) from None
        if wrong:
            raise Invalid(wrong)
        return values

    def _errors_in(self, error: ValidationError) -> list[RowError]:
        return [self._error_of(finding) for finding in error.errors(include_input=False)]

    def _error_of(self, finding: Mapping[str, Any]) -> RowError:
        code, detail = sentence_of({**finding, "loc": finding["loc"] or ("row",)})
        words = [str(part) for part in finding["loc"] if isinstance(part, str)]
        return RowError(self._columns.name_of(finding["loc"]) or safe(".".join(words)) or None, code, detail)

    def told(self, record: Record, wrong: Sequence[RowError]) -> list[Found]:
        return [self._told(record, one) for one in wrong[:MAX_ERRORS]]

    def _told(self, record: Record, wrong: RowError) -> Found:
        value = self._shape.value(record, wrong.column)
        column = self._shape.written(record, wrong.column)
        return Found(column, wrong.code, wrong.detail, None if value is None else cut(value))


def id_in(fields: dict[str, Any], wrong: list[RowError]) -> UUID | None:
    """Takes it out of `fields`."""
    sent = fields.pop(ID, None)
    try:
        return None if sent is None else parse_id(sent)
    except PydanticCustomError as error:
        wrong.append(RowError(ID, error.type, error.message()))
        return None


class Invalid(Exception):
    def __init__(self, wrong: Sequence[RowError]) -> None:
        super().__init__()
        self.errors = wrong


def cut(text: str) -> str:
    """At most 200 characters, and only such as a database can hold."""
    return text[:LONGEST_VALUE].replace("\x00", "�").encode("utf-8", "replace").decode()
