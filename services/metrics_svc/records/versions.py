"""What observations and savings share: a record has a natural key, a content, and versions that supersede one another.

The same content again is the record that is there; other content is a new version of it. When a version is approved all earlier
ones turn `superseded`; until then the older approved one keeps counting.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Literal, TypeVar
from uuid import UUID

from sqlalchemy import tuple_
from sqlmodel import Field, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from shared import errors
from shared.changes import record, record_all
from shared.conditions import IfMatch
from shared.db import ResourceColumns, choice
from shared.events import Event


class RecordState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    RETURNED = "returned"
    SUPERSEDED = "superseded"


SentState = Literal["draft", "submitted", "approved"]
VERBS: dict[str, tuple[frozenset[RecordState], RecordState]] = {
    "submit": (frozenset({RecordState.DRAFT, RecordState.RETURNED}), RecordState.SUBMITTED),
    "approve": (frozenset({RecordState.SUBMITTED}), RecordState.APPROVED),
    "return": (frozenset({RecordState.SUBMITTED}), RecordState.RETURNED),
}
AMENDABLE = {RecordState.DRAFT, RecordState.SUBMITTED}


@dataclass(frozen=True)
class Facts:
    """The events of one kind of record."""

    recorded: type[Event]
    amended: type[Event]
    moved: Mapping[RecordState, type[Event]]


class VersionedColumns(ResourceColumns):
    """`revision` counts the versions of one key; `version` is the row's own, as for every resource."""

    KEY: ClassVar[tuple[str, ...]]
    CONTENT: ClassVar[tuple[str, ...]]
    FACTS: ClassVar[Facts]

    state: RecordState = Field(default=RecordState.SUBMITTED, sa_type=choice(RecordState), index=True)
    revision: int = 1
    reason: str | None = None

    @property
    def key(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in self.KEY)

    def says(self, values: Mapping[str, Any]) -> bool:
        """Whether its content is that of `values`; decimals are compared by value."""
        return all(getattr(self, name) == values.get(name) for name in self.CONTENT)

    @property
    def allowed_actions(self) -> list[str]:
        verbs = [verb for verb, (states, _) in VERBS.items() if self.state in states]
        return [*verbs, *(["amend"] if self.state in AMENDABLE else [])]

    def move(self, verb: str) -> None:
        """Takes `verb`, or says which verbs are possible."""
        states, target = VERBS[verb]
        if self.state not in states:
            raise errors.WrongState(self.state, self.allowed_actions)
        self.state = target


Versioned = TypeVar("Versioned", bound=VersionedColumns)


@dataclass(frozen=True)
class Stored:
    """What became of one set of values."""

    kind: Literal["created", "updated", "unchanged"]
    record: Any


async def store(session: AsyncSession, model: type[Versioned], values: Mapping[str, Any]) -> Stored:
    return (await store_all(session, model, [values]))[0]


async def store_all(session: AsyncSession, model: type[Versioned], rows: Sequence[Mapping[str, Any]]) -> list[Stored]:
    """Stores each of `rows` (columns of `model`; keys differ from one another): three statements for any number.

    A race for one revision is lost by a unique violation, and the door repeats the request."""
    present = await present_versions(session, model, [key_of(model, values) for values in rows])
    outcomes = [place(model, values, present.get(key_of(model, values), [])) for values in rows]
    fresh = [outcome.record for outcome in outcomes if outcome.kind != "unchanged"]
    approved = [record for record in fresh if record.state == RecordState.APPROVED]
    await supersede(session, model, [old for new in approved for old in present.get(new.key, [])])
    session.add_all(fresh)
    await record_all(session, fresh, model.FACTS.recorded)
    return outcomes


def key_of(model: type[VersionedColumns], values: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(values[name] for name in model.KEY)


async def present_versions(
    session: AsyncSession, model: type[Versioned], keys: Sequence[tuple[Any, ...]]
) -> dict[tuple[Any, ...], list[Versioned]]:
    """Versions not superseded, by key, oldest first."""
    columns = tuple_(*(getattr(model, name) for name in model.KEY))
    wanted = select(model).where(columns.in_(keys), col(model.state) != RecordState.SUPERSEDED)
    found: dict[tuple[Any, ...], list[Versioned]] = {}
    for row in await session.exec(wanted.order_by(col(model.revision)).with_for_update()):
        found.setdefault(row.key, []).append(row)
    return found


def place(model: type[Versioned], values: Mapping[str, Any], present: Sequence[Versioned]) -> Stored:
    if not present:
        return Stored("created", model(**values))
    latest = present[-1]
    if latest.says(values):
        return Stored("unchanged", latest)
    return Stored("updated", model(**values, revision=latest.revision + 1))


async def supersede(session: AsyncSession, model: type[VersionedColumns], older: Iterable[VersionedColumns]) -> None:
    """Before the newer is stored: only one version of a key is ever approved."""
    replaced = list(older)
    for version in replaced:
        version.state = RecordState.SUPERSEDED
    await record_all(session, replaced, model.FACTS.moved[RecordState.SUPERSEDED])


async def move(
    session: AsyncSession, model: type[Versioned], id: UUID, verb: str, match: IfMatch, reason: str | None = None
) -> Versioned:
    """One verb on one version."""
    version = await model.for_change(session, id)
    match.check(version.version)
    version.move(verb)
    version.reason = reason
    if version.state == RecordState.APPROVED:
        await supersede(session, model, await earlier(session, model, [version]))
    await record(session, version, model.FACTS.moved[version.state])
    return version


async def approve_all(session: AsyncSession, model: type[Versioned], submitted: Sequence[Versioned]) -> int:
    """Approves many at once; of several versions of a key the newest wins."""
    newest = {version.key: version for version in sorted(submitted, key=lambda version: version.revision)}
    winners = list(newest.values())
    await supersede(session, model, await earlier(session, model, winners))
    for version in winners:
        version.move("approve")
    await record_all(session, winners, model.FACTS.moved[RecordState.APPROVED])
    return len(winners)


async def earlier(session: AsyncSession, model: type[Versioned], versions: Sequence[Versioned]) -> list[Versioned]:
    present = await present_versions(session, model, [version.key for version in versions])
    return [old for version in versions for old in present.get(version.key, []) if old.revision < version.revision]


async def versions_of(session: AsyncSession, model: type[Versioned], id: UUID) -> list[Versioned]:
    """All versions of the key that `id` belongs to, newest first."""
    one = await model.named(session, id)
    same = [getattr(model, name) == value for name, value in zip(model.KEY, one.key, strict=True)]
    return list(await session.exec(select(model).where(*same).order_by(col(model.revision).desc())))
