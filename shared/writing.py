"""What a change writes into several tables is one statement: a word with the database costs both sides more than a row does.

    written = await write(session, [Rows.new(enterprises, ...)], [Rows.new(history, ...), Rows.new(outbox, ...)])

What comes first is there, and locked, before anything of what follows is: its lock orders what follows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal, Protocol, Self

from sqlalchemy import ColumnElement, Select, Table, any_, func, literal_column, select, update
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.sets import KNOWN, as_text, sent

There = Literal["refuse", "replace", "leave"]


class Manner(Protocol):
    """How rows are written. Equal manners make equal statements, which are made and planned once."""

    def statement(self, rows: str, after: ColumnElement[bool] | None) -> Any:
        """About the rows in the parameter `rows`; nothing is looked at before `after` is known."""


@dataclass(frozen=True)
class Inserted:
    """`there`: what becomes of a row that is there under the same key."""

    table: Table
    names: tuple[str, ...]
    there: There = "refuse"

    def statement(self, rows: str, after: ColumnElement[bool] | None) -> Any:
        new = insertion_of(self.table, self.names, rows, after)
        keys = [column.name for column in self.table.primary_key]
        if self.there == "leave":
            return new.on_conflict_do_nothing(index_elements=keys)
        news = {name: new.excluded[name] for name in self.names if name not in keys}
        return new if self.there == "refuse" else new.on_conflict_do_update(index_elements=keys, set_=news)


def insertion_of(table: Table, names: tuple[str, ...], rows: str, after: ColumnElement[bool] | None) -> Insert:
    told = select(*sent(table, names, rows).c)
    return insert(table).from_select(names, told if after is None else told.where(after), include_defaults=False)


@dataclass(frozen=True)
class Amended:
    """The primary key, which is among `names`, says which row each is about."""

    table: Table
    names: tuple[str, ...]

    def statement(self, rows: str, after: ColumnElement[bool] | None) -> Any:
        told, keys = sent(self.table, self.names, rows), [column.name for column in self.table.primary_key]
        news = {name: told.c[name] for name in self.names if name not in keys}
        same = [self.table.c[key] == told.c[key] for key in keys]
        # once more as an array, which is looked up by an index: of a set whose size it does not know the planner thinks as of a
        # large one, and would read the whole table
        again = sent(self.table, self.names, rows)
        named = [self.table.c[key] == any_(func.array(select(again.c[key]).scalar_subquery())) for key in keys]
        changed = update(self.table).values(news).where(*same, *named)
        return changed if after is None else changed.where(after)


@dataclass(frozen=True)
class Rows:
    """Rows that name the same columns each, and how they are written."""

    manner: Manner
    rows: Sequence[Mapping[str, Any]] = field(repr=False)

    @classmethod
    def new(cls, table: Table, rows: Sequence[Mapping[str, Any]], there: There = "refuse") -> Self:
        return cls(Inserted(table, tuple(rows[0]), there), rows)

    @classmethod
    def changed(cls, table: Table, rows: Sequence[Mapping[str, Any]]) -> Self:
        return cls(Amended(table, tuple(rows[0])), rows)


async def write(executor: AsyncSession | AsyncConnection, first: Sequence[Rows], then: Sequence[Rows] = ()) -> int:
    """Gives how many rows of `first` were written: fewer than there are, where one is left as it was, or hidden by a fence."""
    statement = together(tuple(one.manner for one in first), tuple(one.manner for one in then))
    values = {f"rows_{n}": as_text(one.rows) for n, one in enumerate([*first, *then])}
    connection = await executor.connection() if isinstance(executor, AsyncSession) else executor
    return int((await connection.execute(statement, values)).scalar_one())


@lru_cache(KNOWN)
def together(first: tuple[Manner, ...], then: tuple[Manner, ...]) -> Select[Any]:
    """A statement of which the database carries out all parts, in its own order but for what waits for another's count."""
    written = [
        manner.statement(f"rows_{n}", None).returning(literal_column("1").label("row")).cte(f"written_{n}")
        for n, manner in enumerate(first)
    ]
    counts: list[ColumnElement[Any]] = [select(func.count()).select_from(one).scalar_subquery() for one in written]
    total = sum(counts[1:], counts[0]) if counts else literal_column("0")
    told = [
        manner.statement(f"rows_{n}", total >= literal_column("0") if counts else None).cte(f"told_{n}")
        for n, manner in enumerate(then, start=len(first))
    ]
    return select(total).add_cte(*told)
