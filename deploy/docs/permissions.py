"""`docs/permissions.md`: the permission matrix as tables people read: role by role, field by field, operation by operation."""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from deploy.docs.openapi import PUBLIC_URL, merged
from deploy.docs.told import HIS_OWN, fields_of, told_to
from shared.permissions.matrix import OPERATIONS, VISIBLE, Operation, may_do, relation_of
from shared.permissions.relations import Relation
from shared.permissions.roles import Role

ROLES = [role for role in Role if role not in (Role.PROGRAMME_ADMIN, Role.AUDITOR)]
NO = "·"
HEAD = """# Who may see and do what

Written by `make permissions` from `shared/permissions/matrix.py`, which the checks and the tests read, too; a test fails when it
is not current.

`programme_admin` may do everything, `auditor` read everything and change nothing; neither has a column or a chapter. What a role
is not related to does not exist for it: 404 in a path, with the same body as what never was; 422 in a body; absent from lists,
filters and counts. `·` is an operation that it may not do: 403, whether the object is there or not. A token may be narrowed to
some scopes of its client, a client to some of its role; nobody gives a client a scope that it does not have itself. An import is
its client's own, for all but these two.

Two fences hold it up. The application adds the condition to every select and checks every row that is written; PostgreSQL's
row-level security has the same conditions, made from the same rules, should the application ever forget one.

When a buyer or a donor reads an identified enterprise's data, a receipt is written in the same transaction as the answer: who, in
which role, by which operation, which fields, under which consents, when. The enterprise reads it at
`GET /v1/enterprises/{enterprise_id}/access-log`. Figures of many (`/v1/results`, survey results) have their small cells
suppressed for buyers, donors and enterprises.
"""
MEANINGS = {
    Relation.ALL: "everything",
    Relation.COUNTRIES: "what lies in, or touches, the client's `countries`",
    Relation.WITHIN: "what lies in the client's `countries` and in no others",
    Relation.ORGANISATION: "what is the client's organisation's own: its links, its trainers, its cycles, consents given to it",
    Relation.PROVIDED: "what belongs to cycles that the client's organisation provides",
    Relation.ASSIGNED: "what belongs to cycles in which the client's trainer leads, assists or supervises",
    Relation.ITSELF: "the client's enterprise or trainer, what is its own, the cycles it takes part in, agreements it was asked "
    "to join",
    Relation.PARTY: "agreements to which the client's organisation is a party, their cycles and surveys, and the organisations "
    "near it",
    Relation.OPENED: "the same, and agreements of its members that are open to it (`POST /v1/organisations/{id}/open`), with "
    "their surveys",
    Relation.CONSENTED: "what a live consent allows: `identified_kpi` or `case_study` given to the client's organisation, or "
    "`case_study` to the public; from its first day to its last, and at no instant after its withdrawal. Of figures it "
    "shows what was said: no drafts, nothing that was sent back. `aggregate` shows nobody",
}
CONSEQUENCES = {
    Role.COORDINATOR: "A centre's office in its countries: it keeps the registry and the programme's books there.",
    Role.PROVIDER: "An organisation that gives the training, with its trainers and cycles.",
    Role.TRAINER: "One trainer, and the cycles it is assigned to.",
    Role.ENTERPRISE: "One enterprise, and what is its own. Of others in its cycles it is told nothing, not even their ids.",
    Role.BUYER: "A lead buyer: its links and partnerships; enterprises by name and figure only while they consent, each reading "
    "of them with a receipt; all others inside aggregates.",
    Role.DONOR: "Who funds: the agreements it is a party to, and aggregates. No enterprise is ever named to it.",
}


def permissions_page() -> str:
    parts = [HEAD, words(), "## By role\n", *map(chapter, ROLES), fields_chapter(), "## By operation\n"]
    return "\n".join([*parts, *map(section, collections())])


def collections() -> list[str]:
    return list(dict.fromkeys(one.collection for one in OPERATIONS.values()))


def words() -> str:
    return table("## The words", ["word", "means"], ([relation.value, text] for relation, text in MEANINGS.items()))


def table(title: str, head: list[str], rows: Iterable[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join([title, "", *(f"| {' | '.join(cells)} |" for cells in lines), ""])


# --- by role ---------------------------------------------------------------------------------------------------


def chapter(role: Role) -> str:
    head = ["what", "which of it", "fields", "may do", "scopes"]
    rows = (summary(role, name) for name in collections() if operations_of(role, name))
    absent = [title(name) for name in collections() if not operations_of(role, name)]
    nothing = f"Nothing of {', '.join(absent)}." if absent else ""
    return table(f"### {role.value}\n\n{CONSEQUENCES[role]} {nothing}", head, rows)


def operations_of(role: Role, collection: str) -> list[str]:
    rows = ((name, one) for name, one in OPERATIONS.items() if one.collection == collection)
    return [name for name, one in rows if may_do(role, name, one.reads)]


def summary(role: Role, collection: str) -> list[str]:
    names = operations_of(role, collection)
    relations = dict.fromkeys(in_word(OPERATIONS[name], relation_of(role, OPERATIONS[name])) for name in names)
    scopes = dict.fromkeys(OPERATIONS[name].scope for name in names)
    deeds = dict.fromkeys(deed for name in names for deed in deeds_of(name))
    return [
        title(collection),
        reach(role, collection, list(relations)),
        told_to(role, collection),
        ", ".join(deeds),
        ", ".join(f"`{scope}`" for scope in scopes if scope) or "any token",
    ]


def reach(role: Role, collection: str, relations: list[str]) -> str:
    """Where writing reaches less far than reading, both are named."""
    reading, writing = (
        {in_word(one, relation_of(role, one)) for one in OPERATIONS.values() if of(one, collection, role, reads)}
        for reads in (True, False)
    )
    if reading and writing and reading != writing:
        return f"reads {'; '.join(sorted(reading))}, changes {'; '.join(sorted(writing))}"
    return "; ".join(relations)


def of(one: Operation, collection: str, role: Role, reads: bool) -> bool:
    return one.collection == collection and role in one.roles and one.reads == reads


def deeds_of(name: str) -> Iterator[str]:
    """An operation in a word: `GET` is read, a verb its own name."""
    method, path = addresses()[name]
    last = path.rpartition("/")[2]
    if "/imports" in path:
        yield "import"
    elif method == "GET":
        yield "read" if last.startswith("{") or name.startswith("list_") or "/" not in path[4:] else f"read {last}"
    elif method == "PATCH":
        yield "amend"
    else:
        yield "make" if is_collection(path) else last


def is_collection(path: str) -> bool:
    """Whether things are made by posting there: it can be listed, too."""
    return any(address == ("GET", path) for address in addresses().values())


def title(collection: str) -> str:
    return collection.replace("_", " ") or "oneself"


# --- fields ----------------------------------------------------------------------------------------------------


def fields_chapter() -> str:
    head = ["what", "fields"]
    rows = [[title(name), fields] for name in collections() if (fields := fields_of(name))]
    note = (
        "All that a resource has. *Slanted* is personal: encrypted with a key of that person wherever it is kept beside the "
        f"row, and gone when the person is erased. {HIS_OWN} `allowed_actions` names what the asking role may do now."
    )
    return table(f"## The fields\n\n{note}", head, rows)


# --- by operation ----------------------------------------------------------------------------------------------


def section(collection: str) -> str:
    head = ["operation", "scope", *(role.value for role in ROLES)]
    rows = [(name, one) for name, one in OPERATIONS.items() if one.collection == collection]
    lines = [[address(name), one.scope or "any token", *cells(one)] for name, one in rows]
    return table(f"### {title(collection)}", head, lines)


def address(name: str) -> str:
    method, path = addresses()[name]
    return f"`{method} {path}`"


def cells(one: Operation) -> Iterator[str]:
    for role in ROLES:
        yield NO if role not in one.roles else in_word(one, relation_of(role, one))


def in_word(one: Operation, relation: Relation | None) -> str:
    """Where there is no table to be related to, it is just allowed."""
    return relation.value if relation and one.collection in VISIBLE else "yes"


@cache
def addresses() -> dict[str, tuple[str, str]]:
    found: dict[str, Any] = merged(PUBLIC_URL)["paths"]
    return {
        operation["operationId"]: (method.upper(), path)
        for path, item in found.items()
        for method, operation in item.items()
        if isinstance(operation, dict)
    }
