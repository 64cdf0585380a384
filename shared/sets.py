"""Many rows in one statement, the same for any number: they are sent as one JSON text, of which the database makes a table.

A statement a row costs the database far more than the row: it sets up the plan, the fences and the checks again for each.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import JSON, ColumnElement, Text, any_, bindparam, cast, column, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, Insert, insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.sql.schema import Table
from sqlalchemy.sql.selectable import TableValuedAlias

Rows = Sequence[Mapping[str, Any]]
KNOWN = 200  # statements that are kept


async def insert_all(executor: AsyncSession | AsyncConnection, table: Table, rows: Rows) -> None:
    """`rows` name the same columns each; they are stored, and numbered by the table, in their order."""
    if rows:
        await carry_out(executor, insertion(table, tuple(rows[0])), rows)


async def carry_out(executor: AsyncSession | AsyncConnection, statement: Any, rows: Rows) -> Any:
    """A statement about `sent` rows."""
    connection = await executor.connection() if isinstance(executor, AsyncSession) else executor
    return await connection.execute(statement, {"rows": as_text(rows)})


def among(column: Any, values: Iterable[Any]) -> ColumnElement[bool]:
    """That a column has one of `values`: one parameter, where `in_` makes another statement of each number of them."""
    return column == any_(literal(list(values), ARRAY(column.type)))  # type: ignore[no-any-return]


def table_of(model: Any) -> Table:
    return model.__table__  # type: ignore[no-any-return]


@lru_cache(KNOWN)
def insertion(table: Table, names: tuple[str, ...]) -> Insert:
    return insert(table).from_select(names, select(*sent(table, names).c), include_defaults=False)


def sent(table: Table, names: Iterable[str], rows: str = "rows") -> TableValuedAlias:
    """The rows of the statement's parameter `rows` as a table with those columns of `table`."""
    columns = [column(name, table.c[name].type) for name in names]
    text = cast(bindparam(rows, type_=Text), JSON)
    return func.json_to_recordset(text).table_valued(*columns, name="sent").render_derived(with_types=True)


def as_text(rows: Rows) -> str:
    """Instants to the microsecond, bytes in hexadecimal, decimals to the digit."""
    return orjson.dumps(rows, default=as_written).decode()


def as_written(value: Any) -> str:
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, UUID):  # as the driver reads them
        return str(value)
    raise TypeError(f"{type(value).__name__} is no value of a column")
