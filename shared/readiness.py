"""Each part of a service with its own word: the loops, the broker, the database, and whether its schema is the code's."""

import asyncio
from collections.abc import Mapping
from typing import Protocol

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.db import Database
from shared.migrations import Revisions

PATIENCE_SECONDS = 1.0
APPLIED = text("select version_num from alembic_version")
THERE = text("select to_regclass('alembic_version') is not null")


class Part(Protocol):
    @property
    def problem(self) -> str | None: ...


async def readiness(parts: Mapping[str, Part], database: Database, schema: Revisions) -> dict[str, dict[str, str]]:
    problems = {name: part.problem for name, part in parts.items()}
    problems["database"], problems["migrations"] = await database_problems(database, schema)
    return {
        name: {"status": "not-ready", "problem": why} if why else {"status": "ready"} for name, why in problems.items()
    }


async def database_problems(database: Database, schema: Revisions) -> tuple[str | None, str | None]:
    """Of the database itself, and of its schema."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS), database.transaction() as session:
            applied = await applied_revisions(await session.connection())
    except Exception as error:
        return f"database-unavailable: {type(error).__name__}", "unknown: the database is not available"
    return None, schema.problem(applied)


async def applied_revisions(connection: AsyncConnection) -> set[str]:
    if not await connection.scalar(THERE):
        return set()
    return set((await connection.execute(APPLIED)).scalars())
