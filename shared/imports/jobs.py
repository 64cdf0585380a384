"""The records of imports in the database. Whatever moves a job on names the state it was in: a worker that lost its job
finds out, and what it did is rolled back.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any, Self
from uuid import UUID

from sqlalchemy import RowMapping, Select, Text, case, cast, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared.auth import Principal
from shared.context import Context
from shared.imports.files import Chunk
from shared.imports.importer import Job, Mode
from shared.imports.rows import Found
from shared.sets import insert_all
from shared.tables import import_chunks, import_errors, import_persons, imports

FILE_KEPT_FOR = timedelta(days=7)
KEPT_FOR = timedelta(days=30)
FORGOTTEN_AT_ONCE = 500
TO_DO = ("queued", "running")
PLACES = 32  # the n-th error of a row is told at PLACES * row + n

PLACE = cast(imports.c.id, Text).label("place")

Executor = AsyncConnection | AsyncSession


class Superseded(Exception):
    """Somebody else has this job, or it was ended."""


@dataclass(frozen=True)
class Tally:
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(**{name: value + getattr(other, name) for name, value in asdict(self).items()})

    @property
    def rows(self) -> int:
        return self.created + self.updated + self.unchanged + self.rejected

    def nothing_stored(self) -> "Tally":
        return replace(self, created=0, updated=0)


@dataclass(frozen=True)
class Record:
    """An import as it is kept."""

    id: UUID
    collection: str
    mode: Mode
    media_type: str
    header: Sequence[str]
    by: str
    context: Context
    job: Job
    done: int
    total: int
    attempts: int
    tally: Tally

    @classmethod
    def of(cls, row: RowMapping) -> Self:
        context, ids = row["context"], {name: UUID(id) for name, id in row["ids"].items()}
        principal = principal_of(context["principal"])
        return cls(
            **{name: row[name] for name in ("id", "collection", "mode", "media_type", "header", "by")},
            **{name: row[name] for name in ("done", "total", "attempts")},
            context=Context(context["request_id"], context["traceparent"], row["by"], principal.who),
            job=Job(row["id"], row["by"], ids, principal, row["options"]),
            tally=Tally(**{name: row[name] for name in asdict(Tally())}),
        )


def kept_principal(principal: Principal) -> dict[str, Any]:
    known = asdict(principal)
    ids = {name: str(value) for name, value in known.items() if isinstance(value, UUID)}
    return known | ids | {"scopes": sorted(principal.scopes), "countries": list(principal.countries)}


def principal_of(kept: Mapping[str, Any]) -> Principal:
    ids = {name: kept[name] and UUID(kept[name]) for name in ("organisation_id", "enterprise_id", "trainer_id")}
    sets = {"scopes": frozenset(kept["scopes"]), "countries": tuple(kept["countries"])}
    return Principal(**{**kept, **ids, **sets})


# --- a worker's side -------------------------------------------------------------------------------------------


async def waiting(connection: AsyncConnection) -> Sequence[UUID]:
    oldest = select(imports.c.id).where(imports.c.state.in_(TO_DO)).order_by(imports.c.created_at).limit(50)
    return (await connection.execute(oldest)).scalars().all()


async def begin(connection: AsyncConnection, id: UUID) -> Record | None:
    """The job, running; None if there is nothing to do any more. What `atomic` and `dry_run` found before is forgotten."""
    started = update(imports).where(imports.c.id == id, imports.c.state.in_(TO_DO)).returning(imports)
    started = started.values(state="running", attempts=imports.c.attempts + 1, updated_at=func.now())
    row = (await connection.execute(started)).mappings().first()
    if row is None:
        return None
    record = Record.of(row)
    if record.mode == "partial" or record.attempts == 1:
        return record
    await connection.execute(delete(import_errors).where(import_errors.c.import_id == id))
    await connection.execute(update(imports).where(imports.c.id == id).values(done=0, **asdict(Tally())))
    return replace(record, done=0, tally=Tally())


async def chunk(executor: Executor, id: UUID, n: int) -> Chunk | None:
    wanted = select(import_chunks).where(import_chunks.c.import_id == id, import_chunks.c.n == n)
    row = (await executor.execute(wanted)).mappings().first()
    return Chunk(row["n"], row["first_row"], row["rows"], row["data"]) if row else None


async def advance(session: AsyncSession, id: UUID, before: int, tally: Tally, event: UUID | None, ends: bool) -> None:
    """A batch of `partial`, in the batch's own transaction: `tally` is the sum so far."""
    moved = update(imports).where(imports.c.id == id, imports.c.state == "running", imports.c.done == before)
    values: dict[str, Any] = {"done": tally.rows, **asdict(tally), "attempts": 0, "updated_at": func.now()}
    if event:
        values["last_event"] = event
    if ends:
        values |= {"state": "succeeded", "finished_at": func.now()}
    if (await (await session.connection()).execute(moved.values(values))).rowcount != 1:
        raise Superseded


async def look(connection: AsyncConnection, id: UUID, done: int, tally: Tally) -> bool:
    """Tells the progress of what can't tell it in its own transaction; True: somebody wants the job ended."""
    told = update(imports).where(imports.c.id == id, imports.c.state == "running").returning(imports.c.cancel_requested)
    return bool(await connection.scalar(told.values(done=done, **asdict(tally), updated_at=func.now())))


async def wanted_ended(connection: AsyncConnection, id: UUID) -> bool:
    return bool(await connection.scalar(select(imports.c.cancel_requested).where(imports.c.id == id)))


async def finish(
    executor: Executor,
    id: UUID,
    state: str,
    tally: Tally | None,
    *,
    done: int | None = None,
    problem: Mapping[str, Any] | None = None,
    event: UUID | None = None,
) -> None:
    """`tally` None: it stands already."""
    values: dict[str, Any] = {"state": state, "finished_at": func.now(), "updated_at": func.now()}
    values |= {"problem": problem} if problem else {}
    values |= {"last_event": event} if event else {}
    values |= {} if tally is None else asdict(tally)
    values |= {} if done is None else {"done": done}
    ended = update(imports).where(imports.c.id == id, imports.c.state == "running").values(values)
    if (await executor.execute(ended.returning(imports.c.id))).first() is None:
        raise Superseded


async def write_errors(session: AsyncSession, id: UUID, found: Iterable[tuple[int, Sequence[Found]]]) -> None:
    rows = [
        {"import_id": id, "place": PLACES * number + n, "row": number, **asdict(error)}
        for number, wrong in found
        for n, error in enumerate(wrong, start=1)
    ]
    await insert_all(session, import_errors, rows)


# --- the API's side --------------------------------------------------------------------------------------------


async def keep_job(session: AsyncSession, values: Mapping[str, Any]) -> None:
    await session.execute(insert(imports).values(**values))


async def keep_chunks(session: AsyncSession, id: UUID, chunks: Sequence[Chunk]) -> None:
    rows = [{"import_id": id, **asdict(one)} for one in chunks]
    await (await session.connection()).execute(insert(import_chunks), rows)


async def keep_total(session: AsyncSession, id: UUID, total: int) -> None:
    await session.execute(update(imports).where(imports.c.id == id).values(total=total))


def errors_of(id: UUID) -> Select[Any]:
    """All errors of an import; `place` is unique among them and in the order of the file."""
    return select(import_errors).where(import_errors.c.import_id == id)


async def flawed_chunks(session: AsyncSession, id: UUID) -> Sequence[int]:
    """Numbers of the chunks that have rejected rows."""
    last = import_chunks.c.first_row + import_chunks.c.rows - 1
    within = import_errors.c.place.between(PLACES * import_chunks.c.first_row, PLACES * (last + 1))
    flawed = select(import_errors.c.row).where(import_errors.c.import_id == import_chunks.c.import_id, within).exists()
    wanted = select(import_chunks.c.n).where(import_chunks.c.import_id == id, flawed).order_by(import_chunks.c.n)
    return (await session.execute(wanted)).scalars().all()


async def errors_in(session: AsyncSession, id: UUID, chunk: Chunk) -> Sequence[RowMapping]:
    first, last = PLACES * chunk.first_row, PLACES * (chunk.first_row + chunk.rows)
    wanted = errors_of(id).where(import_errors.c.place.between(first, last)).order_by(import_errors.c.place)
    found: Sequence[RowMapping] = (await session.execute(wanted)).mappings().all()
    return found


async def has_file(session: AsyncSession, id: UUID) -> bool:
    first = select(import_chunks.c.n).where(import_chunks.c.import_id == id).limit(1)
    return (await session.execute(first)).first() is not None


def all_of(collection: str, ids: Mapping[str, UUID], by: str | None, states: Sequence[str]) -> Select[Any]:
    """Of one path; `by` None: whoever sent them; no `states`: any. `place` is in the order in which they came."""
    here = imports.c.ids == {name: str(id) for name, id in ids.items()}
    wanted = select(imports, PLACE).where(imports.c.collection == collection, here)
    conditions = [imports.c.by == by] if by is not None else []
    return wanted.where(*conditions, *([imports.c.state.in_(states)] if states else []))


async def row_of(session: AsyncSession, collection: str, id: UUID) -> RowMapping | None:
    wanted = select(imports).where(imports.c.id == id, imports.c.collection == collection)
    found: RowMapping | None = (await session.execute(wanted)).mappings().first()
    return found


async def ask_to_cancel(session: AsyncSession, id: UUID) -> RowMapping | None:
    """What nobody works on ends at once; None if it has ended already."""
    queued = imports.c.state == "queued"
    asked = update(imports).where(imports.c.id == id, imports.c.state.in_(TO_DO)).returning(imports)
    asked = asked.values(
        cancel_requested=True,
        updated_at=func.now(),
        state=case((queued, "cancelled"), else_=imports.c.state),
        finished_at=case((queued, func.now()), else_=None),
    )
    found: RowMapping | None = (await session.execute(asked)).mappings().first()
    return found


async def forget_old(session: AsyncSession) -> int:
    """Files 7 days after the end, all of it after 30; a bounded number at once. Gives the number of what was forgotten."""
    ended = select(imports.c.id).order_by(imports.c.finished_at).limit(FORGOTTEN_AT_ONCE)
    old = ended.where(imports.c.finished_at < func.now() - KEPT_FOR)
    connection = await session.connection()
    forgotten = (await connection.execute(delete(imports).where(imports.c.id.in_(old)))).rowcount
    kept = select(import_chunks.c.n).where(import_chunks.c.import_id == imports.c.id).exists()
    read = ended.where(imports.c.finished_at < func.now() - FILE_KEPT_FOR, kept)
    await connection.execute(delete(import_persons).where(import_persons.c.import_id.in_(read)))
    return (
        forgotten
        + (await connection.execute(delete(import_chunks).where(import_chunks.c.import_id.in_(read)))).rowcount
    )
