"""Ids that are read as another: of two records of one thing that were merged, the one goes on in the other.

A service keeps them in a table of its own (`SuccessorColumns`). Rows are stored under the id that counts now; those that were
recorded under another say so in `recorded_under`. Where a row lies is therefore a function of what it was recorded under and of
this table: whatever order events come in, and whatever is undone, it comes out the same.

Successors(MergedEnterprise, "enterprise_id")          # the door: bodies and queries that name an old id mean the new one
homes = await learn(session, MergedEnterprise, event)  # a merge, or its undoing, in any order; then the rows are moved
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from fastapi import Request
from sqlalchemy import ARRAY, ColumnElement, Uuid, and_, exists, func, literal, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel

from shared.sets import among
from shared.types import UUID_TEXT
from shared.views import Row, keep_newest

Homes = Mapping[UUID, UUID]
Placing = Callable[[AsyncSession, Sequence[Row]], Awaitable[list[Row]]]


class SuccessorColumns(SQLModel):
    """`merged_into` is what was said, None once it is undone; `successor_id` the end of the chain that begins there."""

    id: UUID = Field(primary_key=True)
    version: int
    merged_into: UUID | None = Field(None, index=True)
    successor_id: UUID | None = Field(None, index=True)


class Merger(Protocol):
    """What tells of it: the aggregate's own id and version."""

    @property
    def id(self) -> UUID: ...

    @property
    def version(self) -> int: ...

    @property
    def merged_into(self) -> UUID | None: ...


# --- learning --------------------------------------------------------------------------------------------------


async def learn(session: AsyncSession, model: Any, told: Merger) -> dict[UUID, UUID]:
    """Where everything recorded under that id, or under one merged into it, lies from now on; nothing if the news is old."""
    connection = await session.connection()
    # two at once would each compute chains without the other's link
    await connection.execute(select(func.pg_advisory_xact_lock(func.hashtext("score successors"))))
    if not await keep_newest(session, model, id=told.id, version=told.version, merged_into=told.merged_into):
        return {}
    family = await chained(session, DOWN, model, told.id)
    links = dict(family | await chained(session, UP, model, told.id))
    homes = {id: end_of(id, links) for id in family}
    table = model.__table__
    for id, home in homes.items():
        await connection.execute(
            update(table).where(table.c.id == id).values(successor_id=None if home == id else home)
        )
    return homes


DOWN = """
with recursive chain(id) as (
    select cast(:id as uuid) union select next.id from {table} as next join chain on next.merged_into = chain.id
) select chain.id, known.merged_into from chain left join {table} as known using (id)
"""
UP = """
with recursive chain(id) as (
    select cast(:id as uuid) union select next.merged_into from {table} as next join chain on next.id = chain.id
) select chain.id, known.merged_into from chain join {table} as known using (id)
"""


async def chained(session: AsyncSession, statement: str, model: Any, id: UUID) -> dict[UUID, UUID | None]:
    known = await (await session.connection()).execute(text(statement.format(table=model.__table__.name)), {"id": id})
    return {row.id: row.merged_into for row in known}


def end_of(id: UUID, links: Mapping[UUID, UUID | None]) -> UUID:
    """Links that lead back to themselves are there only until what undid one of them arrives."""
    passed = [id]
    while (following := links.get(passed[-1])) is not None:
        if following in passed:
            return min(passed[passed.index(following) :])
        passed.append(following)
    return passed[-1]


# --- reading ---------------------------------------------------------------------------------------------------


async def successors_of(session: AsyncSession, model: Any, ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """Those of `ids` that are read as another, with that."""
    known = model.__table__.c
    if not (wanted := list(ids)):
        return {}
    found = select(known.id, known.successor_id).where(among(known.id, wanted), known.successor_id.is_not(None))
    rows = await (await session.connection()).execute(found)
    return {row.id: row.successor_id for row in rows}


async def merged_into(session: AsyncSession, model: Any, id: UUID) -> list[UUID]:
    """All that are read as `id`."""
    known = model.__table__.c
    found = select(known.id).where(known.successor_id == id).order_by(known.id)
    return list((await (await session.connection()).execute(found)).scalars())


def read_as(model: Any, id: ColumnElement[Any]) -> ColumnElement[Any]:
    """What `id` is read as, in SQL; computed once a statement."""
    known = model.__table__.c
    return select(
        func.coalesce(select(known.successor_id).where(known.id == id).scalar_subquery(), id)
    ).scalar_subquery()


def all_read_as(model: Any, id: ColumnElement[Any]) -> Any:
    """Those that are read as what `id` is read as, but for that itself."""
    known = model.__table__.c
    return select(known.id).where(known.successor_id == read_as(model, id))


def recorded_under(columns: Any, ids: Any) -> ColumnElement[bool]:
    """Rows that were recorded under one of `ids`, wherever they lie now; each half has its index."""
    own = and_(columns.recorded_under.is_(None), columns.enterprise_id.in_(ids))
    return or_(own, columns.recorded_under.in_(ids))


# --- where rows lie --------------------------------------------------------------------------------------------


def placing_lists(model: Any) -> Placing:
    """The same for copies with a list of ids (`enterprise_ids`, as they were named in `recorded_ids`)."""

    async def place(session: AsyncSession, rows: Sequence[Row]) -> list[Row]:
        told = [row.get("recorded_ids") or row["enterprise_ids"] for row in rows]
        homes = await successors_of(session, model, {id for ids in told for id in ids})
        return [{**row, **lists_of(ids, homes)} for row, ids in zip(rows, told, strict=True)]

    return place


def lists_of(told: Sequence[UUID], homes: Homes) -> dict[str, Any]:
    """The columns of a row that names `told`."""
    present = list(dict.fromkeys(homes.get(id, id) for id in told))
    return {"enterprise_ids": present, "recorded_ids": None if present == list(told) else list(told)}


async def move_lists(session: AsyncSession, view: Any, model: Any, homes: Homes) -> None:
    """Of the rows of `view` that name any of the ids."""
    table = view.__table__
    connection = await session.connection()
    told = func.coalesce(table.c.recorded_ids, table.c.enterprise_ids)
    naming = (
        select(table.c.id, told.label("told")).where(told.op("&&")(literal(list(homes), ARRAY(Uuid)))).with_for_update()
    )
    for row in (await connection.execute(naming)).all():
        all_homes = await successors_of(session, model, row.told)
        await connection.execute(update(table).where(table.c.id == row.id).values(**lists_of(row.told, all_homes)))


def placing(model: Any) -> Placing:
    """For copies of rows that belong to one id (`enterprise_id`, `recorded_under`): each goes where it lies by what is known."""

    async def place(session: AsyncSession, rows: Sequence[Row]) -> list[Row]:
        told = [row.get("recorded_under") or row["enterprise_id"] for row in rows]
        homes = await successors_of(session, model, set(told))
        return [
            {**row, "enterprise_id": homes.get(id, id), "recorded_under": id if id in homes else None}
            for row, id in zip(rows, told, strict=True)
        ]

    return place


async def move_copies(session: AsyncSession, model: Any, homes: Homes, **besides: Any) -> None:
    """The rows of `model` recorded under any of the ids go home, and get the values `besides`; nobody else is told."""
    columns = model.__table__.c
    for id, home in homes.items():
        astray = and_(recorded_under(columns, [id]), columns.enterprise_id != home)
        moved = update(model.__table__).where(astray)
        await (await session.connection()).execute(
            moved.values(enterprise_id=home, recorded_under=None if id == home else id, **besides)
        )


def placing_consents(model: Any) -> Placing:
    """For copies of consents: one of before there were mergers covers the id it was given for."""
    place_rows = placing(model)

    async def place(session: AsyncSession, rows: Sequence[Row]) -> list[Row]:
        placed = await place_rows(session, rows)
        return [{**row, "covers": row["covers"] or [row["recorded_under"] or row["enterprise_id"]]} for row in placed]

    return place


async def affected(session: AsyncSession, model: Any, homes: Homes) -> Sequence[Any]:
    """Rows of `model` recorded under any of the ids, with all that lie where those lie or will lie; locked."""
    own = select(model.enterprise_id).where(recorded_under(model, list(homes))).distinct()
    places = {*(await session.execute(own)).scalars(), *homes.values()}
    there = select(model).where(model.enterprise_id.in_(places)).order_by(model.id).with_for_update()
    return (await session.execute(there)).scalars().all()


def moves_home(row: Any, homes: Homes) -> bool:
    """Puts `row` where it belongs; whether it lay elsewhere."""
    told = row.recorded_under or row.enterprise_id
    home = homes.get(told, row.enterprise_id)
    if home == row.enterprise_id:
        return False
    row.enterprise_id, row.recorded_under = home, None if told == home else told
    return True


async def astray(session: AsyncSession, model: Any, tables: Iterable[Any]) -> Homes:
    """Ids under which rows still lie although they are read as another: what was being written when the news came."""
    known = model.__table__.c
    found: dict[UUID, UUID] = {}
    for table in tables:
        lying = exists().where(table.__table__.c.enterprise_id == known.id)
        rows = await (await session.connection()).execute(
            select(known.id, known.successor_id).where(known.successor_id.is_not(None), lying)
        )
        found |= {row.id: row.successor_id for row in rows}
    return found


# --- the door --------------------------------------------------------------------------------------------------


class Successors:
    """`names` are the fields and parameters whose ids are read so."""

    def __init__(self, model: Any, *names: str) -> None:
        self.model, self.names = model, frozenset(names)

    async def read(self, session: AsyncSession, request: Request) -> None:
        """Old ids in the body and the query become the new ones. No statement where there are none."""
        named = self.named_in(request)
        homes = {str(old): str(new) for old, new in (await successors_of(session, self.model, named)).items()}
        if homes:
            if (body := getattr(request, "_json", None)) is not None:
                request._json = self.renamed(body, homes)
            self._rename_query(request, pairs_of(request), homes)

    def named_in(self, request: Request) -> set[UUID]:
        """Ids in the places where an old one may stand."""
        asked = [one for name, value in pairs_of(request) if name in self.names for one in value.split(",")]
        told = [*self.ids_in(getattr(request, "_json", None)), *asked]
        return {UUID(one) for one in told if UUID_TEXT.fullmatch(one)}

    def ids_in(self, value: Any) -> Iterator[str]:
        if isinstance(value, list):
            for part in value:
                yield from self.ids_in(part)
        elif isinstance(value, dict):
            for name, part in value.items():
                if name not in self.names:
                    yield from self.ids_in(part)
                else:
                    yield from (one for one in (part if isinstance(part, list) else [part]) if isinstance(one, str))

    def renamed(self, value: Any, homes: Mapping[str, str]) -> Any:
        if isinstance(value, list):
            return [self.renamed(part, homes) for part in value]
        if isinstance(value, dict):
            return {
                name: renamed_ids(part, homes) if name in self.names else self.renamed(part, homes)
                for name, part in value.items()
            }
        return value

    def _rename_query(self, request: Request, pairs: Sequence[tuple[str, str]], homes: Mapping[str, str]) -> None:
        told = [(name, renamed_list(value, homes) if name in self.names else value) for name, value in pairs]
        request.scope["query_string"] = urlencode(told).encode()
        request.__dict__.pop("_query_params", None)  # as it was read before


def pairs_of(request: Request) -> list[tuple[str, str]]:
    return parse_qsl(request.scope["query_string"].decode("ascii"), keep_blank_values=True)


def renamed_ids(value: Any, homes: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return list(dict.fromkeys(renamed_ids(one, homes) for one in value))
    return homes.get(value, value) if isinstance(value, str) else value


def renamed_list(value: str, homes: Mapping[str, str]) -> str:
    return ",".join(dict.fromkeys(homes.get(one, one) for one in value.split(",")))
