"""A change of a resource, whole: its row with the next version, its history, its event; all in the caller's transaction.

enterprise = Enterprise(...)
session.add(enterprise)
await record(session, enterprise, EnterpriseRegistered)

enterprises = [Enterprise.made(...), ...]                 # by the thousand: in no session
await record_all(session, enterprises, EnterpriseRegistered)
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Table, inspect
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel.ext.asyncio.session import AsyncSession

from shared import errors
from shared.context import current
from shared.db import OUTSIDE, ResourceColumns, now
from shared.events import Event
from shared.outbox import announce
from shared.personal.changes import concealed_changes
from shared.sets import insert_all, table_of, update_all
from shared.tables import history
from shared.types import instant_text

Fact = tuple[ResourceColumns, type[Event] | None]
Changed = TypeVar("Changed", bound=ResourceColumns)
PLAIN = {str, int, bool, dict, type(None)}
AS_TEXT = (Decimal, date, datetime, UUID)
UNTOLD = {"id", "version", "created_at", "updated_at", "created_by"}


async def record(
    session: AsyncSession, resource: ResourceColumns, fact: type[Event] | None, *, elsewhere: bool = False
) -> None:
    """Stores `resource` as its next version and announces `fact` with its whole public state; None: nobody else is told.

    What is as it was stays at its version, and nobody is told. `elsewhere`: what changed lies in none of its columns.
    """
    if elsewhere or is_news(resource):
        await record_news(session, {resource.id: (resource, fact)})


async def record_all(session: AsyncSession, resources: Iterable[ResourceColumns], fact: type[Event] | None) -> None:
    """`record` for many of one collection: one flush, one insert of history, one of events."""
    await record_each(session, ((resource, fact) for resource in resources))


async def record_each(session: AsyncSession, told: Iterable[Fact]) -> None:
    """The same, each with a fact of its own (imports). New ones and changed ones in one step: the flush of a step writes whatever
    is pending, and what it has written of others is in nobody's history."""
    await record_news(session, {resource.id: (resource, fact) for resource, fact in told if is_news(resource)})


def is_news(resource: ResourceColumns) -> bool:
    return not inspect(resource).persistent or any(True for _ in changed_in(resource))


async def record_news(session: AsyncSession, told: Mapping[UUID, Fact]) -> None:
    resources = [resource for resource, _ in told.values()]
    if not resources:
        return
    changes = [advance(resource) for resource in resources]
    # the row first: its lock orders the events of one aggregate
    await write_together(session, resources)
    await session.flush()
    await refuse_outside(session, resources)
    kept = await concealed_changes(session, resources, changes)
    entries = [entry(resource, what) for resource, what in zip(resources, kept, strict=True)]
    await insert_all(session, history, entries)
    facts = [fact.model_validate(resource, from_attributes=True) for resource, fact in told.values() if fact]
    await announce(session, *facts)


async def refuse_outside(session: AsyncSession, resources: Sequence[ResourceColumns]) -> None:
    """403 where a row, as it now is, lies outside of what its writer may change: another's country, another's organisation."""
    ids = [resource.id for resource in resources]
    if not await session.info["visibility"].may_write(session, session.info["who"], type(resources[0]), ids):
        raise errors.Forbidden(OUTSIDE)


async def write_together(session: AsyncSession, resources: Sequence[ResourceColumns]) -> None:
    """All in two statements, whichever columns each changes: those that are there, and those that are in no session. A flush may
    take a statement for each row.
    """
    there = [resource for resource in resources if inspect(resource).persistent]
    table = table_of(type(resources[0]))
    await insert_all(session, table, [values_of(one) for one in resources if inspect(one).transient])
    if len(there) > 1:
        await amend_together(session, table, there)


async def amend_together(session: AsyncSession, table: Table, there: Sequence[ResourceColumns]) -> None:
    changed = {attribute.key for resource in there for attribute in changed_in(resource)}
    await update_all(session, table, [{name: getattr(one, name) for name in ("id", *sorted(changed))} for one in there])
    for resource in there:
        for attribute in list(changed_in(resource)):
            set_committed_value(resource, attribute.key, attribute.value)


def changed_in(resource: ResourceColumns) -> Iterator[Any]:
    return (attribute for attribute in inspect(resource).attrs if attribute.history.has_changes())


def changed_among(resources: Sequence[Changed]) -> list[Changed]:
    """Those whose values differ from what is stored."""
    return [resource for resource in resources if next(changed_in(resource), None) is not None]


def advance(resource: ResourceColumns) -> dict[str, Any]:
    """Gives `resource` its next version; answers what changed: `{field: [from, to]}`."""
    state: Any = inspect(resource)
    if state.persistent:
        # each attribute's history is worked out anew when it is asked for: once is enough
        histories = ((attribute.key, attribute.history) for attribute in state.attrs)
        changes = {name: difference(history) for name, history in histories if history.has_changes()}
        resource.version += 1
        resource.updated_at = now()
    else:
        changes = {name: [None, plain(value)] for name, value in values_of(resource).items()}
        resource.updated_at = resource.created_at
        resource.created_by = resource.created_by or current().subject
    untold = UNTOLD | resource.untold
    return {name: change for name, change in changes.items() if name not in untold}


def difference(history: Any) -> list[Any]:
    before, after = history.deleted, history.added
    return [plain(before[0]) if before else None, plain(after[0]) if after else None]


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
