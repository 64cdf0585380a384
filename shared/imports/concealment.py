"""Columns that may not be kept as they came (the number of an anonymous slip): each cell gives way to what the importer makes of
it before anything of the file is stored. So neither the file nor its errors nor its rejected rows ever hold one.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import orjson

from shared.files.columns import Columns
from shared.imports.files import Flaw, Record
from shared.imports.importer import Importer, Job
from shared.imports.rejects import as_it_was

Conceal = Callable[[str], str]
UNREADABLE = Flaw("malformed_row", "")


def concealed(
    records: Iterable[Record], header: Sequence[str], columns: Columns, importer: Importer[Any], job: Job
) -> Iterator[Record]:
    """`records` as they may be kept."""
    if not importer.secret_columns:
        return iter(records)
    names = {name for name, column in columns.by_name.items() if column.name in importer.secret_columns}
    conceal = partial(importer.conceal, job)
    return (concealed_record(record, header, names, conceal) for record in records)


def concealed_record(record: Record, header: Sequence[str], names: set[str], conceal: Conceal) -> Record:
    if isinstance(record, Flaw):
        return replace(record, text="")
    if isinstance(record, str):
        return concealed_line(record, names, conceal)
    if len(record) != len(header):  # whose cells are whose nobody knows
        return [""] * len(record)
    return [conceal(cell) if name in names else cell for name, cell in zip(header, record, strict=True)]


def concealed_line(line: str, names: set[str], conceal: Conceal) -> Record:
    found = as_it_was(line)
    if not isinstance(found, dict):
        return UNREADABLE
    secret = {name: conceal(text_of(value)) for name, value in found.items() if name in names and value is not None}
    try:
        return orjson.dumps(found | secret).decode()
    except orjson.JSONEncodeError:  # half of a surrogate pair
        return UNREADABLE


def text_of(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()
