"""The history of a person's resource, as it is answered."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from sqlalchemy import RowMapping, select
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.answers import PageAnswer
from shared.context import current
from shared.pagination import PageQuery, Pages
from shared.personal.changes import revealed_changes
from shared.tables import history
from shared.types import Answer, Instant


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


class PersonChange(Answer):
    """What one request changed: `by` is the client, `version` what the resource became. Of a person who was erased, personal
    fields are named and null."""

    version: int
    at: Instant
    by: str
    request_id: str
    changes: Annotated[list[FieldChange], BeforeValidator(fields_of)]


async def changes_of(pages: Pages, session: AsyncSession, person: UUID, query: PageQuery) -> PageAnswer:
    columns = (history.c.version, history.c.at, history.c.by, history.c.request_id, history.c.changes)
    wanted = select(*columns).where(history.c.aggregate_id == person)

    async def tell(rows: Sequence[RowMapping]) -> list[dict[str, Any]]:
        told = await revealed_changes(session, person, [row["changes"] for row in rows])
        return [{**row, "changes": changes} for row, changes in zip(rows, told, strict=True)]

    return await pages.by_number(wanted, history.c.version, PersonChange, query, tell)
