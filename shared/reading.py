"""Hot reads: rows of resources without the ORM's session, each question one word with the database.

    enterprise = await reader.named(Enterprise, enterprise_id, who)  # None if there is none that `who` sees
    enterprises = await reader.rows(Enterprise, statement, ["created_at", "id"], who)

A session says four words for each: begin, who asks, the question, commit; and making its objects costs more than the query.
Both fences stand here as there. The application's: the statement gets the conditions of the role, as in `shared.db`. The
database's: it is told who asks by the very statement that asks, for the time of that statement (see `after_telling`).

What is read is a row as its model shows it (its properties and rules work), but in no session: it can't be changed and stored.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar, cast
from uuid import UUID

import asyncpg
import orjson
from sqlalchemy import JSON, Enum, Select, bindparam, inspect, literal_column, select
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlalchemy.util import LRUCache
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

from shared.connections import Connections
from shared.permissions.visibility import Visibility
from shared.permissions.who import Who

KEPT_STATEMENTS = 500
WANTED = "wanted_id"
HEARD: Any = literal_column("told.heard")
SETTINGS = {
    "application_name": "score reader",
    "timezone": "UTC",
    "default_transaction_read_only": "on",
    "random_page_cost": "1.1",  # as everywhere: see `shared.db`
}

AS_THE_DRIVER_GIVES = (AutoString, UTCDateTime)

Row = TypeVar("Row")
Read = Callable[[Any], Any]


class Reader:
    """One a process: connections of their own, on which nothing is ever written."""

    def __init__(self, engine: AsyncEngine, visibility: Visibility) -> None:
        """To the database of `engine`."""
        self._dialect = engine.dialect
        self._connections = Connections(self._dialect.create_connect_args(engine.url)[1], SETTINGS)
        self._visibility = visibility
        self._compiled: Any = LRUCache(KEPT_STATEMENTS)
        self._by_id = lru_cache(KEPT_STATEMENTS)(self._question_by_id)

    async def named(self, model: type[Row], id: UUID, who: Who) -> Row | None:
        """The row of `model` with this id, if `who` sees it."""
        kind: Any = model
        records = await self._ask(self._by_id(kind, who).about(WANTED, id), (), who)
        return row_of(model, records[0]) if records else None

    async def rows(self, model: type[Row], statement: Select[Any], order: Sequence[str], who: Who) -> list[Row]:
        """What `statement`, a limited `select(model)`, lets through of what `who` sees; `order` is its order in words."""
        return [row_of(model, record) for record in await self._ask(self._question(statement, who), order, who)]

    async def close(self) -> None:
        await self._connections.close()

    async def _ask(self, question: "Question", order: Sequence[str], who: Who) -> list[asyncpg.Record]:
        text = after_telling(question.text, len(question.values), tuple(order))
        return await self._connections.ask(text, *question.values.values(), *who.settings().values())

    # --- words for it ---

    def _question_by_id(self, model: Any, who: Who) -> "Question":
        return self._question(select(model).where(model.id == bindparam(WANTED, None)).limit(1), who)

    def _question(self, statement: Select[Any], who: Who) -> "Question":
        """As a session would ask it. SQL for the same shape of statement is made once."""
        fenced = statement.where(HEARD).options(*self._visibility.criteria(who))
        found = fenced._compile_w_cache(self._dialect, compiled_cache=self._compiled, column_keys=[])
        compiled, extracted = cast(SQLCompiler, found[0]), found[1]
        state = compiled.construct_expanded_state(compiled.construct_params(extracted_parameters=extracted))
        processors: Mapping[str, Any] = {**compiled._bind_processors, **state.processors}
        values = {name: state.parameters[name] for name in state.positiontup or ()}
        for name in values.keys() & processors.keys():
            values[name] = processors[name](values[name])
        return Question(state.statement, values)


@dataclass(frozen=True)
class Question:
    """A statement as the driver takes it, and its values by name, in the order of their places."""

    text: str
    values: Mapping[str, Any]

    def about(self, name: str, value: Any) -> "Question":
        return Question(self.text, {**self.values, name: value})


@lru_cache(KEPT_STATEMENTS)
def after_telling(question: str, values: int, order: Sequence[str] = ()) -> str:
    """`question` with its number of values, which says `told.heard`, with the database told who asks before it is looked at.

    The settings hold for the transaction, which is this one statement. That they are made first is no luck of the planner: what
    is read needs a value of what tells (`lateral`), and neither part can be folded into the other (`offset 0`, the limit in the
    question). Were it not so, the fence would know of nobody, and show nothing at all.
    """
    names = Who().settings()
    settings = ", ".join(f"set_config('{name}', ${n}, true)" for n, name in enumerate(names, values + 1))
    told = f"select ({settings}) is not null as heard offset 0"
    # a join promises no order of its own
    ordered = " order by " + ", ".join(f"page.{words}" for words in order) if order else ""
    return f"select page.* from ({told}) as told cross join lateral ({question}) as page{ordered}"


# --- rows as their models show them --------------------------------------------------------------------------------


def row_of(model: type[Row], record: asyncpg.Record) -> Row:
    found = object.__new__(model)
    values = dict(record)
    kind: Any = model
    for name, read in readers_of(kind):
        if (value := values[name]) is not None:
            values[name] = read(value)
    found.__dict__.update(values)
    return found


@lru_cache
def readers_of(model: Any) -> Sequence[tuple[str, Read]]:
    """What is not yet as the model has it when the driver gives it: documents and enumerations."""
    columns = inspect(model).columns
    return [(column.key, read) for column in columns if (read := reader_of(column.type))]


def reader_of(kind: TypeEngine[Any]) -> Read | None:
    if isinstance(kind, JSON):
        return orjson.loads
    if isinstance(kind, Enum):
        return kind.enum_class
    if isinstance(kind, TypeDecorator) and not isinstance(kind, AS_THE_DRIVER_GIVES):
        raise TypeError(f"{kind!r} is read in a session only")
    return None
