"""One engine a process, one transaction a request or event, and the columns every resource has."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache, lru_cache
from typing import Any, ClassVar, Protocol, Self, TypeVar, cast
from uuid import UUID

import asyncpg
import sqlalchemy
import sqlalchemy.event
import sqlalchemy.ext.asyncio
import sqlalchemy.orm
import uuid_utils.compat
from pydantic.fields import FieldInfo
from sqlalchemy import Enum, bindparam, func
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, async_sessionmaker, create_async_engine
from sqlalchemy.orm import configure_mappers
from sqlalchemy.orm.attributes import manager_of_class
from sqlmodel import Field, SQLModel, select
from sqlmodel import Session as SyncSession
from sqlmodel.ext.asyncio.session import AsyncSession

from shared import errors
from shared.context import current
from shared.permissions.visibility import Visibility
from shared.permissions.who import NOBODY_BUT_US, Who
from shared.personal.keyring import Keyring
from shared.reading import Reader

STATEMENT_TIMEOUT_MS = 30_000
IDLE_TIMEOUT_MS = 60_000
YOUNG_SECONDS = 300.0
OUTSIDE = "This lies outside of what your role may change."
TELL = "select " + ", ".join(f"set_config('{name}', ${n}, true)" for n, name in enumerate(NOBODY_BUT_US.settings(), 1))
SNAPSHOTS, SNAPSHOT_PATIENCE_SECONDS = 4, 5.0
ONE_MOMENT = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
PATIENCE_SECONDS = 2.0  # how long a write waits for an id that another service made


def uuid7() -> UUID:
    return uuid_utils.compat.uuid7()


def now() -> datetime:
    return datetime.now(UTC)


def create_engine(url: str, *, pool_size: int = 8, application_name: str = "score") -> AsyncEngine:
    """An engine over asyncpg; `url` may be written `postgresql://` or `postgres://`."""
    scheme, _, rest = url.partition("://")
    if scheme.split("+")[0] not in ("postgresql", "postgres"):
        raise SystemExit("A database URL must begin with postgresql://")
    engine = create_async_engine(
        f"postgresql+asyncpg://{rest}",
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=5,
        connect_args={
            "timeout": 5,
            "connection_class": Teller,
            "server_settings": {
                "application_name": application_name,
                "timezone": "UTC",
                "idle_in_transaction_session_timeout": str(IDLE_TIMEOUT_MS),
                # no disk turns: a page of a list is read off an index, not gathered and sorted
                "random_page_cost": "1.1",
            },
        },
    )
    sqlalchemy.event.listen(engine.sync_engine, "checkin", leave_nothing_untold)
    return engine


class Teller(asyncpg.Connection):
    """Says who asks in the same word that begins a transaction: `telling` goes with the next one that begins, and no other."""

    telling = ""

    async def execute(self, query: str, *args: Any, timeout: float | None = None) -> str:
        if self.telling and query.startswith("BEGIN"):
            query, self.telling = f"{query} {self.telling}", ""
        return await super().execute(query, *args, timeout=timeout)


Driver = asyncpg.Connection


async def driver_of(connection: AsyncConnection) -> Driver:
    """For who says the same few words all day: each is a transaction of its own."""
    return cast(Driver, (await connection.get_raw_connection()).driver_connection)


def leave_nothing_untold(connection: Any, _: Any) -> None:
    """What was to be said for a transaction that never began is not said for another's."""
    if connection is not None:
        connection.driver_connection.telling = ""


class PlainSession(SyncSession):
    execute = sqlalchemy.orm.Session.execute


@sqlalchemy.event.listens_for(PlainSession, "do_orm_execute")
def see_with(state: sqlalchemy.orm.ORMExecuteState) -> None:
    """The first fence: whatever is selected, only what this role may see; to be changed, only what it may change."""
    if state.is_select:
        locking = getattr(state.statement, "_for_update_arg", None) is not None
        known = state.session.info
        criteria = known["visibility"].criteria(known["who"], for_change=locking)
        state.statement = state.statement.options(*criteria) if criteria else state.statement


@sqlalchemy.event.listens_for(PlainSession, "after_begin")
def tell_database(session: PlainSession, _: Any, connection: sqlalchemy.Connection) -> None:
    """The second fence: the database is told who asks, for this transaction. A savepoint in it has been told."""
    teller: Any = connection.connection.driver_connection
    if not teller.is_in_transaction():
        teller.telling = telling_at_once(session.info["who"])


@lru_cache(1_000)
def telling_at_once(who: Who) -> str:
    """With its values in it: what begins a transaction takes no parameters."""
    values = {name: value.replace("'", "''") for name, value in who.settings().items()}
    return "select " + ", ".join(f"set_config('{name}', '{value}', true)" for name, value in values.items())


def telling(who: Who) -> tuple[str, tuple[str, ...]]:
    """A statement as the driver takes it."""
    return TELL, tuple(who.settings().values())


@asynccontextmanager
async def unfenced(session: AsyncSession) -> AsyncIterator[None]:
    """Within the block the programme itself looks and writes: for what must hold whoever asks, and is told to nobody."""
    who: Who = session.info["who"]
    await look_as(session, NOBODY_BUT_US)
    try:
        yield
    except errors.Problem:
        await look_as(session, who)
        raise
    else:
        await look_as(session, who)
    finally:
        session.info["who"] = who  # after any other failure the transaction is over


async def look_as(session: AsyncSession, who: Who) -> None:
    session.info["who"] = who
    await (await session.connection()).exec_driver_sql(*telling(who))


class Session(AsyncSession):
    """SQLModel's; it warns at each `execute`, `scalar` and `scalars`, which are right where a row is no model."""

    sync_session_class = PlainSession
    execute = sqlalchemy.ext.asyncio.AsyncSession.execute


class Database:
    """Gives transactions. Nothing else in a service commits."""

    def __init__(
        self, engine: AsyncEngine, visibility: Visibility | None = None, keyring: Keyring | None = None
    ) -> None:
        self.engine, self._visibility = engine, visibility or Visibility([])
        self._keyring = keyring
        self._sessions = async_sessionmaker(engine, class_=Session, expire_on_commit=False, autoflush=False)
        self.reader = Reader(engine, self._visibility)
        self._after_commit: list[Callable[[], None]] = []
        self._snapshots = asyncio.Semaphore(SNAPSHOTS)

    def _known(self) -> dict[str, Any]:
        return {"who": current().who, "visibility": self._visibility, "keyring": self._keyring}

    def after_commit(self, nudge: Callable[[], None]) -> None:
        """`nudge` is called after each commit that announced an event (the relay's wake-up)."""
        self._after_commit.append(nudge)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """Commits at the end, rolls back on any exception. A connection is taken at the first statement only.

        It sees what whoever is named by the present context may see.
        """
        async with self._sessions(info=self._known()) as session:
            async with session.begin():
                yield session
            if session.info.get("last_event"):
                for nudge in self._after_commit:
                    nudge()

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncSession]:
        """Reads only, and all it reads is of one moment; with the eyes of the present context.

        For what takes long: so few at a time that the others find a connection, 503 where none of them ends soon.
        """
        await self._take_snapshot()
        try:
            async with self._sessions(info=self._known()) as session:
                await session.connection(execution_options=ONE_MOMENT)
                yield session
        finally:
            self._snapshots.release()

    async def _take_snapshot(self) -> None:
        try:
            async with asyncio.timeout(SNAPSHOT_PATIENCE_SECONDS):
                await self._snapshots.acquire()
        except TimeoutError as error:
            raise errors.ServiceUnavailable("Many files are being written. Try again in a moment.", 10) from error

    async def close(self) -> None:
        await self.reader.close()
        await self.engine.dispose()


class LaterTransaction:
    """A transaction that is begun when it is asked for, if it ever is, and ends with the block."""

    def __init__(self, database: Database) -> None:
        self.database, self.session = database, cast(AsyncSession | None, None)
        self._stack = AsyncExitStack()

    async def begun(self) -> AsyncSession:
        if self.session is None:
            self.session = await self._stack.enter_async_context(self.database.transaction())
        return self.session

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *failure: Any) -> bool | None:
        return await self._stack.__aexit__(*failure)


Found = TypeVar("Found")


class Known(Protocol):
    """Any table whose rows have an id: a resource or a read-model."""

    id: Any


class ResourceColumns(SQLModel):
    """Columns of every resource. `created_by` is the client: `external_ref` is unique per collection and client.

    `untold` names columns that are computed from others and have no place in the history.
    """

    untold: ClassVar[frozenset[str]] = frozenset()

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    version: int = 1
    created_at: datetime = Field(default_factory=now, index=True)
    updated_at: datetime = Field(default_factory=now, index=True)
    created_by: str = ""
    external_ref: str | None = None

    @classmethod
    def made(cls, **values: Any) -> Self:
        """A new one that is in no session, for rows by the thousand. What the class's own way takes most of its time for is left
        out: to look at the signature of each default, and at each assignment.
        """
        one: Self = manager_of_class(cls).new_instance()
        one.__dict__.update({name: make() for name, make in defaults_of(cls)})
        one.__dict__.update(values)
        return one

    @classmethod
    async def for_change(cls, session: AsyncSession, id: UUID) -> Self:
        """The row, locked until the transaction ends; `NotFound` if there is none, `Forbidden` if it may only be seen."""
        found: Self | None = (await session.exec(locked(cls), params={"id": id})).first()
        if found is None:
            await cls.named(session, id)
            raise errors.Forbidden(OUTSIDE)
        return found

    @classmethod
    async def named(cls, session: AsyncSession, id: UUID) -> Self:
        """The row a path names; `NotFound` if there is none."""
        return cls.there(await session.get(cls, id))

    @classmethod
    async def read(cls, reader: Reader, id: UUID) -> Self:
        """The same, but only to be looked at: in no session."""
        return cls.there(await reader.named(cls, id, current().who))

    @classmethod
    def there(cls, found: Self | None) -> Self:
        """`NotFound` unless it is answered under its own id."""
        if found is None:
            raise errors.NotFound()
        return found


@cache
def locked(model: type[ResourceColumns]) -> Any:
    """Made once, since to make a statement takes as long as to say it."""
    return select(model).where(model.id == bindparam("id")).with_for_update()


@cache
def defaults_of(model: type[ResourceColumns]) -> Sequence[tuple[str, Callable[[], Any]]]:
    """Of each column what makes its value; of one that must be given, None."""
    configure_mappers()  # as the first instance made in the class's own way would
    fields = model.model_fields
    return [(name, default_of(fields[name])) for name in fields]


def default_of(field: FieldInfo) -> Callable[[], Any]:
    make: Any = field.default_factory
    return make or (lambda: None if field.is_required() else field.default)


def choice(states: type[StrEnum]) -> Any:
    """Column type of an enumeration: its values as text, so that a new value needs no migration."""
    return Enum(states, native_enum=False, length=40, values_callable=lambda kind: [member.value for member in kind])


async def refuse_taken_ref(session: AsyncSession, model: type[ResourceColumns], external_ref: str | None) -> None:
    """409 `already-exists` with `Location` of the first, when this client has used `external_ref` in this collection."""
    if external_ref is None:
        return
    if first := (await session.exec(same_ref(model), params={"ref": external_ref, "by": current().subject})).first():
        place = errors.pointer("taken", "You have used this external_ref before.", "external_ref")
        raise errors.AlreadyExists(str(first), errors=[place])


@cache
def same_ref(model: type[ResourceColumns]) -> Any:
    return select(model.id).where(model.external_ref == bindparam("ref"), model.created_by == bindparam("by"))


async def refuse_taken_code(session: AsyncSession, model: Any, code: str) -> None:
    """409 `already-exists` with `Location` of the holder, when `code` is taken in this collection."""
    if holder := (await session.exec(select(model.id).where(model.code == code))).first():
        raise errors.AlreadyExists(str(holder), errors=[errors.pointer("taken", "This code is taken.", "code")])


async def refuse_unknown(session: AsyncSession, model: type[Known], id: UUID | None, *path: str | int) -> None:
    """422 `unknown-reference` at `path` unless `id` (if any) names a row of `model`."""
    if id is not None and not await await_ids(session, model, [id]):
        raise errors.UnknownReference(errors=[unknown_place(*path)])


async def refuse_unknowns(session: AsyncSession, model: type[Known], ids: Sequence[UUID], *path: str | int) -> None:
    """The same for a list: the pointer ends in the index."""
    known = await await_ids(session, model, ids)
    if places := [unknown_place(*path, index) for index, id in enumerate(ids) if id not in known]:
        raise errors.UnknownReference(errors=places)


def unknown_place(*path: str | int) -> errors.Place:
    return errors.pointer("unknown_reference", "This id names nothing that you may see.", *path)


async def await_ids(session: AsyncSession, model: type[Known], ids: Iterable[UUID]) -> set[UUID]:
    """Those of `ids` that name rows. What another service made may be on its way: it is waited for, two seconds at most."""
    wanted = set(ids)

    async def known() -> set[UUID]:
        return await known_ids(session, model, wanted)

    if is_own(model):
        return await known()
    return await patiently(known, lambda found: not any(map(is_young, wanted - found)))


def is_young(id: UUID) -> bool:
    """Made within the last minutes, as its own time says (UUIDv7): an older one is not on its way, nor is an invented one."""
    made = (id.int >> 80) / 1000
    return id.version == 7 and abs(time.time() - made) < YOUNG_SECONDS


def is_own(model: type) -> bool:
    """A resource of this service: whether it is there is known at once, where a view may be behind."""
    return issubclass(model, ResourceColumns)


class OnItsWay(Exception):
    """What is named may come in a moment: the request is worth another try, in a transaction of its own."""


class Patience:
    """Seconds that are left to wait for what is on its way."""

    def __init__(self, seconds: float = PATIENCE_SECONDS) -> None:
        self.left = seconds

    async def pause(self) -> None:
        await asyncio.sleep(0.02)


class PatienceOutside(Patience):
    """Of a request: between two tries no connection is held. Who makes up ids by the dozen keeps nobody else waiting for one."""

    tries = 0

    async def pause(self) -> None:
        raise OnItsWay()

    async def outside(self) -> None:
        """Longer each time, so that tries are few; not for all the same time, so that they don't come at once."""
        self.tries += 1
        seconds = min(0.02 * 2**self.tries * random.uniform(0.5, 1), self.left)
        self.left -= seconds
        await asyncio.sleep(seconds)


# an import has one patience for all of its batches, a request one for all of its tries
common_patience: ContextVar[Patience | None] = ContextVar("score_patience", default=None)


async def patiently(look: Callable[[], Awaitable[Found]], enough: Callable[[Found], bool]) -> Found:
    """What `look` finds, looked for again until it is enough or the patience is over."""
    patience = common_patience.get() or Patience()
    found = await look()
    while not enough(found) and patience.left > 0:
        began = time.monotonic()
        await patience.pause()
        found = await look()
        patience.left -= time.monotonic() - began
    return found


async def known_ids(session: AsyncSession, model: type[Known], ids: Iterable[UUID]) -> set[UUID]:
    wanted = set(ids)
    return set((await session.exec(select(model.id).where(model.id.in_(wanted)))).all()) if wanted else set()


async def count_of(session: AsyncSession, statement: Any) -> int:
    """Number of rows `statement` would give."""
    return (await session.exec(select(func.count()).select_from(statement.order_by(None).subquery()))).one()
