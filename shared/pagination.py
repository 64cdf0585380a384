"""Lists: filters, sort, keyset pages. Stable under inserts, no OFFSET, cursors bound to their filters and sort."""

import hashlib
import time
from datetime import datetime
from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from fastapi import Depends, Request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from shared import errors
from shared.answers import PageAnswer
from shared.db import ResourceColumns, count_of
from shared.signing import Signer
from shared.types import ExternalRef, Instant, instant_text, refuse

CURSOR_SECONDS = 24 * 3600
MAX_TERMS = 100

Sort = Literal["created_at", "-created_at", "updated_at", "-updated_at"]


def any_of(kind: Any) -> Any:
    """Type of a filter: comma-separated values, each of `kind`; stays a text, `terms()` parts it."""
    adapter = TypeAdapter(kind)

    def check(value: str) -> str:
        parts = value.split(",")
        if len(parts) > MAX_TERMS:
            raise refuse("too_long", f"At most {MAX_TERMS} values may be given.")
        try:
            for part in parts:
                adapter.validate_python(part)
        except ValidationError as error:
            raise refuse("wrong_value", "A value of this filter does not have the right form.") from error
        return value

    return Annotated[str, AfterValidator(check)]


class ListQuery(BaseModel):
    """Parameters every list takes; a collection adds its filters as further fields named like its columns."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(50, ge=1, le=500)
    cursor: str | None = Field(None, max_length=2000)
    sort: Sort = "created_at"
    count: Literal["exact"] | None = None
    updated_since: Instant | None = None
    external_ref: ExternalRef | None = None

    def filters(self) -> dict[str, Any]:
        """The filters given, as sent (paging and sort left out)."""
        return self.model_dump(mode="json", exclude={"limit", "cursor", "sort", "count"}, exclude_none=True)


PAGING = frozenset(ListQuery.model_fields)


def terms(value: str | None) -> list[str]:
    return value.split(",") if value else []


def matching(model: type[ResourceColumns], query: ListQuery, *special: str) -> list[ColumnElement[bool]]:
    """Conditions of all filters that are columns of `model`; `special` ones are the caller's business."""
    conditions: list[ColumnElement[bool]] = []
    columns: Any = model
    if query.updated_since is not None:
        conditions.append(columns.updated_at >= query.updated_since)
    if query.external_ref is not None:
        conditions.append(columns.external_ref == query.external_ref)
    for name in type(query).model_fields.keys() - PAGING - set(special):
        if (value := getattr(query, name)) is not None:
            conditions.append(any_of_terms(getattr(columns, name), value))
    return conditions


def any_of_terms(column: Any, value: Any) -> ColumnElement[bool]:
    if not isinstance(value, str):
        return column == value  # type: ignore[no-any-return]
    kind = column.type.python_type
    return column.in_([UUID(term) if kind is UUID else term for term in terms(value)])  # type: ignore[no-any-return]


def select_matching(model: type[ResourceColumns], query: ListQuery, *special: str) -> Select[Any]:
    """Rows of `model` that all filters of `query` let through, but for the `special` ones."""
    return select(model).where(*matching(model, query, *special))


class Pages:
    """Gives the page a request asks for. Made per request by `PagesDep`."""

    def __init__(self, request: Request, signer: Signer) -> None:
        self._request, self._signer = request, signer

    @property
    def _session(self) -> AsyncSession:
        return self._request.state.session  # type: ignore[no-any-return]

    async def of(
        self, statement: Select[Any], model: type[ResourceColumns], out: type[BaseModel], query: ListQuery
    ) -> PageAnswer:
        """One page of `statement` (rows of `model`, already filtered), each row answered as `out`."""
        column, descending = sort_column(model, query.sort)
        after = self._read_cursor(query)
        ordered = statement.order_by(*(key.desc() if descending else key.asc() for key in (column, id_of(model))))
        if after:
            ordered = ordered.where(beyond(column, id_of(model), after, descending))
        rows = (await self._session.scalars(ordered.limit(query.limit + 1))).all()
        items, more = rows[: query.limit], len(rows) > query.limit
        total = await count_of(self._session, statement) if query.count else None
        cursor = self._write_cursor(query, items[-1]) if more else None
        return PageAnswer(
            [out.model_validate(item, from_attributes=True) for item in items], cursor, total, self._link(cursor)
        )

    def _write_cursor(self, query: ListQuery, last: ResourceColumns) -> str:
        key = getattr(last, query.sort.lstrip("-"))
        until = int(time.time()) + CURSOR_SECONDS
        return self._signer.sign([self._scope(query), instant_text(key), str(last.id), until])

    def _read_cursor(self, query: ListQuery) -> tuple[datetime, UUID] | None:
        if query.cursor is None:
            return None
        try:
            scope, key, id, until = self._signer.read(query.cursor)
        except ValueError as error:
            raise bad_cursor("This cursor is none that a list of ours gave.") from error
        if scope != self._scope(query):
            raise bad_cursor("This cursor belongs to other filters or another sort.")
        if until < time.time():
            raise bad_cursor("This cursor is older than a day; begin again.")
        return datetime.fromisoformat(key), UUID(id)

    def _scope(self, query: ListQuery) -> str:
        text = f"{self._request.url.path}?{sorted(query.filters().items())}&{query.sort}"
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def _link(self, cursor: str | None) -> str | None:
        if cursor is None:
            return None
        kept = [pair for pair in parse_qsl(self._request.url.query) if pair[0] != "cursor"]
        return f'<{self._request.url.path}?{urlencode([*kept, ("cursor", cursor)])}>; rel="next"'


def bad_cursor(detail: str) -> errors.ValidationFailed:
    return errors.ValidationFailed(errors=[errors.parameter("bad_cursor", detail, "cursor")])


def sort_column(model: type[ResourceColumns], sort: str) -> tuple[Any, bool]:
    return getattr(model, sort.lstrip("-")), sort.startswith("-")


def id_of(model: type[ResourceColumns]) -> Any:
    return model.id


def beyond(column: Any, id: Any, after: tuple[datetime, UUID], descending: bool) -> ColumnElement[bool]:
    """Rows after the key in the order of (column, id)."""
    key, last = after
    if descending:
        return or_(column < key, and_(column == key, id < last))
    return or_(column > key, and_(column == key, id > last))


def pages(request: Request) -> Pages:
    return Pages(request, request.app.state.cursors)


PagesDep = Annotated[Pages, Depends(pages)]
