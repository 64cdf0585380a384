"""What is written in sets is what was given, to the digit and the microsecond, in the order in which it was given."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Identity,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    Table,
    Text,
    Uuid,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.db import create_engine, uuid7
from shared.sets import among, carry_out, insert_all, insertion
from shared.writing import Rows, write
from tests.shared.events.conftest import new_database
from tests.shared.events.servers import Postgres

things = Table(
    "things",
    MetaData(),
    Column("id", Uuid, primary_key=True),
    Column("place", BigInteger, Identity(always=True)),
    Column("column", Text),  # a name that has to be quoted
    Column("many", ARRAY(Text)),
    Column("ids", ARRAY(Uuid)),
    Column("facts", JSONB(none_as_null=True)),
    Column("amount", Numeric),
    Column("count", Integer),
    Column("sure", Boolean),
    Column("day", Date),
    Column("at", DateTime(timezone=True)),
    Column("data", LargeBinary),
)
MOMENT = datetime(2012, 3, 31, 23, 59, 59, 123456, UTC)
FULL = {
    "column": 'a "quoted" \\ \n text, 中国 \U0001f600',
    "many": ["", "a,b", '{"x"}', "NULL"],
    "facts": {"n": 1.5, "deep": [None, {"a": "\u2028"}]},
    "amount": Decimal("12345678901234567890.000000000123"),
    "count": -(2**31),
    "sure": False,
    "day": date(1999, 12, 31),
    "at": MOMENT,
    "data": bytes(range(256)),
}
EMPTY = dict.fromkeys(FULL) | {"many": [], "facts": None, "data": b""}


@pytest.fixture
async def connection(postgres: Postgres) -> AsyncIterator[AsyncConnection]:
    engine = create_engine(await new_database(postgres))
    async with engine.begin() as connection:
        await connection.run_sync(things.metadata.create_all)
        yield connection
    await engine.dispose()


async def kept(connection: AsyncConnection) -> list[dict[str, Any]]:
    rows = await connection.execute(select(things).order_by(things.c.place))
    return [{name: value for name, value in row.items() if name != "place"} for row in rows.mappings()]


async def test_all_kinds_of_values_are_kept_as_they_were_and_in_their_order(connection: AsyncConnection) -> None:
    rows = [{"id": uuid7(), **values, "ids": [uuid7(), uuid7()]} for values in (FULL, EMPTY) * 50]
    rows.reverse()
    await insert_all(connection, things, rows)
    assert await kept(connection) == rows
    await insert_all(connection, things, [])
    assert await connection.scalar(select(func.count()).select_from(things)) == len(rows)


async def test_changes_reach_their_rows_and_leave_the_rest(connection: AsyncConnection) -> None:
    rows = [{"id": uuid7(), **FULL, "ids": []} for _ in range(3)]
    await insert_all(connection, things, rows)
    changes = [{"id": rows[n]["id"], "count": n, "facts": None, "many": [str(n)]} for n in (2, 0)]
    assert await write(connection, [Rows.changed(things, changes)]) == 2
    expected = [row | next((one for one in changes if one["id"] == row["id"]), {}) for row in rows]
    by_id = {row["id"]: row for row in await kept(connection)}
    assert [by_id[row["id"]] for row in rows] == expected


async def test_a_set_may_say_what_becomes_of_those_that_are_there(connection: AsyncConnection) -> None:
    first, second = uuid7(), uuid7()
    await insert_all(connection, things, [{"id": first, "count": 1}])
    unless_there = insertion(things, ("id", "count")).on_conflict_do_nothing().returning(things.c.id)
    made = await carry_out(connection, unless_there, [{"id": id, "count": 2} for id in (first, second)])
    assert list(made.scalars()) == [second]


async def test_one_statement_writes_all_kinds_of_rows_and_counts_what_came_first(connection: AsyncConnection) -> None:
    there, new, then = uuid7(), uuid7(), uuid7()
    await insert_all(connection, things, [{"id": there, "count": 1}])
    changed = Rows.changed(things, [{"id": there, "count": 2}, {"id": uuid7(), "count": 2}])
    first = [Rows.new(things, [{"id": new, "column": "new"}]), changed]
    later = Rows.new(things, [{"id": id, "count": 3, "column": "then"} for id in (then, uuid7())])
    assert await write(connection, first, [later]) == 2  # of three: one to be changed is not there
    rows = await kept(connection)
    assert [(row["id"], row["column"], row["count"]) for row in rows[:3]] == [
        (there, None, 2),
        (new, "new", None),
        (then, "then", 3),
    ]
    assert await write(connection, [], [Rows.new(things, [{"id": then, "count": 4}], "replace")]) == 0
    again = Rows.new(things, [{"id": then, "count": 5}, {"id": uuid7(), "count": 5}], "leave")
    assert await write(connection, [again]) == 1
    assert [(row["count"], row["column"]) for row in await kept(connection) if row["id"] == then] == [(4, "then")]


async def test_rows_are_found_among_any_number_of_values(connection: AsyncConnection) -> None:
    ids = [uuid7() for _ in range(5)]
    await insert_all(connection, things, [{"id": id, "column": str(n)} for n, id in enumerate(ids)])

    async def found(condition: Any) -> set[UUID]:
        return set((await connection.execute(select(things.c.id).where(condition))).scalars())

    assert await found(among(things.c.id, ids[:2])) == set(ids[:2])
    assert await found(among(things.c.column, ["4", "none"])) == {ids[4]}
    assert await found(among(things.c.id, [])) == set()


async def test_what_is_no_value_of_a_column_is_refused(connection: AsyncConnection) -> None:
    with pytest.raises(TypeError):
        await insert_all(connection, things, [{"id": uuid7(), "column": object()}])
