"""The history of a resource, as it is answered: who changed which fields, when, from what to what."""

from datetime import UTC, datetime, time
from typing import Annotated, Any, Self, TypeVar
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy import Select, select
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.context import current
from shared.db import ResourceColumns
from shared.errors import NotFound
from shared.pagination import PageQuery
from shared.tables import history
from shared.types import DATE_TEXT, Answer, Instant, parse_date, parse_instant, refuse, refuse_at

AnyResource = TypeVar("AnyResource", bound=ResourceColumns)


class FieldChange(BaseModel):
    model_config = ConfigDict(serialize_by_alias=True, populate_by_name=True)

    field: str
    from_: Any = Field(alias="from")
    to: Any


def fields_of(changes: Any) -> Any:
    """From `{field: [from, to]}`; an `external_ref` is told as in the resource itself."""
    if not isinstance(changes, dict):
        return changes
    untold = set() if current().who.is_office else {"external_ref"}
    return [
        {"field": field, "from": before, "to": after}
        for field, (before, after) in sorted(changes.items())
        if field not in untold
    ]


Changes = Annotated[list[FieldChange], BeforeValidator(fields_of)]


class Change(Answer):
    """What one request or event changed: `by` is the client, `version` what the resource became."""

    version: int
    at: Instant
    by: str
    request_id: str
    changes: Changes


def changes_of(resource: UUID) -> Select[Any]:
    """Every change of it, whoever made it."""
    columns = (history.c.version, history.c.at, history.c.by, history.c.request_id, history.c.changes)
    return select(*columns).where(history.c.aggregate_id == resource)


# --- as it was -------------------------------------------------------------------------------------------------


def parse_moment(value: Any) -> datetime:
    """An instant, or a day: to its end, in UTC."""
    if isinstance(value, str) and DATE_TEXT.fullmatch(value):
        return datetime.combine(parse_date(value), time.max, UTC)
    try:
        return parse_instant(value)
    except PydanticCustomError as error:
        raise refuse(error.type, f"{error.message()} A day is written 2012-03-31.") from error


Moment = Annotated[
    datetime,
    BeforeValidator(parse_moment),
    WithJsonSchema({"type": "string", "anyOf": [{"format": "date-time"}, {"format": "date"}]}),
]


class HistoryQuery(PageQuery):
    as_of: Moment | None = Field(
        None,
        description="An instant, or a day (to its end, UTC): the whole resource as it was then, instead of its changes",
        examples=["2012-03-31"],
    )

    @model_validator(mode="after")
    def one_or_the_other(self) -> Self:
        paging = sorted(self.model_fields_set & {"limit", "cursor", "count"})
        if self.as_of is not None and paging:
            first, *others = paging
            raise refuse_at(first, "not_with_as_of", "What is as it was at one moment has no pages.", *others)
        return self


async def as_it_was(session: AsyncSession, present: AnyResource, moment: datetime) -> AnyResource:
    """`present` as it was at `moment`, from its history, in no session; `NotFound` before it was made.

    What its columns held is put together from all changes up to then; columns that are not in the history have their defaults.
    """
    changes = select(history.c.version, history.c.at, history.c.changes)
    of_it = changes.where(history.c.aggregate_id == present.id).order_by(history.c.version)
    rows = (await session.execute(of_it)).all()
    versions = [row.version for row in rows if row.at <= moment]
    if not versions:
        raise NotFound()
    told = [row for row in rows if row.version <= max(versions)]
    fields = {name: to for row in told for name, (_, to) in row.changes.items() if name in type(present).model_fields}
    kept = {"id": present.id, "created_by": present.created_by, "created_at": rows[0].at}
    return type(present)(**fields, **kept, version=told[-1].version, updated_at=told[-1].at)
