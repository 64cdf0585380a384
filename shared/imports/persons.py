"""Files that name persons: what names one gives way to a mark before a record is kept, and the text behind the mark is kept
encrypted, in a row of its own. A worker and whoever fetches the rejected rows see the text; when a person is erased its rows go,
and from then on nobody does.

What can't be told apart (a row with too many cells, a line that is no object) is kept under one mark as a whole. It may speak of
anybody, so that all such rows go with anyone who is erased.
"""

import base64
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import RowMapping, delete, exists, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.files.cells import unquoted
from shared.files.columns import OF_RESOURCES, Columns
from shared.imports.files import Flaw, Record
from shared.imports.importer import Importer
from shared.imports.rejects import as_it_was
from shared.imports.rows import ERROR, LONGEST_VALUE, Found
from shared.personal.keyring import Keyring
from shared.personal.keys import keyring_of
from shared.signing import encoded
from shared.tables import import_persons, imports

ERASED = Flaw("erased", "")
LOOSE = "\x00"  # no text that names a person begins so
Texts = Mapping[str, str]  # by mark


class Persons:
    """The persons of one file. What was concealed is kept by the next `keep`."""

    def __init__(self, importer: Importer[Any], import_id: UUID, header: Sequence[str], keyring: Keyring) -> None:
        columns = Columns(importer.row)
        self._id, self._header, self._keyring = import_id, header, keyring
        self._known = {ERROR, *OF_RESOURCES, *columns.by_name}
        self._names = {name for name, column in columns.by_name.items() if column.name in importer.personal_columns}
        self._new: dict[bytes, dict[str, Any]] = {}

    @classmethod
    def of(
        cls, importer: Importer[Any], import_id: UUID, header: Sequence[str], session: AsyncSession
    ) -> "Persons | None":
        """None for a collection whose files name nobody."""
        return cls(importer, import_id, header, keyring_of(session)) if importer.personal_columns else None

    # --- before it is kept ---

    def concealed(self, records: Iterable[Record]) -> Iterator[Record]:
        return map(self._concealed, records)

    def _concealed(self, record: Record) -> Record:
        if isinstance(record, Flaw):
            return replace(record, text=self._loose(record.text))
        if isinstance(record, str):
            return self._concealed_line(record)
        if len(record) != len(self._header):  # whose cells are whose nobody knows
            return [self._loose(cell) for cell in record]
        named = zip(self._header, record, strict=True)
        return [self._person(cell, unquoted(cell)) if name in self._names else cell for name, cell in named]

    def _concealed_line(self, line: str) -> str:
        found = as_it_was(line, distinct)
        if not isinstance(found, dict) or not found.keys() <= self._known:
            return self._loose(line)
        named = {name: value for name, value in found.items() if name in self._names and value is not None}
        if not all(map(is_text, named.values())):
            return self._loose(line)
        try:
            return orjson.dumps(found | {name: self._person(value) for name, value in named.items()}).decode()
        except orjson.JSONEncodeError:  # half of a surrogate pair
            return self._loose(line)

    def concealed_errors(self, errors: Iterable[tuple[int, Sequence[Found]]]) -> list[tuple[int, list[Found]]]:
        return [(row, [self._concealed_error(one) for one in wrong]) for row, wrong in errors]

    def _concealed_error(self, error: Found) -> Found:
        if error.value is None or not self._is_concealed(error.column):
            return error
        conceal = self._person if error.column in self._names else self._loose
        return replace(error, value=conceal(error.value))

    def _is_concealed(self, column: str | None) -> bool:
        return column in self._names or column not in self._known

    def _person(self, text: str, meant: str | None = None) -> str:
        """`meant`: what a cell says, where it is written otherwise."""
        word = text if meant is None else meant
        return self._marked(self._keyring.mark(self._id, spelled(word)), text, loose=False)

    def _loose(self, text: str) -> str:
        return self._marked(self._keyring.mark(self._id, LOOSE + text), text, loose=True)

    def _marked(self, mark: bytes, text: str, *, loose: bool) -> str:
        if not text or text.isspace():
            return text
        if mark not in self._new:
            concealed = self._keyring.of_files.conceal(text.encode("utf-8", "surrogatepass"), self._id.bytes + mark)
            self._new[mark] = {"import_id": self._id, "mark": mark, "concealed": concealed, "loose": loose}
        return encoded(mark)

    async def keep(self, session: AsyncSession) -> None:
        if self._new:
            there = insert(import_persons).on_conflict_do_nothing()
            await (await session.connection()).execute(there, list(self._new.values()))
            self._new.clear()

    # --- when it is read ---

    async def revealed(self, session: AsyncSession, records: Sequence[Record]) -> list[Record]:
        """A record that names somebody who was erased is `ERASED`."""
        texts = await self._texts(session, {mark for record in records for mark in self._marks_in(record)})
        return [self._revealed(record, texts) for record in records]

    def _marks_in(self, record: Record) -> Iterable[str]:
        if isinstance(record, Flaw):
            return [record.text]
        if isinstance(record, str):
            named = as_it_was(record) if record.startswith("{") else None
            return [record] if named is None else [named[name] for name in self._names & named.keys() if named[name]]
        if len(record) != len(self._header):
            return record
        return [cell for name, cell in zip(self._header, record, strict=True) if name in self._names]

    def _revealed(self, record: Record, texts: Texts) -> Record:
        if isinstance(record, Flaw):
            return replace(record, text=texts.get(record.text, ""))
        if isinstance(record, str):
            return self._revealed_line(record, texts)
        if len(record) != len(self._header):
            return [texts.get(cell, "") for cell in record]
        cells = [
            texts.get(cell) if name in self._names and cell.strip() else cell
            for name, cell in zip(self._header, record, strict=True)
        ]
        return [cell for cell in cells if cell is not None] if None not in cells else ERASED

    def _revealed_line(self, line: str, texts: Texts) -> Record:
        if not line.startswith("{"):
            return texts.get(line, ERASED)
        found = as_it_was(line)
        named = {name: texts.get(found[name]) for name in self._names & found.keys() if (found[name] or "").strip()}
        return ERASED if None in named.values() else orjson.dumps(found | named).decode()

    async def revealed_errors(self, session: AsyncSession, rows: Sequence[RowMapping]) -> list[dict[str, Any]]:
        """As they are kept, with the value that was there, None where it is not any more."""
        concealed = {row["value"] for row in rows if row["value"] and self._is_concealed(row["column"])}
        texts = await self._texts(session, concealed)
        return [{**row, "value": self._revealed_value(row, texts)} for row in rows]

    def _revealed_value(self, row: RowMapping, texts: Texts) -> Any:
        return texts.get(row["value"]) if row["value"] in texts or self._is_concealed(row["column"]) else row["value"]

    async def _texts(self, session: AsyncSession, words: set[str]) -> Texts:
        marks = {mark: word for word in words if (mark := mark_in(word))}
        kept = select(import_persons.c.mark, import_persons.c.concealed)
        kept = kept.where(import_persons.c.import_id == self._id, import_persons.c.mark.in_(marks))
        rows = (await (await session.connection()).execute(kept)).all() if marks else []
        return {marks[row.mark]: self._text(row.mark, row.concealed) for row in rows}

    def _text(self, mark: bytes, concealed: bytes) -> str:
        return self._keyring.of_files.reveal(concealed, self._id.bytes + mark).decode("utf-8", "surrogatepass")


def distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; one that says the same thing twice is for the reader to refuse, as it came."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is there twice")
    return found


def is_text(value: Any) -> bool:
    return isinstance(value, str) and not any("\ud800" <= char <= "\udfff" for char in value)


def spelled(text: str) -> str:
    """As it is kept of a row."""
    return unicodedata.normalize("NFC", text).strip()


def mark_in(word: str) -> bytes | None:
    try:
        return base64.urlsafe_b64decode(word.encode("ascii") + b"==")
    except ValueError:
        return None


async def forget_in_files(session: AsyncSession, text: str) -> None:
    """`text` names somebody who is erased: no kept file tells it any more."""
    keyring, connection = keyring_of(session), await session.connection()
    named = select(imports.c.id).where(exists().where(import_persons.c.import_id == imports.c.id))
    words = {spelled(text), spelled(text[:LONGEST_VALUE])}
    places = [(id, keyring.mark(id, word)) for id in (await connection.execute(named)).scalars() for word in words]
    place = tuple_(import_persons.c.import_id, import_persons.c.mark)
    if places:
        await connection.execute(delete(import_persons).where(place.in_(places)))
    await connection.execute(delete(import_persons).where(import_persons.c.loose))
