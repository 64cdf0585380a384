"""Seals what was committed, in an order of its own: one sealer at a time for each database, and no writer waits for it.

Ids of the history are taken before the commit, so a later one may be visible before an earlier one: nothing is looked for
behind the last id. Each row says which transaction wrote it, and a row of a transaction that had ended before the last look was
seen by it; all that is left to look at is what came since.
"""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import structlog
from prometheus_client import Gauge
from sqlalchemy import ColumnElement, RowMapping, Text, cast, exists, func, literal, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.audit import chain
from shared.audit.chain import Head
from shared.db import Database, now
from shared.failures import reason
from shared.leading import leading
from shared.sets import insert_all
from shared.tables import Xid8, history, history_seals
from shared.telemetry import Metrics

LOCK = "score sealer"
POLL_SECONDS = 0.4
RETRY_SECONDS = 0.5
LATE_SECONDS = 15.0  # unsealed for so long is told by readiness
HEAD_SECONDS = 3600.0
END_SECONDS = 2.0
AT_ONCE, LOOKED_FOR = 500, 100_000
LOOK = text("select pg_snapshot_xmin(seen)::text as oldest_running, seen::text from pg_current_snapshot() as seen")
# the fence around the history names every table of the service: planning a look at it takes longer than looking
PLANNED_ONCE = text("set plan_cache_mode = force_generic_plan")
log = structlog.get_logger()


@dataclass(frozen=True)
class Look:
    """Which transaction was the oldest that still ran, and whose work was seen; the same look sees the same again."""

    oldest_running: str
    seen: str


BEFORE_ALL = Look("0", "")


class Sealer:
    """`run` until `finish`; `problem` says why the history is not sealed, None if it is."""

    def __init__(self, database: Database, service: str, secret: str, metrics: Metrics) -> None:
        self._engine, self._service, self._secret = database.engine, service, secret
        self._looked_at: float | None = None  # None: another process seals
        self._head = Head(service, 0, chain.FIRST)
        self._finishing, self._finished = asyncio.Event(), asyncio.Event()
        lag = Gauge("score_history_unsealed_seconds", "How long changes may be unsealed", registry=metrics.registry)
        lag.set_function(lambda: self.lag)
        sealed = Gauge("score_history_sealed", "Changes sealed; 0 beside another sealer", registry=metrics.registry)
        sealed.set_function(lambda: self._head.seq)

    @property
    def lag(self) -> float:
        """Seconds since all there was had been sealed."""
        return 0.0 if self._looked_at is None else time.monotonic() - self._looked_at

    @property
    def problem(self) -> str | None:
        return f"history-unsealed: for {self.lag:.0f} s" if self.lag > LATE_SECONDS else None

    async def run(self) -> None:
        """A failure is told by `problem` and tried again."""
        while not self._finished.is_set():
            try:
                async with leading(self._engine, LOCK, self._stand_by) as connection:
                    await self._serve(connection)
            except Exception as error:
                log.warning("history waits to be sealed", error=reason(error))
                await asyncio.sleep(RETRY_SECONDS)

    async def finish(self) -> None:
        """Seals what is left and tells the head: the end of a process is where the tail could be cut."""
        self._finishing.set()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._finished.wait(), END_SECONDS)

    def _stand_by(self) -> None:
        self._looked_at, self._head = None, Head(self._service, 0, chain.FIRST)
        if self._finishing.is_set():
            self._finished.set()

    async def _serve(self, connection: AsyncConnection) -> None:
        self._looked_at = time.monotonic() if self._looked_at is None else self._looked_at
        async with connection.begin():
            await connection.execute(PLANNED_ONCE)
        self._head = await last_head(connection, self._service)
        since, told_at = BEFORE_ALL, 0.0
        while True:
            ending = self._finishing.is_set()
            since = await self._seal_all(connection, since)
            if ending or not told_at or time.monotonic() - told_at > HEAD_SECONDS:
                told_at = self._tell_head()
            if ending:
                self._finished.set()
                return
            with suppress(TimeoutError):
                await asyncio.wait_for(self._finishing.wait(), POLL_SECONDS)

    def _tell_head(self) -> float:
        """In the log, hence outside of the database: who cuts the tail off can't cut this."""
        log.info("history head", seq=self._head.seq, head=self._head.signed(self._secret))
        return time.monotonic()

    async def _seal_all(self, connection: AsyncConnection, since: Look) -> Look:
        """Seals whatever is there of transactions that still ran at `since`, or came later; gives what was looked at."""
        while True:
            began = time.monotonic()
            async with connection.begin():
                look = Look(**(await connection.execute(LOOK)).mappings().one())
                ids = [] if look.seen == since.seen else await unsealed(connection, since.oldest_running)
            for first in range(0, len(ids), AT_ONCE):
                await self._seal(connection, ids[first : first + AT_ONCE])
            if len(ids) < LOOKED_FOR:
                self._looked_at = began
                return look

    async def _seal(self, connection: AsyncConnection, ids: Sequence[int]) -> None:
        async with connection.begin():
            rows = await rows_of(connection, ids)
            seals, head = await asyncio.to_thread(sealed, self._head, rows)
            await insert_all(connection, history_seals, seals)
        self._head = head


async def last_head(connection: AsyncConnection, service: str) -> Head:
    last = select(history_seals.c.seq, history_seals.c.hash).order_by(history_seals.c.seq.desc()).limit(1)
    async with connection.begin():
        row = (await connection.execute(last)).first()
    return Head(service, row.seq, row.hash) if row else Head(service, 0, chain.FIRST)


async def unsealed(connection: AsyncConnection, since: str) -> Sequence[int]:
    """Ids in their order: of two changes of one aggregate the earlier has the smaller one, because its row was locked."""
    seal = exists().where(history_seals.c.history_id == history.c.id)
    wanted = select(history.c.id).where(~seal, *written_since(since)).order_by(history.c.id).limit(LOOKED_FOR)
    return (await connection.execute(wanted)).scalars().all()


def written_since(transaction: str) -> list[ColumnElement[bool]]:
    """After a restore there are rows of transactions that this server has yet to count to: the first look sees them, too."""
    if transaction == BEFORE_ALL.oldest_running:
        return []
    there = func.pg_snapshot_xmax(func.pg_current_snapshot())
    return [history.c.xid >= cast(literal(transaction, Text), Xid8), history.c.xid < there]


async def rows_of(connection: AsyncConnection, ids: Sequence[int]) -> Sequence[RowMapping]:
    wanted = select(*chain.columns()).where(history.c.id == func.any(list(ids))).order_by(history.c.id)
    return (await connection.execute(wanted)).mappings().all()


def sealed(head: Head, rows: Sequence[RowMapping]) -> tuple[list[dict[str, object]], Head]:
    """The seals of `rows` behind `head`, and the head they make."""
    seals, moment = [], now()
    seq, before = head.seq, head.hash
    for seq, row in enumerate(rows, start=head.seq + 1):
        before = chain.link(before, seq, moment, row)
        seals.append({"seq": seq, "history_id": row["id"], "hash": before, "sealed_at": moment})
    return seals, Head(head.service, seq, before)
