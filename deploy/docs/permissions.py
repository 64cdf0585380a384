"""`docs/permissions.md`: the permission matrix as a table people read."""

from collections.abc import Iterable, Iterator
from typing import Any

from deploy.docs.openapi import PUBLIC_URL, merged
from shared.permissions.matrix import OPERATIONS, VISIBLE, Operation, relation_of
from shared.permissions.relations import Relation
from shared.permissions.roles import Role

ROLES = [role for role in Role if role not in (Role.PROGRAMME_ADMIN, Role.AUDITOR)]
NO = "·"
HEAD = """# Who may see and do what

Written by `make permissions` from `shared/permissions/matrix.py`, which the checks and the tests read, too; a test fails when it
is not current.

`programme_admin` may do everything, `auditor` read everything and change nothing; neither has a column. A cell says how a
role must be related to what it sees or does something to. What it is not related to does not exist for it: 404 in a path, 422
in a body, absent from lists and counts. `·` is an operation that it may not do: 403. An import is its client's own, for all but
these two.

Fields: a buyer is told an enterprise's names, country, subdivision, activity, identifiers and state. An `external_ref` is null to
all but the client who gave it, coordinators and these two. `allowed_actions` names what the asking role may do.

Two fences hold it up. The application adds the condition to every select and checks every row that is written; PostgreSQL's
row-level security has the same conditions, made from the same rules, should the application ever forget one.
"""
MEANINGS = {
    Relation.ALL: "everything",
    Relation.COUNTRIES: "what lies in, or touches, the client's `countries`",
    Relation.WITHIN: "what lies in the client's `countries` and in no others",
    Relation.ORGANISATION: "what is the client's organisation's own: its links, its trainers, its cycles, consents given to it",
    Relation.PROVIDED: "what belongs to cycles that the client's organisation provides",
    Relation.ASSIGNED: "what belongs to cycles in which the client's trainer leads, assists or supervises",
    Relation.ITSELF: "the client's enterprise or trainer, and what is its own",
    Relation.PARTY: "agreements to which the client's organisation is a party, and the organisations near it",
    Relation.CONSENTED: "what a live consent allows: `identified_kpi` or `case_study` to it, `case_study` to the public",
}


def permissions_page() -> str:
    addresses = addresses_by_operation()
    collections = dict.fromkeys(one.collection for one in OPERATIONS.values())
    return "\n".join([HEAD, words(), *(section(name, addresses) for name in collections)])


def words() -> str:
    lines = [f"| {relation.value} | {meaning} |" for relation, meaning in MEANINGS.items()]
    return "\n".join(["## The words", "", "| word | means |", "| --- | --- |", *lines, ""])


def section(collection: str, addresses: dict[str, str]) -> str:
    rows = [(name, one) for name, one in OPERATIONS.items() if one.collection == collection]
    head = ["operation", "scope", *(role.value for role in ROLES)]
    lines = [row([f"{addresses[name]}", one.scope or "any token", *cells(one)]) for name, one in rows]
    return "\n".join([f"## {collection or 'oneself'}", "", row(head), row(["---"] * len(head)), *lines, ""])


def row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def cells(one: Operation) -> Iterator[str]:
    for role in ROLES:
        yield NO if role not in one.roles else in_word(one, relation_of(role, one))


def in_word(one: Operation, relation: Relation | None) -> str:
    """Where there is no table to be related to, it is just allowed."""
    return relation.value if relation and one.collection in VISIBLE else "yes"


def addresses_by_operation() -> dict[str, str]:
    found: dict[str, Any] = merged(PUBLIC_URL)["paths"]
    return {
        operation["operationId"]: f"`{method.upper()} {path}`"
        for path, item in found.items()
        for method, operation in item.items()
        if isinstance(operation, dict)
    }
