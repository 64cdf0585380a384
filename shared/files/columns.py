"""The columns of a row model, and from a cell's text to the JSON value its field takes."""

import re
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from shared.files.cells import parted, unquoted
from shared.types import DECIMAL_TEXT

WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,29})")
# what people and spreadsheets write for numbers, each of which somebody reads otherwise: 1,5 1.234,56 1 000 (5) 5% +5 .5 007
NUMBER_LIKE = re.compile(r"[\s0-9.,'’()%+\-]*[0-9][\s0-9.,'’()%+\-]*")
FLAGS = {"yes": True, "no": False, "true": True, "false": False}

OF_RESOURCES = ("id", "version", "created_at", "updated_at")  # in every export; of these an import reads the id alone

Read = Callable[[str], Any]


class AmbiguousNumber(ValueError):
    """A cell that may mean more than one number."""


@dataclass(frozen=True)
class Column:
    """`name` in the notation of files, `path` the same in JSON; `also` is the other way to write the name.

    `numeric`: a decimal, which JSON has as a text.
    """

    name: str
    path: tuple[str, ...]
    required: bool
    read: Read
    numeric: bool = False

    @property
    def also(self) -> str | None:
        return self.name.removesuffix("_id") if self.name.endswith("_id") else None


class Columns:
    """All columns of a row model, by each of their names."""

    def __init__(self, model: type[BaseModel]) -> None:
        self.all = list(columns_of(model))
        self.by_name = {column.also: column for column in self.all if column.also} | {
            column.name: column for column in self.all
        }

    def name_of(self, path: Sequence[str | int]) -> str | None:
        """The column a finding of pydantic is about: the longest beginning of its path that is a column or holds some."""
        words = [str(part) for part in path if isinstance(part, str)]
        for length in range(len(words), 0, -1):
            name = ".".join(words[:length])
            if name in self.by_name or any(column.name.startswith(f"{name}.") for column in self.all):
                return name
        return None


def columns_of(model: type[BaseModel], above: tuple[str, ...] = (), required: bool = True) -> Iterator[Column]:
    for name, info in model.model_fields.items():
        path, needed = (*above, name_in_json(name, info)), required and info.is_required()
        kind = plain_type(info.annotation)
        if is_model(kind):
            yield from columns_of(kind, path, needed)
        elif (read := reader_of(kind)) is not None:
            yield Column(".".join(path), path, needed, read, read is read_decimal)


def name_in_json(name: str, info: FieldInfo) -> str:
    return info.validation_alias if isinstance(info.validation_alias, str) else info.alias or name


def plain_type(annotation: Any) -> Any:
    """Without `Annotated` and without `| None`."""
    if get_origin(annotation) is Annotated:
        return plain_type(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        kinds = [kind for kind in get_args(annotation) if kind is not type(None)]
        return plain_type(kinds[0]) if len(kinds) == 1 else annotation
    return annotation


def is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


# --- cells -----------------------------------------------------------------------------------------------------


def reader_of(kind: Any) -> Read | None:
    """How a cell of `kind` is read; None for what no cell can hold."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (list, tuple, set, frozenset, Sequence):
        return list_reader(plain_type(inner[0]))
    if origin in (dict, Mapping) or is_model(kind):
        return None
    if origin in (Union, types.UnionType):
        return first_of([reader_of(plain_type(one)) for one in inner if one is not type(None)])
    kinds = kinds_of(kind)
    if bool in kinds:
        return read_flag
    if int in kinds:
        return read_whole
    return read_decimal if Decimal in kinds else unquoted


def kinds_of(kind: Any) -> set[Any]:
    return {type(value) for value in get_args(kind)} if get_origin(kind) is Literal else {kind}


def list_reader(kind: Any) -> Read | None:
    read = reader_of(kind)
    if read is None:
        return None
    item = str if read is unquoted else read  # the list as a whole was quoted, if anything was
    return lambda cell: [item(part) for part in parted(unquoted(cell))]


def first_of(readers: Sequence[Read | None]) -> Read:
    """For a field of several types: the first that makes more than a text of the cell."""

    def read(cell: str) -> Any:
        values = [reader(cell) for reader in readers if reader]
        return next((value for value in values if not isinstance(value, str)), cell)

    return read


def read_flag(cell: str) -> Any:
    """Whatever is neither yes nor no stays a text, and validation says what it thinks of it."""
    return FLAGS.get(cell.strip().lower(), cell)


def read_whole(cell: str) -> Any:
    text = cell.strip()
    if WHOLE.fullmatch(text):
        return int(text)
    refuse_ambiguous(text)
    return text


def read_decimal(cell: str) -> str:
    text = cell.strip()
    refuse_ambiguous(text)
    return text


def refuse_ambiguous(text: str) -> None:
    if not DECIMAL_TEXT.fullmatch(text) and NUMBER_LIKE.fullmatch(text):
        raise AmbiguousNumber
