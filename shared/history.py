"""The history of a resource, as it is answered: who changed which fields, when, from what to what."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from sqlalchemy import Select, select

from shared.context import current
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
