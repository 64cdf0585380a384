"""What training keeps, as its own database says it; for what no answer of the API shows."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.conftest import System


@asynccontextmanager
async def connection(system: System) -> AsyncIterator[Any]:
    opened = await system.connect("training")
    try:
        yield opened
    finally:
        await opened.close()


async def rows(system: System, statement: str, *values: Any) -> list[dict[str, Any]]:
    async with connection(system) as database:
        return [dict(row) for row in await database.fetch(statement, *values)]
