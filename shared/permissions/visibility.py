"""What the relations mean for one service's tables, as SQL: the source of both fences.

The first is the application's: every select of a table gets the condition of the asking role (`Visibility.criteria`). The second
is the database's: row-level security with the same conditions (`Visibility.policies`), for the day on which the first has a hole.

A condition may use the columns of its own table, and select from tables whose conditions do not lead back to it: such policies
are refused by the database.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    and_,
    any_,
    case,
    exists,
    false,
    func,
    literal_column,
    make_url,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import with_loader_criteria

from shared.permissions.matrix import VISIBLE, WRITABLE, writers_of
from shared.permissions.relations import Relation
from shared.permissions.roles import Role
from shared.permissions.who import (
    SYSTEM,
    TRUSTED,
    UNLIMITED,
    Eyes,
    Who,
    eyes_of,
    eyes_of_the_transaction,
    role_of_the_transaction,
)
from shared.tables import history

TOLD_OF: ColumnElement[Any] = literal_column("history.aggregate_id")  # of the row the policy looks at
OWNERS = "score_owner"
POLICIES = {"select": "score_read", "insert": "score_add", "update": "score_change", "delete": "score_remove"}
DIALECT = make_url("postgresql+asyncpg://").get_dialect()
Condition = Callable[[Eyes], ColumnElement[bool]]


@dataclass(frozen=True, eq=False)
class Rule:
    """`collection` is the matrix's word for what lies in `model`."""

    model: Any
    collection: str
    conditions: Mapping[Relation, Condition]

    def condition(self, relation: Relation | None, eyes: Eyes) -> ColumnElement[bool]:
        if relation is None:
            return false()
        return true() if relation is Relation.ALL else self.conditions[relation](eyes)

    def reading(self, role: str) -> Relation | None:
        return VISIBLE[self.collection].get(Role(role))

    def writing(self, role: str) -> Relation | None:
        """As far as it sees, unless the matrix says otherwise; nothing for a role that has nothing to write here."""
        own = WRITABLE.get(self.collection, {})
        if role in own:
            return own[Role(role)]
        return self.reading(role) if role in writers_of(self.collection) else None


class Visibility:
    """The rules of one service. A table without one is the service's own: no route selects from it. `unseen`: those of them that
    hold what is somebody's, fenced so that only the programme itself looks into them."""

    def __init__(self, rules: list[Rule], unseen: Sequence[Any] = ()) -> None:
        self.rules = {rule.model: rule for rule in rules}
        self.unseen = unseen
        self._kept = lru_cache(1_000)(self._criteria)

    def criteria(self, who: Who, *, for_change: bool = False) -> list[Any]:
        """Options for every select on behalf of `who`; one that locks rows finds only those that may be changed."""
        return [] if who.is_unlimited else self._kept(who, for_change)

    def _criteria(self, who: Who, for_change: bool) -> list[Any]:
        eyes = eyes_of(who)
        relations = {rule: rule.writing(who.role) if for_change else rule.reading(who.role) for rule in self._all()}
        conditions = {rule.model: rule.condition(relation, eyes) for rule, relation in relations.items()}
        return [with_loader_criteria(model, condition, include_aliases=True) for model, condition in conditions.items()]

    def _all(self) -> list[Rule]:
        return list(self.rules.values())

    async def may_write(self, session: AsyncSession, who: Who, model: Any, ids: list[Any]) -> bool:
        """Whether all of these rows, as they now are, lie where `who` may write."""
        if who.is_trusted or model not in self.rules:
            return True
        rule = self.rules[model]
        table = model.__table__
        inside = and_(table.c.id.in_(ids), rule.condition(rule.writing(who.role), eyes_of(who)))
        return len((await session.execute(select(table.c.id).where(inside))).all()) == len(set(ids))

    async def sees(self, session: AsyncSession, who: Who, id: UUID) -> bool:
        """Whether `who` sees the one resource of this service that `id` names; what has no rule is seen by all."""
        if who.is_unlimited or not self.rules:
            return True
        named = [select(rule.model.id).where(rule.model.id == id) for rule in self._all() if hasattr(rule.model, "id")]
        return (await session.execute(union_all(*named))).first() is not None

    def fences(self, role: str, owner: str) -> Iterator[tuple[str, Sequence[str]]]:
        """Each table with the statements that fence it against `role`, the application's role in the database.

        `owner` makes and mends the tables; forced, the fence would hold for it, too.
        """
        for table, clauses in self._clauses():
            yield table, [*fence(table, clauses, role, owner)]

    def _clauses(self) -> Iterator[tuple[str, Mapping[str, str]]]:
        for model, rule in self.rules.items():
            reads, writes = (in_words(condition) for condition in (read_by(rule), written_by(rule)))
            yield (
                model.__table__.name,
                {
                    "select": f"using ({reads})",
                    "insert": f"with check ({writes})",
                    "update": f"using ({writes}) with check ({writes})",
                    "delete": f"using ({writes})",
                },
            )
        ours = in_words(role_of_the_transaction() == SYSTEM)
        for model in self.unseen:
            clauses = {"select": f"using ({ours})", "insert": f"with check ({ours})", "update": f"using ({ours})"}
            yield model.__table__.name, clauses
        if self.rules:
            told = in_words(told_by(self._all()))
            yield history.name, {"select": f"using ({told})", "insert": "with check (true)"}


def names_any_of(parties: Any, organisation_id: Any, those: ColumnElement[bool]) -> ColumnElement[bool]:
    """That one of `those` organisations is among the `parties` of an agreement. Nothing is taken from the row it is about but the
    parties, so that it can stand in a policy on that row's own table."""
    named = func.jsonb_build_array(func.jsonb_build_object("organisation_id", organisation_id))
    wanted = func.array(select(named).where(those).scalar_subquery(), type_=ARRAY(JSONB))
    return parties.op("@>")(any_(wanted))  # type: ignore[no-any-return]


def fence(table: str, clauses: Mapping[str, str], role: str, owner: str) -> Iterator[str]:
    """What has no clause is nobody's, but for the owner."""
    yield f"alter table {table} enable row level security"
    yield f"alter table {table} force row level security"
    for what, name in POLICIES.items():
        yield f"drop policy if exists {name} on {table}"
        if what in clauses:
            yield f"create policy {name} on {table} for {what} to {role} {clauses[what]}"
    yield f"drop policy if exists {OWNERS} on {table}"
    yield f"create policy {OWNERS} on {table} for all to {owner} using (true) with check (true)"


def told_by(rules: Iterable[Rule]) -> ColumnElement[bool]:
    """The history of a row is for whoever sees the row: each table's own policy says who."""
    columns = [rule.model.__table__.c for rule in rules]
    own = [c for c in columns if "created_at" in c]  # not the copies of others'
    seen = [exists().where(c.id == TOLD_OF) for c in own]
    return or_(role_of_the_transaction().in_(sorted(UNLIMITED)), *seen)


def read_by(rule: Rule) -> ColumnElement[bool]:
    return by_role(rule, rule.reading, UNLIMITED)


def written_by(rule: Rule) -> ColumnElement[bool]:
    return by_role(rule, rule.writing, TRUSTED)


def by_role(
    rule: Rule, relation_of: Callable[[str], Relation | None], everything: frozenset[str]
) -> ColumnElement[bool]:
    """The condition of whoever it is; those of `everything` have none.

    By `case`, because the planner takes an `or` of roles for a condition that hardly any row meets: then it gathers and sorts
    all rows of a list rather than reading a page off an index.
    """
    eyes, asking = eyes_of_the_transaction(), role_of_the_transaction()
    limited = [role for role in Role if role not in UNLIMITED and relation_of(role)]
    branches = [(asking == role.value, rule.condition(relation_of(role), eyes)) for role in limited]
    return case((asking.in_(sorted(everything)), true()), *branches, else_=false())


def in_words(condition: ColumnElement[bool]) -> str:
    return str(condition.compile(dialect=DIALECT(), compile_kwargs={"literal_binds": True}))
