"""The gateway's database seen from a request: there, or 503."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from sqlalchemy.exc import DBAPIError, TimeoutError
from sqlmodel.ext.asyncio.session import AsyncSession

from shared import errors
from shared.db import Database

log = structlog.get_logger()


@asynccontextmanager
async def transaction(database: Database) -> AsyncIterator[AsyncSession]:
    """A transaction; `ServiceUnavailable` when the database is not to be had."""
    try:
        async with database.transaction() as session:
            yield session
    except (DBAPIError, TimeoutError, OSError) as error:
        log.warning("the gateway's database is not available", error=type(error).__name__)
        raise errors.ServiceUnavailable("The gateway's database is not available. Try again in a moment.") from error
