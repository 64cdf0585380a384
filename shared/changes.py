"""A change of a resource, whole: its row with the next version, its history, its event; in the caller's transaction.

All of it is one statement.

enterprise = Enterprise(...)                              # new: in no session
await record(session, enterprise, EnterpriseRegistered)

enterprises = [Enterprise.made(...), ...]                 # by the thousand
await record_all(session, enterprises, EnterpriseRegistered)
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import inspect
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel.ext.asyncio.session import AsyncSession

from shared import errors
from shared.context import current
from shared.db import OUTSIDE, ResourceColumns, now
from shared.events import Event
from shared.outbox import are_announced, told_as
from shared.personal.changes import concealed_changes
from shared.sets import table_of
from shared.tables import history, outbox
from shared.types import instant_text
from shared.writing import Rows, write

Fact = tuple[ResourceColumns, type[Event] | None]
Changed = TypeVar("Changed", bound=ResourceColumns)
PLAIN = {str, int, bool, dict, type(None)}
AS_TEXT = (Decimal, date, datetime, UUID)
UNTOLD = {"id", "version", "created_at", "updated_at", "created_by"}


async def record(
    session: AsyncSession,
    resource: ResourceColumns,
    fact: type[Event] | None,
    *,
    elsewhere: bool = False,
    besides: Sequence[Rows] = (),
) -> None:
    """Stores `resource` as its next version and announces `fact` with its whole public state; None: nobody else is told.

    What is as it was stays at its version, and nobody is told. `elsewhere`: what changed lies in none of its columns.
    `besides`: what is written in other tables with it.
    """
    if elsewhere or is_news(resource):
        await record_news(session, {resource.id: (resource, fact)}, besides)


async def record_all(session: AsyncSession, resources: Iterable[ResourceColumns], fact: type[Event] | None) -> None:
    """`record` for many of one collection."""
    await record_each(session, ((resource, fact) for resource in resources))


async def record_each(session: AsyncSession, told: Iterable[Fact]) -> None:
    """The same, each with a fact of its own (imports). New ones and changed ones in one step: the flush of a step writes whatever
    is pending, and what it has written of others is in nobody's history."""
    await record_news(session, {resource.id: (resource, fact) for resource, fact in told if is_news(resource)})


def is_news(resource: ResourceColumns) -> bool:
    return not inspect(resource).persistent or bool(changed_in(resource))


async def record_news(session: AsyncSession, told: Mapping[UUID, Fact], besides: Sequence[Rows] = ()) -> None:
    resources = [resource for resource, _ in told.values()]
    if not resources:
        return
    changes = [advance(resource) for resource in resources]
    kept = await concealed_changes(session, resources, changes)
    entries = [entry(resource, what) for resource, what in zip(resources, kept, strict=True)]
    events = told_as([fact.model_validate(resource, from_attributes=True) for resource, fact in told.values() if fact])
    # the row first: its lock orders the events of one aggregate
    rows, also = rows_of(resources), [Rows.new(history, entries), *([Rows.new(outbox, events)] if events else [])]
    await session.flush()  # what else waits to be written
    written = await write(session, rows, [*also, *besides])
    if written < sum(len(some.rows) for some in rows):
        raise errors.Forbidden(OUTSIDE)
    await refuse_outside(session, resources)
    are_announced(session, events)


async def refuse_outside(session: AsyncSession, resources: Sequence[ResourceColumns]) -> None:
    """403 where a row, as it now is, lies outside of what its writer may change: another's country, another's organisation."""
    ids = [resource.id for resource in resources]
    if not await session.info["visibility"].may_write(session, session.info["who"], type(resources[0]), ids):
        raise errors.Forbidden(OUTSIDE)


def rows_of(resources: Sequence[ResourceColumns]) -> list[Rows]:
    """Those that are in no session, and those that are there, whichever columns each changes. A flush of the session, which may
    take a statement for each row, finds nothing to do then.
    """
    table = table_of(type(resources[0]))
    new = [values_of(one) for one in resources if inspect(one).transient]
    changed = amendments(resources)
    return [*([Rows.new(table, new)] if new else []), *([Rows.changed(table, changed)] if changed else [])]


def amendments(resources: Sequence[ResourceColumns]) -> list[dict[str, Any]]:
    there = [resource for resource in resources if inspect(resource).persistent]
    changes = [changed_in(resource) for resource in there]
    names = ("id", *sorted({name for changed in changes for name in changed}))
    for resource, changed in zip(there, changes, strict=True):
        for name in changed:
            set_committed_value(resource, name, getattr(resource, name))
    return [{name: getattr(resource, name) for name in names} for resource in there]


def changed_in(resource: ResourceColumns) -> dict[str, Any]:
    """What the columns that differ from what is stored held before."""
    before = inspect(resource).committed_state
    return {name: value for name, value in before.items() if value != getattr(resource, name)}


def changed_among(resources: Sequence[Changed]) -> list[Changed]:
    """Those whose values differ from what is stored."""
    return [resource for resource in resources if changed_in(resource)]


def advance(resource: ResourceColumns) -> dict[str, Any]:
    """Gives `resource` its next version; answers what changed: `{field: [from, to]}`."""
    if inspect(resource).persistent:
        before = changed_in(resource)
        changes = {name: [plain(value), plain(getattr(resource, name))] for name, value in before.items()}
        resource.version += 1
        resource.updated_at = now()
    else:
        changes = {name: [None, plain(value)] for name, value in values_of(resource).items()}
        resource.updated_at = resource.created_at
        resource.created_by = resource.created_by or current().subject
    untold = UNTOLD | resource.untold
    return {name: change for name, change in changes.items() if name not in untold}


def values_of(resource: ResourceColumns) -> dict[str, Any]:
    """By the names of the columns, which are those of the fields."""
    held = resource.__dict__  # nothing of it is still to be loaded; what was never given is not in it
    return {name: held.get(name) for name in names_of(type(resource))}


@cache
def names_of(model: type[ResourceColumns]) -> list[str]:
    return [column.name for column in table_of(model).columns]


def plain(value: Any) -> Any:
    """A JSON value; numbers that are not counts as text, as everywhere in the API."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date | UUID):
        return instant_text(value) if isinstance(value, datetime) else str(value)
    if isinstance(value, list):
        return [plain(part) for part in value]
    return value.value if isinstance(value, Enum) else value


def entry(resource: ResourceColumns, changes: dict[str, Any]) -> dict[str, Any]:
    context = current()
    return {
        "aggregate": type(resource).__name__,
        "aggregate_id": resource.id,
        "version": resource.version,
        "at": resource.updated_at,
        "by": context.subject,
        "request_id": context.request_id,
        "changes": changes,
    }
