"""Read-models: copies of other services' facts, always at the newest version that has arrived, in whatever order."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Table
from sqlalchemy.dialects.postgresql import JSONB, Insert, insert
from sqlalchemy.ext.asyncio import AsyncSession

from shared.events import Event
from shared.writing import Rows, insertion_of

Row = Mapping[str, Any]


def row_of(event: Event, view: Any) -> dict[str, Any]:
    """The fields of `event` that are columns of `view`; those kept as JSON in its form."""
    plain, as_json = columns_of(view)
    return event.model_dump(include=plain) | (event.model_dump(mode="json", include=as_json) if as_json else {})


@cache
def columns_of(view: Any) -> tuple[set[str], set[str]]:
    """The names of all but those kept as JSON, and of those."""
    kinds = {column.name: column.type for column in view.__table__.columns}
    as_json = {name for name, kind in kinds.items() if isinstance(kind, JSONB)}
    return kinds.keys() - as_json, as_json


async def keep_newest(session: AsyncSession, view: Any, *, version: int, **fields: Any) -> bool:
    """Writes the row of `view` (a table class with a `version`) unless it has this version or a later one; True if written.

    `fields` are columns; those of the primary key name the row. What is not given keeps its value in a row that is there.
    """
    newest = unless_newer(view.__table__, ["version", *fields]).returning(view.__table__.c.version)
    return (await (await session.connection()).execute(newest, {"version": version, **fields})).first() is not None


def newest(view: Any, rows: Sequence[Row]) -> Rows:
    """The same for many, which all give the same columns: to be written. In the order of their ids, so that two batches that meet
    do not lock one another out.
    """
    latest = sorted(latest_of(rows), key=lambda row: str(row["id"]))
    return Rows(Newest(view.__table__, tuple(latest[0])), latest)


@dataclass(frozen=True)
class Newest:
    """Rows replace those that have an older version."""

    table: Table
    names: tuple[str, ...]

    def statement(self, rows: str, after: ColumnElement[bool] | None) -> Any:
        return replacing(insertion_of(self.table, self.names, rows, after), self.table, self.names)


def latest_of(rows: Iterable[Row]) -> Iterable[Row]:
    """Of several rows with one id the one with the highest version."""
    latest: dict[Any, Row] = {}
    for row in rows:
        if row["id"] not in latest or latest[row["id"]]["version"] < row["version"]:
            latest[row["id"]] = row
    return latest.values()


def unless_newer(table: Table, columns: Iterable[str]) -> Insert:
    """Inserts or replaces a row, but for one that has this version or a later one."""
    return replacing(insert(table), table, columns)


def replacing(statement: Insert, table: Table, columns: Iterable[str]) -> Insert:
    keys = [column.name for column in table.primary_key]
    news = {name: statement.excluded[name] for name in columns if name not in keys}
    newer = table.c.version < statement.excluded.version
    return statement.on_conflict_do_update(index_elements=keys, set_=news, where=newer)
