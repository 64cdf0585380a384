"""The loop that works through files. One job at a time in a process; several processes share the work.

Who works on a job holds a lock of its database session: it is free the moment the process or its connection dies, and then
whoever looks next goes on where the job stood. Nothing is believed but the database.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared import errors
from shared.context import using
from shared.db import Database, Patience, common_patience
from shared.failures import reason
from shared.imports import jobs
from shared.imports.figures import ImportFigures
from shared.imports.importer import Importer
from shared.imports.jobs import Record, Superseded
from shared.imports.run import Run, is_conflict
from shared.outages import FAILURES, is_outage
from shared.telemetry import Metrics

POLL_SECONDS = 1.0  # a nudge wakes at once; this is for what other processes took or left
RETRY_SECONDS = 0.5
SLOWEST_RETRY_SECONDS = 2.0
# how often a job may begin without getting on: after a bug, a conflict, an outage or the death of its process
TRIES_AFTER_BUG, TRIES_AFTER_CONFLICT, TRIES = 3, 10, 50
# a host that is gone says nothing: its session, and with it the lock, ends half a minute later
NOTICE_DEATH = text(
    "select set_config('tcp_keepalives_idle', '10', false), set_config('tcp_keepalives_interval', '5', false), "
    "set_config('tcp_keepalives_count', '4', false)"
)
log = structlog.get_logger()


class Imports:
    """`run` for ever, `nudge` after a file came; `problem` says why files wait, None if they do not."""

    def __init__(self, database: Database, importers: Mapping[str, Importer[Any]], metrics: Metrics) -> None:
        self._database, self._importers = database, importers
        self._figures = ImportFigures(metrics)
        self._awake = asyncio.Event()
        self.problem: str | None = None

    def nudge(self) -> None:
        self._awake.set()

    async def run(self) -> None:
        """Never returns: a failure is told by `problem` and tried again."""
        while True:
            self._awake.clear()
            if not await self._work():
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._awake.wait(), POLL_SECONDS)

    async def _work(self) -> bool:
        """Works on the oldest job that nobody works on; False if there is none."""
        try:
            async with self._taken() as (control, record):
                self.problem = None
                if record:
                    await self._carry_out(control, record)
                return record is not None
        except Exception as error:
            log.warning("imports wait", error=reason(error))
            self.problem = f"imports-wait: {type(error).__name__}"
            await asyncio.sleep(RETRY_SECONDS)
            return False

    @asynccontextmanager
    async def _taken(self) -> AsyncIterator[tuple[AsyncConnection, Record | None]]:
        """A job and the connection that holds its lock; closed, not given back, after a failure."""
        async with self._database.engine.connect() as control:
            id = None
            try:
                id = await first_free(control)
                record = await begun(control, id) if id else None
                yield control, record
                if id:
                    await unlock(control, id)
            except BaseException:
                await control.invalidate()
                raise

    async def _carry_out(self, control: AsyncConnection, record: Record) -> None:
        importer = self._importers.get(record.collection)
        with using(record.context):
            patience = common_patience.set(Patience())
            try:
                if importer is None or record.attempts > TRIES:
                    await self._give_up(control, record)
                else:
                    await Run(self._database, control, importer, record, self._figures).carry_out()
            except Superseded:
                log.info("an import was ended or taken by another process", import_id=str(record.id))
            except Exception as error:
                await self._try_again(control, record, error)
            finally:
                common_patience.reset(patience)

    async def _try_again(self, control: AsyncConnection, record: Record, error: Exception) -> None:
        log.error("an import broke off", import_id=str(record.id), attempt=record.attempts, error=reason(error))
        if record.attempts >= tries_after(error):
            with suppress(Superseded):
                await self._give_up(control, record)
        else:
            await asyncio.sleep(min(0.05 * 2**record.attempts, SLOWEST_RETRY_SECONDS))

    async def _give_up(self, control: AsyncConnection, record: Record) -> None:
        log.error("an import is given up", import_id=str(record.id), attempts=record.attempts)
        problem = errors.InternalError().document(record.context.request_id)
        async with control.begin():
            tally = None if record.mode == "partial" else record.tally.nothing_stored()
            await jobs.finish(control, record.id, "failed", tally, problem=problem)


def tries_after(error: Exception) -> int:
    if is_conflict(error):
        return TRIES_AFTER_CONFLICT
    return TRIES if isinstance(error, FAILURES) and is_outage(error) else TRIES_AFTER_BUG


async def first_free(control: AsyncConnection) -> UUID | None:
    """The oldest job whose lock we got."""
    async with control.begin():
        await control.execute(NOTICE_DEATH)
        for id in await jobs.waiting(control):
            if await control.scalar(select(func.pg_try_advisory_lock(lock_of(id)))):
                return id
    return None


async def begun(control: AsyncConnection, id: UUID) -> Record | None:
    async with control.begin():
        return await jobs.begin(control, id)


async def unlock(control: AsyncConnection, id: UUID) -> None:
    async with control.begin():
        await control.execute(select(func.pg_advisory_unlock(lock_of(id))))


def lock_of(id: UUID) -> Any:
    return func.hashtextextended(f"score import {id}", 0)
