"""Forgets what nothing needs any more."""

import asyncio
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import delete

from services.gateway.clients.models import ClientSecret
from services.gateway.models import Quota, RevokedToken, UsedAssertion
from services.gateway.storage import transaction
from shared import idempotency
from shared.db import Database, now

PAUSE_SECONDS = 600
SKEW = timedelta(minutes=5)  # between the clocks of whoever writes the times and whoever reads them
log = structlog.get_logger()


def over() -> list[Any]:
    at = now() - SKEW
    ends: list[tuple[Any, Any]] = [
        (RevokedToken, RevokedToken.expires_at),
        (UsedAssertion, UsedAssertion.expires_at),
        (ClientSecret, ClientSecret.expires_at),
        (Quota, Quota.ends_at),
    ]
    return [delete(table).where(column < at) for table, column in ends]


async def keep_tidy(database: Database) -> None:
    """Runs until it is cancelled."""
    while True:
        await asyncio.sleep(PAUSE_SECONDS)
        try:
            await tidy(database)
        except Exception as error:
            log.warning("housekeeping failed", error=type(error).__name__)


async def tidy(database: Database) -> None:
    async with transaction(database) as session:
        for statement in over():
            await session.execute(statement)
    more = True
    while more:
        async with transaction(database) as session:
            more = await idempotency.forget_old(session) > 0
