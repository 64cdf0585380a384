"""One job, from where it stands to its end.

`partial`: each batch is one transaction with its errors and its progress. `atomic` and `dry_run`: all batches are one
transaction; its progress and the errors are written beside it, because they are true whatever becomes of it.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel.ext.asyncio.session import AsyncSession

from shared import errors
from shared.db import Database
from shared.imports import jobs
from shared.imports.figures import ImportFigures
from shared.imports.files import Chunk, unpacked
from shared.imports.files import Record as FileRecord
from shared.imports.importer import Importer, Outcome, Overtaken, Rejected, Row, RowError
from shared.imports.jobs import Record, Tally
from shared.imports.persons import Persons
from shared.imports.problems import RowsRejected
from shared.imports.rows import Found, Read, Reader
from shared.imports.seen import SeenKeys
from shared.loops import end_all
from shared.outages import REPEATABLE, sqlstate

LOOK_SECONDS = 0.5
BATCH_TRIES = 5
BEHIND_THE_FENCE = "42501"  # insufficient privilege: row-level security


class RollBack(Exception):
    """Ends a transaction whose effects are not wanted."""


@dataclass(frozen=True)
class Batch:
    """The rows of one chunk, read; those that repeat an earlier key are errors already."""

    n: int
    reads: Sequence[Read]

    @property
    def last_row(self) -> int:
        return self.reads[-1].number


@dataclass(frozen=True)
class Stored:
    """What became of a batch's rows."""

    tally: Tally
    errors: Sequence[tuple[int, Sequence[Found]]]


class Run:
    def __init__(
        self,
        database: Database,
        control: AsyncConnection,
        importer: Importer[Any],
        record: Record,
        figures: ImportFigures,
    ) -> None:
        self._database, self._control, self._importer = database, control, importer
        self._record, self._figures = record, figures
        self._tally = record.tally
        self._seen = SeenKeys()

    async def carry_out(self) -> None:
        """Looks every half second whether somebody wants the end, whatever the work is waiting for."""
        work = asyncio.create_task(self._partially() if self._record.mode == "partial" else self._as_one())
        try:
            while not (await asyncio.wait({work}, timeout=LOOK_SECONDS))[0]:
                if await self._wanted_ended():
                    await end_all([work])
                    break
        finally:
            await end_all([work])
        if work.cancelled():
            await self._end_cancelled()
        else:
            await work
            if self._record.mode != "partial":
                self._figures.count(self._record.collection, self._tally)

    async def _wanted_ended(self) -> bool:
        async with self._control.begin():
            if self._record.mode == "partial":
                return await jobs.wanted_ended(self._control, self._record.id)
            return await jobs.look(self._control, self._record.id, self._tally.rows, self._shown())

    def _shown(self) -> Tally:
        """`atomic` has stored nothing until it has stored all."""
        return self._tally.nothing_stored() if self._record.mode == "atomic" else self._tally

    async def _end_cancelled(self) -> None:
        tally = None if self._record.mode == "partial" else self._shown()
        done = None if tally is None else self._tally.rows
        async with self._control.begin():
            await jobs.finish(self._control, self._record.id, "cancelled", tally, done=done)

    # --- partial ---

    async def _partially(self) -> None:
        if self._record.done == self._record.total:
            async with self._database.transaction() as session:
                await jobs.finish(session, self._record.id, "succeeded", None)
            return
        async for batch in self._batches():
            if batch.last_row > self._record.done:
                await self._store_for_good(batch)

    async def _store_for_good(self, batch: Batch) -> None:
        """A transaction that was surely rolled back is tried again here; after anything else the job begins anew."""
        for left in reversed(range(BATCH_TRIES)):
            try:
                stored = await self._once_for_good(batch)
                self._tally += stored.tally
                self._figures.count(self._record.collection, stored.tally)
                return
            except (DBAPIError, Overtaken) as error:
                if not left or not is_conflict(error):
                    raise
            await asyncio.sleep(random.uniform(0, 0.1))

    async def _once_for_good(self, batch: Batch) -> Stored:
        id, before = self._record.id, self._tally
        async with self._database.transaction() as session:
            stored = await self._store(session, batch)
            await self._write_errors(session, stored)
            sum_now, event = before + stored.tally, session.info.get("last_event")
            ends = sum_now.rows == self._record.total
            await jobs.advance(session, id, before.rows, sum_now, event, ends)
            await self._importer.conclude(session)
        return stored

    # --- atomic and dry_run ---

    async def _as_one(self) -> None:
        try:
            async with self._database.transaction() as session:
                async for batch in self._batches():
                    await self._store_among_others(session, batch)
                if self._record.mode == "dry_run" or self._tally.rejected:
                    raise RollBack
                await self._end(session, "succeeded", session.info.get("last_event"))
                await self._importer.conclude(session)
        except RollBack:
            async with self._database.transaction() as session:
                await self._end(session, "succeeded" if self._record.mode == "dry_run" else "failed", None)

    async def _store_among_others(self, session: AsyncSession, batch: Batch) -> None:
        stored = await self._store(session, batch)
        await session.flush()
        session.expunge_all()  # a file of a million rows must not stay in memory
        if stored.errors:
            async with self._database.transaction() as beside:
                await self._write_errors(beside, stored)
        self._tally += stored.tally

    async def _write_errors(self, session: AsyncSession, stored: Stored) -> None:
        errors, persons = stored.errors, self._persons(session)
        if persons and errors:
            errors = persons.concealed_errors(errors)
            await persons.keep(session)
        await jobs.write_errors(session, self._record.id, errors)

    def _persons(self, session: AsyncSession) -> Persons | None:
        return Persons.of(self._importer, self._record.id, self._record.header, session)

    async def _end(self, session: AsyncSession, state: str, event: Any) -> None:
        problem = None
        if state == "failed":
            detail = f"{self._tally.rejected} of {self._tally.rows} rows were rejected; nothing was stored."
            problem = RowsRejected(detail).document(self._record.context.request_id)
        tally = self._shown() if state == "failed" else self._tally
        done = self._tally.rows
        await jobs.finish(session, self._record.id, state, tally, done=done, problem=problem, event=event)

    # --- batches ---

    async def _batches(self) -> AsyncIterator[Batch]:
        """All of the file, also what is done already: its keys must be known. The next is read while one is stored."""
        async with self._database.transaction() as session:
            model = await self._importer.row_for(session, self._record.job)
        self._reader = reader = Reader(model, self._record.media_type, self._record.header)
        ahead = asyncio.create_task(self._read(reader, 0))
        try:
            while (batch := await ahead) is not None:
                ahead = asyncio.create_task(self._read(reader, batch.n + 1))
                yield batch
        finally:
            ahead.cancel()

    async def _read(self, reader: Reader, n: int) -> Batch | None:
        async with self._database.transaction() as session:
            chunk = await jobs.chunk(session, self._record.id, n)
            if chunk is None:
                return None
            records, persons = await asyncio.to_thread(unpacked, chunk.data), self._persons(session)
            if persons:
                records = await persons.revealed(session, records)
        return await asyncio.to_thread(self._read_chunk, reader, chunk, records)

    def _read_chunk(self, reader: Reader, chunk: Chunk, records: Sequence[FileRecord]) -> Batch:
        numbered = enumerate(records, start=chunk.first_row)
        return Batch(chunk.n, [self._unless_repeated(reader.read(number, record)) for number, record in numbered])

    def _unless_repeated(self, read: Read) -> Read:
        if read.values is None:
            return read
        content = read.values.model_dump_json().encode("utf-8", "surrogatepass")
        keys = [*self._importer.keys(read.values), *([("id", read.id)] if read.id else [])]
        earlier = self._seen.claim(keys, read.number, content)
        if earlier is None:
            return read
        code, what = ("duplicate_in_file", "is the same") if earlier.same else ("conflict_in_file", "says otherwise")
        return replace(
            read, values=None, errors=[Found(None, code, f"Row {earlier.row} has the same key and {what}.", None)]
        )

    async def _store(self, session: AsyncSession, batch: Batch) -> Stored:
        """Every row of the batch gets its outcome: one of the importer's, or the errors it had before."""
        rows = [Row(read.number, read.values, read.id) for read in batch.reads if read.values is not None]
        outcomes = await self._outcomes(session, rows) if rows else []
        by_row = dict(zip((row.number for row in rows), outcomes, strict=True))
        rejected = [(read.number, read.errors or self._told(read, by_row[read.number])) for read in batch.reads]
        rejected = [(number, wrong) for number, wrong in rejected if wrong]
        counts = {kind: outcomes.count(kind) for kind in ("created", "updated", "unchanged")}
        return Stored(Tally(**counts, rejected=len(rejected)), rejected)

    async def _outcomes(self, session: AsyncSession, rows: Sequence[Row[Any]]) -> Sequence[Outcome]:
        """What the fences or a command refuse of a single row must not take the others with it: halves are tried apart."""
        announced = session.info.get("last_event")
        try:
            async with session.begin_nested():
                return await self._importer.store(session, rows, self._record.job)
        except (errors.Problem, DBAPIError) as error:
            refused = refusal_in(error)
            if refused is None:
                raise
        session.info["last_event"] = announced
        if len(rows) == 1:
            return [Rejected([refused])]
        middle = len(rows) // 2
        return [*await self._outcomes(session, rows[:middle]), *await self._outcomes(session, rows[middle:])]

    def _told(self, read: Read, outcome: Outcome) -> Sequence[Found]:
        if not isinstance(outcome, Rejected):
            return []
        return self._reader.told(read.record, outcome.errors or [RowError(None, "rejected", "This row was refused.")])


def is_conflict(error: Exception) -> bool:
    return isinstance(error, Overtaken) or sqlstate(error) in REPEATABLE


def refusal_in(error: errors.Problem | DBAPIError) -> RowError | None:
    """The row's own fault; None where it is not, or not surely."""
    if isinstance(error, DBAPIError):
        error = errors.Forbidden() if sqlstate(error) == BEHIND_THE_FENCE else errors.InternalError()
    if error.status >= 500:
        return None
    return RowError(None, error.code.replace("-", "_"), str(error.detail))
