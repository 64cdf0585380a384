"""The columns of an export, and from the JSON of a row to its cells.

A collection with imports has the columns of its import, so that the file can be sent again; any other the JSON names, nested
ones with a dot. `id, version, created_at, updated_at` are in both.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import orjson
from pydantic import BaseModel

from shared.files.cells import joined, quoted
from shared.files.columns import OF_RESOURCES, Columns, is_model, kinds_of, plain_type
from shared.files.workbooks import Cell

EXACT_DIGITS = 15


@dataclass(frozen=True)
class Exported:
    """One column; `numeric`: its texts are numbers."""

    name: str
    path: tuple[str, ...]
    numeric: bool = False

    def value(self, row: Mapping[str, Any]) -> Any:
        found: Any = row
        for part in self.path:
            found = found.get(part) if isinstance(found, Mapping) else None
        return found

    def cell(self, row: Mapping[str, Any]) -> Cell:
        value = self.value(row)
        if isinstance(value, list):
            return list_cell(value)
        if isinstance(value, dict):
            return orjson.dumps(value).decode() if value else None
        if self.numeric and isinstance(value, str):
            return number(value)
        return quoted(value) if isinstance(value, str) else value


def list_cell(items: Sequence[Any]) -> str | None:
    """Items that are objects have no other form than JSON."""
    if not items:
        return None
    if all(isinstance(item, str) for item in items):
        return quoted(joined(items))
    return orjson.dumps(items).decode()


def number(text: str) -> Cell:
    value = Decimal(text)
    return value if len(value.normalize().as_tuple().digits) <= EXACT_DIGITS else text


def columns_of(out: type[BaseModel], row: type[BaseModel] | None, hidden: Collection[str] = ()) -> list[Exported]:
    """`row` is the model of an import's rows, if the collection has imports; `hidden` are columns that nobody is told."""
    if row is None:
        return list(columns_in(out))
    known = [Exported(one.name, one.path, one.numeric) for one in Columns(row).all if one.name not in hidden]
    return [*known, *(Exported(name, (name,)) for name in OF_RESOURCES)]


def columns_in(model: type[BaseModel], above: tuple[str, ...] = ()) -> Iterator[Exported]:
    by_alias = model.model_config.get("serialize_by_alias", False)
    for name, info in model.model_fields.items():
        kind, alias = plain_type(info.annotation), info.serialization_alias or info.alias
        path = (*above, alias if by_alias and alias else name)
        if is_model(kind):
            yield from columns_in(kind, path)
        else:
            yield Exported(".".join(path), path, Decimal in kinds_of(kind))


def nested(row: Mapping[str, Any], columns: Sequence[Exported]) -> dict[str, Any]:
    """The row as an object with what the columns name; what is nested and has nothing in it is null."""
    told: dict[str, Any] = {}
    for column in columns:
        value, (first, *rest) = column.value(row), column.path
        if not rest:
            told[first] = value
        elif value is None:
            told.setdefault(first, None)
        else:
            put(told, column.path, value)
    return told


def put(told: dict[str, Any], path: Sequence[str], value: Any) -> None:
    *above, last = path
    for part in above:
        told[part] = told = told.get(part) or {}
    told[last] = value
