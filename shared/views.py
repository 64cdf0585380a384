"""Read-models: copies of other services' facts, always at the newest version that has arrived, in whatever order."""

from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession


async def keep_newest(session: AsyncSession, view: Any, *, version: int, **fields: Any) -> bool:
    """Writes the row of `view` (a table class with a `version`) unless it has this version or a later one; True if written.

    `fields` are columns; those of the primary key name the row. What is not given keeps its value in a row that is there.
    """
    table: Table = view.__table__
    statement = insert(table).values(version=version, **fields)
    keys = [column.name for column in table.primary_key]
    news = {name: statement.excluded[name] for name in ("version", *fields) if name not in keys}
    newest = statement.on_conflict_do_update(
        index_elements=keys, set_=news, where=table.c.version < statement.excluded.version
    )
    return (await (await session.connection()).execute(newest.returning(table.c.version))).first() is not None
