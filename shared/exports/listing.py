"""A list as a whole, before it is read: what `Pages` gives where a file is asked for."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import BaseModel
from sqlalchemy import Select
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.answers import PageAnswer

AT_ONCE = 500  # rows in memory

Tell = Callable[[AsyncSession, Sequence[Any]], Awaitable[Sequence[Any]]]


class Source(Protocol):
    """Where the rows of a list come from."""

    def batches(self, session: AsyncSession) -> AsyncIterator[Sequence[Any]]: ...


@dataclass(frozen=True)
class Selected:
    """The rows of `statement` in its order; `scalars`: each is a resource. `tell` makes of what is kept what is told."""

    statement: Select[Any]
    scalars: bool
    tell: Tell | None = None

    async def batches(self, session: AsyncSession) -> AsyncIterator[Sequence[Any]]:
        """By a cursor of the server's, so that memory stays flat."""
        found = await session.stream(self.statement.execution_options(yield_per=AT_ONCE))
        rows: Any = found.scalars() if self.scalars else found.mappings()
        async for batch in rows.partitions(AT_ONCE):
            yield await self.tell(session, batch) if self.tell else batch


@dataclass(frozen=True)
class Given:
    """A list that is not in the database."""

    items: Sequence[Any]

    async def batches(self, session: AsyncSession) -> AsyncIterator[Sequence[Any]]:
        yield self.items


class Listing(PageAnswer):
    """Stands in the place of a page and has no items yet. `out` is the form of one."""

    def __init__(self, source: Source, out: type[BaseModel]) -> None:
        super().__init__([], None, None, None)
        self.source, self.out = source, out
