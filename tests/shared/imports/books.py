"""A service with one collection that is loaded from files: books, and pages in a path of their own.

It goes by the name `enterprise`, because the broker's rights are given by name.
"""

import asyncio
import os
from collections.abc import Hashable, Sequence
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from fastapi import FastAPI
from pydantic import BaseModel, create_model
from pydantic import Field as In
from sqlalchemy import Column, Numeric, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from shared import errors
from shared.changes import record_all
from shared.consumer import Subscriptions
from shared.db import ResourceColumns, known_ids, patiently
from shared.events import Event
from shared.imports import Importer, Job, Outcome, Rejected, Row, import_routes
from shared.imports.importer import ImportQuery
from shared.references import Reference
from shared.routing import Router
from shared.service import create_service
from shared.settings import ServiceSettings
from shared.types import Code, Count, Country, Day, DecimalIn, ExternalRef, Flag, Input, Text


class Base(SQLModel, registry=registry()):
    pass


class Book(Base, ResourceColumns, table=True):
    __tablename__ = "books"
    __table_args__ = (UniqueConstraint("code", name="books_code"),)

    code: str
    title: str
    country: str | None
    pages: int | None
    price: Decimal | None = Field(sa_type=Numeric(30, 12))
    hardcover: bool | None
    topics: list[str] = Field(sa_column=Column(JSONB, nullable=False))
    size: dict[str, Any] | None = Field(sa_column=Column(JSONB(none_as_null=True)))
    printed_on: str | None
    series: str | None


class BookFacts(Event):
    code: str
    title: str


class BookAdded(BookFacts):
    subject: ClassVar[str] = "score.enterprise.book.added.v1"


class BookChanged(BookFacts):
    subject: ClassVar[str] = "score.enterprise.book.changed.v1"


class Size(Input):
    height: DecimalIn
    width: DecimalIn | None = None


class BookRow(Input):
    code: Code
    title: Text
    country: Country | None = None
    pages: Count | None = None
    price: DecimalIn | None = None
    hardcover: Flag | None = None
    topics: list[Text] = In([], max_length=5)
    size: Size | None = None
    printed_on: Day | None = None
    series_id: Reference | None = None
    external_ref: ExternalRef | None = None


class BookQuery(ImportQuery):
    shout: bool = False


class Faults:
    """What a test does to the importer while it runs. A title says where, for instance `slow` or `bug`."""

    def __init__(self) -> None:
        self.slow_seconds = 0.0
        self.bugs = 1_000_000
        self.deadlocks = 2
        self.looks = 0
        self.subjects: set[str] = set()


FAULTS = Faults()


class BookImporter(Importer[BookRow]):
    collection, row, query = "books", BookRow, BookQuery

    def key(self, values: BookRow) -> Hashable:
        return values.code

    async def store(self, session: AsyncSession, rows: Sequence[Row[BookRow]], job: Job) -> list[Outcome]:
        await misbehave(session, {row.values.title for row in rows})
        known = select(Book).where(col(Book.code).in_([row.values.code for row in rows])).with_for_update()
        books = {book.code: book for book in await session.exec(known)}
        shelf = Shelf(books, shout=bool(job.options.get("shout")))
        outcomes = [shelf.take(row.values) for row in rows]
        session.add_all(shelf.added)
        await record_all(session, shelf.added, BookAdded)
        await record_all(session, shelf.changed, BookChanged)
        return outcomes


async def misbehave(session: AsyncSession, titles: set[str]) -> None:
    if "slow" in titles:
        await asyncio.sleep(FAULTS.slow_seconds or float(os.environ.get("SLOW_SECONDS", "0")))
    if "bug" in titles and FAULTS.bugs > 0:
        FAULTS.bugs -= 1
        raise KeyError("a bug")
    if "deadlock" in titles and FAULTS.deadlocks > 0:
        FAULTS.deadlocks -= 1
        await raise_in_database(session, "40P01")
    if "outside" in titles:
        raise errors.Forbidden("It lies outside.")
    if "fenced" in titles:
        await raise_in_database(session, "42501")
    if "unique" in titles:
        await raise_in_database(session, "23505")
    if "unknown" in titles:
        await patiently(lambda: look(session), bool)


async def look(session: AsyncSession) -> bool:
    FAULTS.looks += 1
    return bool(await known_ids(session, Book, [UUID(int=1)]))


async def raise_in_database(session: AsyncSession, code: str) -> None:
    statement = text(f"do $$ begin raise exception 'in the way' using errcode = '{code}'; end $$")
    await (await session.connection()).execute(statement)


class Shelf:
    def __init__(self, books: dict[str, Book], shout: bool) -> None:
        self.books, self.shout = books, shout
        self.added: list[Book] = []
        self.changed: list[Book] = []

    def take(self, row: BookRow) -> Outcome:
        if row.title == "forbidden":
            return Rejected.because("title", "forbidden_title", "Not this one.")
        if row.series_id:
            return Rejected.because("series_id", "unknown_reference", "This names nothing.")
        values = self.values_of(row)
        book = self.books.get(row.code)
        if book is None:
            self.added.append(Book(**values))
            return "created"
        changes = {name: value for name, value in values.items() if getattr(book, name) != value}
        if not changes:
            return "unchanged"
        book.sqlmodel_update(changes)
        self.changed.append(book)
        return "updated"

    def values_of(self, row: BookRow) -> dict[str, Any]:
        values = row.model_dump(exclude={"series_id", "size", "printed_on"})
        values["size"] = row.size and row.size.model_dump(mode="json")
        values["printed_on"] = row.printed_on and row.printed_on.isoformat()
        return values | {"title": row.title.upper() if self.shout else row.title}


class PageRow(Input):
    number: Count


class PageImporter(Importer[PageRow]):
    """What a page says depends on the book: its columns are the words of the book's title."""

    collection, row = "book-pages", PageRow

    async def row_for(self, session: AsyncSession, job: Job) -> type[BaseModel]:
        book = await session.get(Book, job.ids["book_id"])
        if book is None:
            raise errors.NotFound()
        words = {f"w{n}": (Flag | None, In(None, alias=word)) for n, word in enumerate(book.title.split())}
        fields: dict[str, Any] = words
        said = create_model("Said", __base__=Input, **fields)
        return create_model("PageOfBook", __base__=PageRow, said=(said | None, None))

    def key(self, values: PageRow) -> Hashable:
        return values.number

    async def store(self, session: AsyncSession, rows: Sequence[Row[PageRow]], job: Job) -> list[Outcome]:
        return ["created" for _ in rows]


router = Router("books")
import_routes(router, BookImporter)
import_routes(router, PageImporter, "/{book_id}/pages")


@router.get("/{book_id}")
async def get_book(book_id: str) -> dict[str, str]:
    return {"id": book_id}


def create_app(settings: ServiceSettings) -> FastAPI:
    importers = [BookImporter(), PageImporter()]
    return create_service(settings, title="Books", routers=[router], subscriptions=Subscriptions(), importers=importers)
