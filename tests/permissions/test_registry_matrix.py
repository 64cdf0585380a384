"""The whole matrix of the registry, tried: each operation, each role, on its own, on a foreign one, on what is not there."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from shared.permissions.matrix import VISIBLE, may_do
from shared.permissions.relations import Relation
from shared.permissions.roles import Role
from shared.permissions.who import UNLIMITED
from tests import builders
from tests.permissions.actors import without_request
from tests.permissions.contract import Offered, offered
from tests.permissions.registry_scene import FOREIGN_COUNTRY, OWN_COUNTRY, Ids, Scene

COLLECTIONS = {
    "organisations",
    "programmes",
    "phases",
    "country-policies",
    "enterprises",
    "supply-links",
    "partnerships",
    "consents",
    "reference",
}
OPERATIONS = {name: one for name, one in offered().items() if one.collection in COLLECTIONS}
ON_ONE = sorted(name for name, one in OPERATIONS.items() if one.names_one)
MAKING = sorted(name for name, one in OPERATIONS.items() if one.method == "POST" and not one.names_one)
LISTS = sorted(name for name, one in OPERATIONS.items() if one.is_list and not one.names_one and "import" not in name)
ROLES = sorted(Role)
REFUSED, NOT_THERE = {403}, {404}
# a version nobody has: whoever may change it is told so, and nothing changes
STALE = {"If-Match": '"999"'}
SENT: dict[str, Any] = {
    "assess_enterprise": {"eligible": True},
    "withdraw_enterprise": {"reason": "It moved."},
    "close_enterprise": {"reason": "It moved."},
    "cancel_fee": {"reason": "Entered twice."},
}
# what a role sees of a collection tells nothing of a single object where all of it is everybody's
TABLES = {
    "country-policies": "country_policies",
    "supply-links": "supply_links",
    "partnerships": "partnerships",
}


# whose body names what the path does not
NAMING_ONE: dict[str, Callable[[Ids], dict[str, Any]]] = {
    "nominate_enterprise": lambda ids: {"enterprise_id": ids["enterprise_id"]},
    "open_organisation": lambda ids: {"organisation_id": ids["organisation_id"]},
    "shut_organisation": lambda ids: {"organisation_id": ids["organisation_id"]},
    "merge_enterprise": lambda ids: {"into": ids["enterprise_id"]},
    "agree_fee": lambda ids: builders.fee(ids["enterprise_id"], {ids["enterprise_id"]: "100"}),
}
OF_OWN_ORGANISATIONS = {"amend_organisation", "open_organisation", "shut_organisation"}


def ask(scene: Scene, role: str, one: Offered, ids: dict[str, str]) -> httpx.Response:
    options: dict[str, Any] = {}
    if one.name in NAMING_ONE:
        options["json"] = NAMING_ONE[one.name](ids)
    elif not one.reads and one.method != "DELETE":
        options["headers"] = dict(STALE)
        if one.method == "PATCH" or one.name in SENT:
            options["json"] = SENT.get(one.name, {})
    elif one.method == "DELETE":
        options["headers"] = dict(STALE)
    return scene.actors[role].ask(one.method, one.path.format(**ids), **options)


def table_of(one: Offered) -> str:
    if "import" in one.name:
        return "imports"
    if "nomination" in one.path:
        return "nominations" if "nomination_id" in one.path else "partnerships"
    if "fee_id" in one.path:
        return "fees"
    return one.collection.replace("-", "_")


def sees_all(role: str, one: Offered) -> bool:
    return role in UNLIMITED or VISIBLE.get(table_of(one), {}).get(Role(role)) is Relation.ALL


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", [name for name in ON_ONE if "import" not in name])
def test_on_one_object(registry: Scene, name: str, role: str) -> None:
    one = OPERATIONS[name]
    own, foreign, missing = (ask(registry, role, one, registry[which]) for which in ("own", "foreign", "missing"))
    if not may_do(role, name, one.reads):
        assert {own.status_code, foreign.status_code, missing.status_code} == REFUSED
        assert without_request(own) == without_request(foreign) == without_request(missing)
        return
    assert own.status_code not in REFUSED | NOT_THERE, own.text
    assert own.status_code < 500, own.text
    if one.name in NAMING_ONE and role in UNLIMITED:
        return  # the missing one is in the body, too
    assert missing.status_code in NOT_THERE, missing.text
    if not sees_all(role, one):
        assert without_request(foreign) == without_request(missing)
    elif name in OF_OWN_ORGANISATIONS and role == Role.COORDINATOR:
        assert foreign.status_code == 403, foreign.text
    else:
        assert foreign.status_code not in REFUSED | NOT_THERE, foreign.text


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", [name for name in ON_ONE if "import" in name])
def test_an_import_is_its_clients_own(registry: Scene, name: str, role: str) -> None:
    one = OPERATIONS[name]
    foreign, missing = (ask(registry, role, one, registry[which]) for which in ("foreign", "missing"))
    if not may_do(role, name, one.reads):
        assert {foreign.status_code, missing.status_code} == REFUSED
    elif role in UNLIMITED:
        assert foreign.status_code not in REFUSED | NOT_THERE, foreign.text
    else:
        assert without_request(foreign) == without_request(missing)
        assert missing.status_code == 404


# --- making ----------------------------------------------------------------------------------------------------------


def bodies(scene: Scene, name: str, which: str) -> dict[str, Any]:
    """A body that names one's own things, or foreign ones."""
    ids, country = scene[which], {"own": OWN_COUNTRY}.get(which, FOREIGN_COUNTRY)
    grantee = (scene.own if which == "own" else scene.foreign)["organisation_id"]
    made: dict[str, dict[str, Any]] = {
        "register_organisation": builders.organisation(country=country),
        "start_programme": builders.programme(),
        "start_phase": builders.phase(scene.own["programme_id"]),
        "register_enterprise": builders.enterprise(country=country),
        "propose_supply_link": builders.supply_link(scene.own["organisation_id"], ids["enterprise_id"]),
        "draft_partnership": builders.partnership(countries=[country]),
        "grant_consent": builders.consent(ids["enterprise_id"], grantee, until="2012-03-02"),
    }
    return made[name]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", [name for name in MAKING if "import" not in name and name != "match_enterprise"])
def test_making(registry: Scene, name: str, role: str) -> None:
    actor, path = registry.actors[role], OPERATIONS[name].path
    own = actor.ask("POST", path, json=bodies(registry, name, "own"))
    foreign = actor.ask("POST", path, json=bodies(registry, name, "foreign"))
    if not may_do(role, name, reads=False):
        assert without_request(own) == without_request(foreign)
        assert own.status_code == 403
        return
    assert own.status_code == 201, own.text
    if role == Role.PROGRAMME_ADMIN or (name, role) == ("propose_supply_link", Role.BUYER):
        # a buyer knows its suppliers before it may see them
        assert foreign.status_code == 201, foreign.text
    elif name in ("propose_supply_link", "grant_consent"):
        missing = actor.ask("POST", path, json=bodies(registry, name, "missing"))
        assert foreign.status_code == 422
        assert without_request(foreign) == without_request(missing)
    else:
        assert foreign.status_code == 403, foreign.text


@pytest.mark.parametrize("role", ROLES)
def test_matching_tells_of_what_is_seen(registry: Scene, role: str) -> None:
    one, foreign = OPERATIONS["match_enterprise"], registry.foreign["enterprise_id"]
    there = registry.actors[Role.PROGRAMME_ADMIN].ask("GET", f"/v1/enterprises/{foreign}").json()
    same = {name: there[name] for name in ("legal_name", "country", "address", "identifiers")}
    answer = registry.actors[role].ask("POST", one.path, json=same)
    assert answer.status_code == (200 if may_do(role, one.name, reads=False) else 403), answer.text
    assert role == Role.PROGRAMME_ADMIN or foreign not in answer.text


@pytest.mark.parametrize("role", ROLES)
def test_starting_an_import(registry: Scene, role: str) -> None:
    one = OPERATIONS["import_enterprises"]
    sent = {
        "content": f"legal_name,country\n{builders.unique()},{OWN_COUNTRY}\n",
        "headers": {"Content-Type": "text/csv"},
    }
    answer = registry.actors[role].ask("POST", f"{one.path}?mode=dry_run", **sent)
    assert answer.status_code == (202 if may_do(role, one.name, reads=False) else 403), answer.text


# --- lists -----------------------------------------------------------------------------------------------------------

PARAMETER = {"organisations": "organisation_id", "programmes": "programme_id", "phases": "phase_id"}


def parameter_of(one: Offered) -> str:
    return PARAMETER.get(one.collection, one.collection.replace("-", "_").removesuffix("s") + "_id")


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", [name for name in LISTS if OPERATIONS[name].collection != "reference"])
def test_a_list_and_its_count_have_what_is_visible_and_nothing_else(registry: Scene, name: str, role: str) -> None:
    one, actor = OPERATIONS[name], registry.actors[role]
    if not may_do(role, name, reads=True):
        assert actor.get(one.path).status_code == 403
        return
    for sort in ("created_at", "-created_at", "updated_at", "-updated_at"):
        items = actor.items(one.path, sort=sort)
        known = {item["id"] for item in items}
        total = actor.get(one.path, count="exact", limit=1).json()["total"]
        assert total == len(known) == len(items)
        if one.collection == "country-policies":
            continue
        assert registry.own[parameter_of(one)] in known
        assert (registry.foreign[parameter_of(one)] in known) == sees_all(role, one)


@pytest.mark.parametrize("role", ROLES)
def test_reference_lists_are_everybodys(registry: Scene, role: str) -> None:
    for name in LISTS:
        if OPERATIONS[name].collection == "reference":
            assert registry.actors[role].get(OPERATIONS[name].path).status_code == 200, name
