"""What observations and savings share: a record has a natural key, a content, and versions that supersede one another.

The same content again is the record that is there; other content is a new version of it. When a version is approved all earlier
ones turn `superseded`; until then the older approved one keeps counting.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Generic, Literal, Self, TypeVar
from uuid import UUID

from sqlalchemy import Select
from sqlmodel import Field, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.metrics_svc.records.keys import Key, columns_of, with_keys
from shared import errors
from shared.changes import record, record_all
from shared.conditions import IfMatch
from shared.context import current
from shared.db import ResourceColumns, choice, refuse_taken_ref
from shared.events import Event
from shared.permissions.matrix import may_do
from shared.states import Stateful

NOT_YOURS = "Your role does not approve; send `draft` or `submitted`."


class RecordState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    RETURNED = "returned"
    SUPERSEDED = "superseded"


TARGETS = {"submit": RecordState.SUBMITTED, "approve": RecordState.APPROVED, "return": RecordState.RETURNED}
AMENDABLE = frozenset({RecordState.DRAFT, RecordState.SUBMITTED})
# Same content sent again with a state: from where it moves the record that is there. What was returned goes on by a verb or by
# someone who may approve: a file imported again must not undo the returning.
ADVANCES: dict[RecordState, frozenset[RecordState]] = {
    RecordState.SUBMITTED: frozenset({RecordState.DRAFT}),
    RecordState.APPROVED: frozenset({RecordState.DRAFT, RecordState.SUBMITTED, RecordState.RETURNED}),
}


@dataclass(frozen=True)
class Facts:
    """The events of one kind of record."""

    recorded: type[Event]
    amended: type[Event]
    moved: Mapping[RecordState, type[Event]]


class VersionedColumns(ResourceColumns, Stateful):
    """`revision` counts the versions of one key, as they were recorded under one id; `version` is the row's own, as for every
    resource. `recorded_under`: that id, where the enterprise has been merged since.
    """

    untold: ClassVar = frozenset({"outranked_from"})
    KEY: ClassVar[tuple[str, ...]]
    CONTENT: ClassVar[tuple[str, ...]]
    FACTS: ClassVar[Facts]
    APPROVING: ClassVar[
        str
    ]  # the operation of the permission matrix: who may do it may also send what is approved already
    verbs: ClassVar = {
        "submit": {RecordState.DRAFT, RecordState.RETURNED},
        "approve": {RecordState.SUBMITTED},
        "return": {RecordState.SUBMITTED},
    }

    state: RecordState = Field(default=RecordState.SUBMITTED, sa_type=choice(RecordState))
    revision: int = 1
    reason: str | None = None
    recorded_under: UUID | None = Field(default=None, index=True)
    # its state before a record of another id, which a merger brought together with this, came to count instead
    outranked_from: str | None = None

    @property
    def key(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in self.KEY)

    def says(self, values: Mapping[str, Any]) -> bool:
        """Whether its content is that of `values`; decimals are compared by value."""
        return all(getattr(self, name) == values[name] for name in self.CONTENT)

    @property
    def place(self) -> tuple[bool, str, int]:
        """Among all of its key: those of enterprises merged into this one come before its own."""
        return self.recorded_under is None, str(self.recorded_under), self.revision

    def precedes(self, other: "VersionedColumns") -> bool:
        return self.place < other.place

    @property
    def stands(self) -> bool:
        """It is not superseded, or only by what a merger brought to it."""
        return self.state != RecordState.SUPERSEDED or self.outranked_from is not None

    @property
    def standing(self) -> str:
        """Its state, but for that."""
        return self.outranked_from or self.state

    def give_way(self) -> None:
        if self.outranked_from is None:
            self.state, self.outranked_from = RecordState.SUPERSEDED, self.state.value

    def take_place_again(self) -> None:
        if self.outranked_from is not None:
            self.state, self.outranked_from = RecordState(self.outranked_from), None

    @property
    def key_in_words(self) -> str:
        """The key without the enterprise."""
        return ", ".join(
            str(getattr(self, name)) for name in self.KEY if name != "enterprise_id" and getattr(self, name)
        )

    def advances_to(self, state: RecordState) -> bool:
        """Whether the same content sent with `state` moves it there."""
        return self.state in ADVANCES.get(state, ())

    def demand_amendable(self) -> None:
        if self.state not in AMENDABLE:
            raise errors.WrongState(self.state, self.allowed_actions)


Versioned = TypeVar("Versioned", bound=VersionedColumns)


@dataclass(frozen=True)
class Stored:
    """What became of one set of values: a first version, a further one or one moved to the state sent, or nothing."""

    kind: Literal["created", "updated", "unchanged"]
    record: Any
    moved: bool = False

    @property
    def is_new(self) -> bool:
        return not self.moved and self.kind != "unchanged"


@dataclass(frozen=True)
class Plan(Generic[Versioned]):
    """What storing some sets of values (columns of `model`, keys differ from one another) comes to; nothing is changed yet."""

    model: type[Versioned]
    present: Mapping[Key, Sequence[Versioned]]
    sent: Sequence[tuple[RecordState, Stored]]

    @classmethod
    async def for_rows(cls, session: AsyncSession, model: type[Versioned], rows: Sequence[Mapping[str, Any]]) -> Self:
        present = await present_versions(session, model, [key_of(model, values) for values in rows])
        outcomes = [place(model, values, present.get(key_of(model, values), ())) for values in rows]
        states = [RecordState(values["state"]) for values in rows]
        return cls(model, present, list(zip(states, outcomes, strict=True)))

    @property
    def approved(self) -> list[Versioned]:
        return [one.record for state, one in self.sent if state == RecordState.APPROVED and one.kind != "unchanged"]

    @property
    def superseded(self) -> list[Versioned]:
        return [old for new in self.approved for old in self.present.get(new.key, ()) if old.precedes(new)]

    @property
    def fresh(self) -> list[Versioned]:
        return [one.record for _, one in self.sent if one.is_new]

    def moved_to(self, target: RecordState) -> list[Versioned]:
        return [one.record for state, one in self.sent if one.moved and state == target]


def oversteps(model: type[VersionedColumns], values: Mapping[str, Any]) -> bool:
    """Whether it is sent as approved by somebody who may not approve."""
    approved = values["state"] == RecordState.APPROVED
    return approved and not may_do(current().who.role, model.APPROVING, reads=False)


async def store(session: AsyncSession, model: type[Versioned], values: Mapping[str, Any]) -> Stored:
    if oversteps(model, values):
        raise errors.Forbidden(errors=[errors.pointer("not_of_role", NOT_YOURS, "state")])
    plan = await Plan.for_rows(session, model, [values])
    if plan.fresh:
        await refuse_taken_ref(session, model, values["external_ref"])
    await carry_out(session, plan)
    return plan.sent[0][1]


async def store_all(session: AsyncSession, model: type[Versioned], rows: Sequence[Mapping[str, Any]]) -> list[Stored]:
    """As many statements for any number of rows."""
    plan = await Plan.for_rows(session, model, rows)
    await carry_out(session, plan)
    return [outcome for _, outcome in plan.sent]


async def carry_out(session: AsyncSession, plan: Plan[Versioned]) -> None:
    """A race for one revision is lost by a unique violation, and the door repeats the request."""
    await supersede(session, plan.model, plan.superseded, plan.approved)
    await record_all(session, plan.fresh, plan.model.FACTS.recorded)
    for target in ADVANCES:
        await put_in_state(session, plan.model, plan.moved_to(target), target)


def key_of(model: type[VersionedColumns], values: Mapping[str, Any]) -> Key:
    return tuple(values[name] for name in model.KEY)


async def present_versions(
    session: AsyncSession, model: type[Versioned], keys: Sequence[Key]
) -> dict[Key, list[Versioned]]:
    """Versions not superseded, by key, oldest first; locked in one order, so that two writers don't block one another."""
    columns = columns_of(model, model.KEY)
    there = with_keys(select(model), columns, keys).where(col(model.state) != RecordState.SUPERSEDED)
    found: dict[Key, list[Versioned]] = {}
    for row in await session.exec(there.order_by(*columns, col(model.revision)).with_for_update(of=model)):
        found.setdefault(row.key, []).append(row)
    return {key: sorted(rows, key=lambda row: row.place) for key, rows in found.items()}


def place(model: type[Versioned], values: Mapping[str, Any], present: Sequence[Versioned]) -> Stored:
    if not present:
        return Stored("created", model.made(**values))
    newest = present[-1]
    if not newest.says(values):
        return Stored("updated", model.made(**values, revision=newest.revision + 1))
    moves = newest.advances_to(values["state"])
    return Stored("updated" if moves else "unchanged", newest, moved=moves)


async def put_in_state(
    session: AsyncSession,
    model: type[VersionedColumns],
    versions: Sequence[VersionedColumns],
    state: RecordState,
    reason: str | None = None,
) -> None:
    for version in versions:
        version.state, version.reason = state, reason
    await record_all(session, versions, model.FACTS.moved[state])


async def supersede(
    session: AsyncSession,
    model: type[VersionedColumns],
    older: Sequence[VersionedColumns],
    newer: Sequence[VersionedColumns],
) -> None:
    """Before the newer is approved: only one version of a key ever is. What was recorded under another id is so until that is
    itself again.
    """
    under = {version.key: version.recorded_under for version in newer}
    for version in older:
        if version.recorded_under != under[version.key]:
            version.outranked_from = version.state
    await put_in_state(session, model, older, RecordState.SUPERSEDED)


async def move(
    session: AsyncSession, model: type[Versioned], id: UUID, verb: str, match: IfMatch, reason: str | None = None
) -> Versioned:
    """One verb on one version."""
    version = await model.for_change(session, id)
    match.check(version.version)
    version.demand(verb)
    target = TARGETS[verb]
    if target == RecordState.APPROVED:
        await supersede(session, model, await earlier(session, model, [version]), [version])
    await put_in_state(session, model, [version], target, reason)
    return version


async def earlier(session: AsyncSession, model: type[Versioned], versions: Sequence[Versioned]) -> list[Versioned]:
    """Versions before these of the same keys that are not superseded yet."""
    present = await present_versions(session, model, [version.key for version in versions])
    return [old for version in versions for old in present.get(version.key, ()) if old.precedes(version)]


async def amend(session: AsyncSession, version: VersionedColumns, values: Mapping[str, Any]) -> None:
    """Other content for a version that nobody has decided on yet."""
    version.sqlmodel_update(dict(values))
    await record(session, version, version.FACTS.amended)


async def versions_of(session: AsyncSession, model: type[Versioned], id: UUID) -> Select[Any]:
    """All versions of the record that `id` is one of."""
    one = await model.named(session, id)
    return select(model).where(*(getattr(model, name) == getattr(one, name) for name in model.KEY))
