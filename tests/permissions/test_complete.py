"""Nothing is open because somebody forgot it: each route has its row, each row its route, each table its rule."""

import importlib
from collections.abc import Iterable
from typing import Any

import pytest
from fastapi import FastAPI

from deploy.docs.told import FORMS
from shared.contract import describe
from shared.migrations import PACKAGES, visibility_of
from shared.permissions import matrix
from shared.permissions.forms import Forms
from shared.permissions.matrix import OPERATIONS, VISIBLE, may_do, scopes_of
from shared.permissions.roles import Role
from shared.permissions.visibility import Visibility, read_by, written_by
from shared.routing import Router
from shared.states import Stateful
from shared.types import Answer
from tests.permissions.contract import answered, offered, operations_of, reads_of_the_document

SERVICES = ("enterprise", "training", "metrics")
# what no route selects from: each is filled by events or beside a change, and asked by the rules
OWN_TABLES = {
    "enterprise": {
        "identifier_claims",
        "later_facts",
        "match_keys",
        "memberships",
        "merged_enterprises",
        "name_words",
        "cycle_views",
        "attendance_views",
        "observation_views",
        "saving_views",
    },
    "training": {"merged_enterprises"},
    "metrics": {"merged_enterprises", "told_cells"},
}


def tables_of(service: str) -> set[str]:
    base = importlib.import_module(f"services.{PACKAGES[service]}.models_base").Base
    importlib.import_module(f"services.{PACKAGES[service]}.tables")
    return set(base.metadata.tables)


def fenced(visibility: Visibility) -> set[str]:
    return {model.__table__.name for model in [*visibility.rules, *visibility.unseen]}


def alone(routes: Iterable[str], rows: Iterable[str]) -> tuple[set[str], set[str]]:
    """Routes without a row, and rows without a route."""
    return set(routes) - set(rows), set(rows) - set(routes)


def test_every_route_has_a_row_and_every_row_a_route() -> None:
    assert alone(offered(), OPERATIONS) == (set(), set())


def test_one_that_was_forgotten_is_named() -> None:
    """As the document tells of it: a route that somebody adds, a row whose route somebody takes away."""
    assert alone(offered(), OPERATIONS.keys() - {"get_visit"}) == ({"get_visit"}, set())
    assert alone(offered().keys() - {"get_visit"}, OPERATIONS) == (set(), {"get_visit"})
    router = Router("visits")

    @router.get("/forgotten", response_model=Answer)
    async def forget_a_row() -> None:
        """Nobody wrote it down."""

    document = describe(FastAPI(routes=router.routes), "Tried")
    assert alone([one.name for one in operations_of(document["paths"])], OPERATIONS)[0] == {"forget_a_row"}
    assert not any(may_do(role, "forget_a_row", reads=False) for role in set(Role) - {Role.PROGRAMME_ADMIN})


def test_a_row_wants_the_scope_that_its_route_wants() -> None:
    assert {name: OPERATIONS[name].scope for name in offered()} == {name: one.scope for name, one in offered().items()}


def test_reading_is_what_the_method_reads() -> None:
    assert {name for name, one in offered().items() if one.reads} == {
        name for name, one in OPERATIONS.items() if one.reads
    }


@pytest.mark.parametrize("service", SERVICES)
def test_every_table_has_a_rule_or_is_named_as_the_services_own(service: str) -> None:
    assert tables_of(service) - fenced(visibility_of(service)) == OWN_TABLES[service]


@pytest.mark.parametrize("service", SERVICES)
def test_every_rule_knows_what_each_relation_of_the_matrix_means(service: str) -> None:
    for rule in visibility_of(service).rules.values():
        assert rule.collection in VISIBLE
        read_by(rule)
        written_by(rule)


@pytest.mark.parametrize("service", SERVICES)
def test_every_verb_is_an_operation(service: str) -> None:
    stateful: list[Any] = [model for model in visibility_of(service).rules if issubclass(model, Stateful)]
    assert stateful
    named = {model.operation_of(verb) for model in stateful for verb in model.verbs}
    assert named - OPERATIONS.keys() == set()


def test_the_administrator_may_do_everything_and_the_auditor_read_everything() -> None:
    for name, one in OPERATIONS.items():
        assert may_do(Role.PROGRAMME_ADMIN, name, one.reads)
        assert may_do(Role.AUDITOR, name, one.reads) == (one.reads or Role.AUDITOR in one.roles)


def test_the_readable_table_knows_the_fields_of_everything_and_every_form() -> None:
    assert FORMS.keys() == VISIBLE.keys()
    several = {one["operationId"] for one in reads_of_the_document() if "anyOf" in answered(one)}
    narrowed = {name for name, forms in FORMS.items() if isinstance(forms, Forms)}
    assert {OPERATIONS[name].collection for name in several} == narrowed


def test_what_is_not_named_is_the_administrators_alone() -> None:
    for role in set(Role) - {Role.PROGRAMME_ADMIN, Role.AUDITOR}:
        assert not may_do(role, "an_operation_nobody_wrote_down", reads=True)


def test_whoever_writes_sees_what_it_writes() -> None:
    for collection in matrix.WRITES.keys() & VISIBLE.keys():
        assert matrix.writers_of(collection) <= VISIBLE[collection].keys() | {Role.PROGRAMME_ADMIN}, collection


@pytest.mark.parametrize("role", Role)
def test_a_role_has_the_scopes_of_what_it_may_do_and_no_others(role: Role) -> None:
    wanted = {one.scope for name, one in offered().items() if one.scope and may_do(role, name, one.reads)}
    assert scopes_of(role) == wanted
