"""Rows that have one of many keys of several columns."""

from collections.abc import Sequence
from typing import Any, TypeVar

from sqlalchemy import Column, Select, Text, Uuid, and_, column, func, literal
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.selectable import TableValuedAlias

Key = tuple[Any, ...]
Rows = TypeVar("Rows", bound=Select[Any])


def columns_of(model: Any, names: Sequence[str]) -> list[Column[Any]]:
    return [model.__table__.c[name] for name in names]


def with_keys(statement: Rows, columns: Sequence[Column[Any]], keys: Sequence[Key]) -> Rows:
    """Those rows of `statement` whose `columns` are one of `keys`, which differ from one another."""
    wanted = as_table(columns, keys)
    return statement.join(wanted, and_(*(one == wanted.c[one.name] for one in columns)))


def as_table(columns: Sequence[Column[Any]], keys: Sequence[Key]) -> TableValuedAlias:
    """`keys` as a table of `columns`, sent as one array each: the statement is the same for any number of them."""
    kinds = [Uuid() if isinstance(column.type, Uuid) else Text() for column in columns]
    parts = [literal([key[n] for key in keys], ARRAY(kind)) for n, kind in enumerate(kinds)]
    names = [column(one.name, kind) for one, kind in zip(columns, kinds, strict=True)]
    return func.unnest(*parts).table_valued(*names, name="wanted").render_derived()
