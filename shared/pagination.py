"""Lists: filters, sort, keyset pages. Stable under inserts, no OFFSET, cursors bound to their filters and sort."""

import hashlib
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal, Self
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from fastapi import Depends, Request
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from pydantic_core import CoreSchema, core_schema
from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from shared import errors
from shared.answers import PageAnswer
from shared.context import current
from shared.db import LaterTransaction, ResourceColumns, count_of
from shared.exports.listing import Listing, Selected, Source, Tell
from shared.files.media import JSON
from shared.reading import Reader
from shared.signing import Signer
from shared.types import Day, ExternalRef, Instant, QueryCount, instant_text, refuse, refuse_backwards
from shared.validation import sentence_of

CURSOR_SECONDS = 24 * 3600
MAX_TERMS = 100

Sort = Literal["created_at", "-created_at", "updated_at", "-updated_at"]


def any_of(kind: Any) -> Any:
    """Type of a filter: comma-separated values, each of `kind`; stays a text, `terms()` parts it."""
    return Annotated[str, each(kind)]


def each(kind: Any) -> "Each":
    """The same for a type checker's eyes: `country: Annotated[str | None, each(Country)] = None`."""
    return Each(TypeAdapter(kind))


@dataclass(frozen=True)
class Each:
    """Checks each of the values; the contract calls it what it is, a list."""

    of: TypeAdapter[Any]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(self, _: CoreSchema, __: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "array", "items": self.of.json_schema(), "minItems": 1, "maxItems": MAX_TERMS}

    def check(self, value: str | None) -> str | None:
        parts = value.split(",") if value is not None else []
        if len(parts) > MAX_TERMS:
            raise refuse("too_long", f"At most {MAX_TERMS} values may be given.")
        try:
            for part in parts:
                self.of.validate_python(part)
        except ValidationError as error:
            _, sentence = sentence_of(error.errors()[0])
            raise refuse("wrong_value", f"A value of this filter does not have the right form. {sentence}") from error
        return value


class PageQuery(BaseModel):
    """Parameters of a list in the order things happened: it has no other sort and no filters."""

    model_config = ConfigDict(extra="forbid")

    limit: QueryCount = Field(50, ge=1, le=500)
    cursor: str | None = Field(None, max_length=2000)
    count: Literal["exact"] | None = None

    def filters(self) -> dict[str, Any]:
        return {}


class ListQuery(PageQuery):
    """Parameters every list of resources takes; a collection adds its filters as further fields named like its columns."""

    sort: Sort = "created_at"
    updated_since: Instant | None = None
    external_ref: ExternalRef | None = None

    def filters(self) -> dict[str, Any]:
        """The filters given, as sent (paging and sort left out)."""
        return self.model_dump(mode="json", exclude={"limit", "cursor", "sort", "count"}, exclude_none=True)


class PeriodQuery(ListQuery):
    """A list of what has a beginning and perhaps an end: those that touch the days `from` to `to`, both included."""

    from_: Day | None = Field(None, alias="from", description="First day of the range")
    to: Day | None = Field(None, description="Last day of the range")

    @model_validator(mode="after")
    def goes_forward(self) -> Self:
        refuse_backwards(self.from_, self.to)
        return self


PAGING = frozenset(ListQuery.model_fields)
PERIOD = ("from_", "to")
OF_PAGES = ("limit", "cursor", "count")


def terms(value: str | None) -> list[str]:
    return value.split(",") if value else []


def matching(model: type[ResourceColumns], query: ListQuery, *special: str) -> list[ColumnElement[bool]]:
    """Conditions of all filters that are columns of `model`; `special` ones are the caller's business."""
    conditions: list[ColumnElement[bool]] = []
    columns: Any = model
    if query.updated_since is not None:
        conditions.append(columns.updated_at >= query.updated_since)
    if query.external_ref is not None:
        conditions += [columns.external_ref == query.external_ref, *told_of_references(columns)]
    for name in type(query).model_fields.keys() - PAGING - set(special):
        if (value := getattr(query, name)) is not None:
            conditions.append(any_of_terms(getattr(columns, name), value))
    return conditions


def told_of_references(columns: Any) -> list[ColumnElement[bool]]:
    """Who is not told others' references finds nothing by them."""
    context = current()
    return [] if context.who.is_office else [columns.created_by == context.subject]


def any_of_terms(column: Any, value: Any) -> ColumnElement[bool]:
    if not isinstance(value, str):
        return column == value  # type: ignore[no-any-return]
    kind = column.expression.type.python_type  # asked of the attribute itself it is looked for in vain first
    return column.in_([UUID(term) if kind is UUID else term for term in terms(value)])  # type: ignore[no-any-return]


def overlapping(column: Any, value: str | None) -> list[ColumnElement[bool]]:
    """The condition of a filter on a column that is a list: it holds any of the comma-separated values."""
    if value is None:
        return []
    of_ids = column.type.item_type.python_type is UUID
    return [column.overlap([UUID(term) if of_ids else term for term in terms(value)])]


def touching(begins: Any, ends: Any, query: PeriodQuery) -> list[ColumnElement[bool]]:
    """The conditions of `from` and `to` on a period whose end may be open."""
    conditions: list[ColumnElement[bool]] = [] if query.to is None else [begins <= query.to]
    return conditions if query.from_ is None else [*conditions, or_(ends.is_(None), ends >= query.from_)]


def select_matching(model: type[ResourceColumns], query: ListQuery, *special: str) -> Select[Any]:
    """Rows of `model` that all filters of `query` let through, but for the `special` ones."""
    return select(model).where(*matching(model, query, *special))


IN_ITS_TRANSACTION = "in_its_transaction"  # execution option of a statement that the session was made ready for


class Pages:
    """Gives the page a request asks for. Made per request by `PagesDep`."""

    def __init__(self, request: Request, signer: Signer) -> None:
        self._request, self._signer = request, signer

    @property
    def _wants_file(self) -> bool:
        return self._request.state.media_type != JSON  # type: ignore[no-any-return]

    async def _session(self) -> AsyncSession:
        transaction: LaterTransaction = self._request.state.transaction
        return await transaction.begun()

    async def _read(self, model: type[ResourceColumns], statement: Select[Any], query: ListQuery) -> list[Any]:
        # what the ORM is to do besides, it does in a session; and what was settled in its transaction holds there only
        if statement._with_options or statement.get_execution_options().get(IN_ITS_TRANSACTION):
            return list((await (await self._session()).scalars(statement)).all())
        reader: Reader = self._request.app.state.database.reader
        way = " desc" if query.sort.startswith("-") else ""
        order = [f"{query.sort.lstrip('-')}{way}", f"id{way}"]
        return await reader.rows(model, statement, order, current().who)

    async def of(
        self,
        statement: Select[Any],
        model: type[ResourceColumns],
        out: type[BaseModel],
        query: ListQuery,
    ) -> PageAnswer:
        """One page of `statement` (rows of `model`, already filtered), each row answered as `out`; where a file is asked for, the
        whole of it.
        """
        column, descending = sort_column(model, query.sort)
        ordered = statement.order_by(*(key.desc() if descending else key.asc() for key in (column, id_of(model))))
        if self._wants_file:
            return whole(Selected(ordered, scalars=True), out, query)
        after = self._read_cursor(query)
        if after:
            ordered = ordered.where(beyond(column, id_of(model), after, descending))
        rows = await self._read(model, ordered.limit(query.limit + 1), query)
        items, more = rows[: query.limit], len(rows) > query.limit
        total = await count_of(await self._session(), statement) if query.count else None
        cursor = self._write_cursor(query, items[-1]) if more else None
        return PageAnswer(
            [out.model_validate(item, from_attributes=True) for item in items], cursor, total, self._link(cursor)
        )

    async def by_number(
        self,
        statement: Select[Any],
        number: ColumnElement[Any],
        out: type[BaseModel],
        query: PageQuery,
        tell: Tell | None = None,
    ) -> PageAnswer:
        """One page of rows that are no resources, in the order of `number`, which differs in each row. `tell` makes of what is
        kept what is told."""
        if self._wants_file:
            return whole(Selected(statement.order_by(number), scalars=False, tell=tell), out, query)
        after = self._read_cursor(query)
        limited = statement if after is None else statement.where(number > after[0])
        rows = (await (await self._session()).execute(limited.order_by(number).limit(query.limit + 1))).all()
        items, more = rows[: query.limit], len(rows) > query.limit
        total = await count_of(await self._session(), statement) if query.count else None
        cursor = self._sign_cursor(query, getattr(items[-1], str(number.key))) if more else None
        told = await tell(await self._session(), [item._mapping for item in items]) if tell else items
        return PageAnswer(
            [out.model_validate(item, from_attributes=True) for item in told], cursor, total, self._link(cursor)
        )

    def _write_cursor(self, query: ListQuery, last: ResourceColumns) -> str:
        return self._sign_cursor(query, instant_text(getattr(last, query.sort.lstrip("-"))), str(last.id))

    def _sign_cursor(self, query: PageQuery, *key: Any) -> str:
        return self._signer.sign([self._scope(query), *key, int(time.time()) + CURSOR_SECONDS])

    def _read_cursor(self, query: PageQuery) -> list[Any] | None:
        """The key of the last row before this page."""
        if query.cursor is None:
            return None
        try:
            parts: list[Any] = self._signer.read(query.cursor)
        except ValueError as error:
            raise bad_cursor("This cursor is none that a list of ours gave.") from error
        scope, *key, until = parts
        if scope != self._scope(query):
            raise bad_cursor("This cursor belongs to other filters or another sort.")
        if until < time.time():
            raise bad_cursor("This cursor is older than a day; begin again.")
        return key

    def _scope(self, query: PageQuery) -> str:
        text = f"{self._request.url.path}?{sorted(query.filters().items())}&{getattr(query, 'sort', '')}"
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def _link(self, cursor: str | None) -> str | None:
        if cursor is None:
            return None
        kept = [pair for pair in parse_qsl(self._request.url.query) if pair[0] != "cursor"]
        return f'<{self._request.url.path}?{urlencode([*kept, ("cursor", cursor)])}>; rel="next"'


def whole(source: Source, out: type[BaseModel], query: PageQuery) -> Listing:
    """422 for what would make a part of it."""
    if sent := [name for name in OF_PAGES if name in query.model_fields_set]:
        detail = "A file has the whole list; this parameter is for pages of JSON."
        raise errors.ValidationFailed(errors=[errors.parameter("not_in_files", detail, name) for name in sent])
    return Listing(source, out)


def bad_cursor(detail: str) -> errors.ValidationFailed:
    return errors.ValidationFailed(errors=[errors.parameter("bad_cursor", detail, "cursor")])


def sort_column(model: type[ResourceColumns], sort: str) -> tuple[Any, bool]:
    return getattr(model, sort.lstrip("-")), sort.startswith("-")


def id_of(model: type[ResourceColumns]) -> Any:
    return model.id


def beyond(column: Any, id: Any, after: list[str], descending: bool) -> ColumnElement[bool]:
    """Rows after the key in the order of (column, id)."""
    key, last = datetime.fromisoformat(after[0]), UUID(after[1])
    # the first half alone lets the index begin at the key; an OR would read all rows before it
    if descending:
        return and_(column <= key, or_(column < key, id < last))
    return and_(column >= key, or_(column > key, id > last))


async def pages(request: Request) -> Pages:
    return Pages(request, request.app.state.cursors)


PagesDep = Annotated[Pages, Depends(pages)]
