"""The matrix of training, metrics and the gateway's own, tried on the registry's scene: each operation on one's own, on a
foreign one, on what is not there; lists and their filters; ids in bodies; rows of files; fields. A test is one role: it tries all
and says all that is wrong at once.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from shared.permissions.matrix import IMPORTS, OPERATIONS, VISIBLE, may_do
from shared.permissions.relations import Relation
from shared.permissions.roles import Role
from shared.permissions.who import UNLIMITED
from tests import builders
from tests.permissions.actors import Actor, without_request
from tests.permissions.contract import Offered, offered, parameters_of
from tests.permissions.registry_scene import HIDDEN, OWN_COUNTRY, Ids, Scene, an_import
from tests.permissions.test_registry_matrix import COLLECTIONS as OF_REGISTRY

ROLES = sorted(Role)
LIMITED = sorted(set(Role) - UNLIMITED)
TRIED = {name: one for name, one in offered().items() if one.collection not in OF_REGISTRY}
ON_ONE = [one for one in TRIED.values() if one.names_one and "/imports" not in one.path]
LISTS = [one for one in TRIED.values() if one.is_list and not one.names_one and not one.path.endswith("/imports")]
AT_ONCE = 8
STALE = {"If-Match": '"999"'}  # a version nobody has: whoever may change it is told so, and nothing changes
REASON = {"reason": "It is not what we agreed on."}
SENT: dict[str, Any] = {
    "visit_took_place": {"done_on": "2012-04-02"},
    "return_observation": REASON,
    "return_saving": REASON,
    "reschedule_visit": {},
    "report_visit": {},
}


def table_of(one: Offered) -> str:
    return OPERATIONS[one.name].collection


def sees_all(role: str, collection: str) -> bool:
    return role in UNLIMITED or VISIBLE.get(collection, {}).get(Role(role)) is Relation.ALL


def ask(actor: Actor, one: Offered, ids: Ids) -> httpx.Response:
    options: dict[str, Any] = {} if one.reads else {"headers": dict(STALE)}
    if one.name == "record_response":
        options["json"] = builders.response(ids["enterprise_id"])
    elif one.method == "PATCH" or one.name in SENT:
        options["json"] = SENT.get(one.name, {})
    return actor.ask(one.method, one.path.format(**ids), **options)


def all_wrong(
    judge: Callable[[Scene, str, Any], Iterable[str]], scene: Scene, role: str, what: Iterable[Any]
) -> list[str]:
    """What `judge` finds of each, several at once: much of it is waiting."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return [wrong for found in pool.map(lambda one: list(judge(scene, role, one)), what) for wrong in found]


def on_one(scene: Scene, role: str, one: Offered) -> Iterator[str]:
    own, foreign, missing = (ask(scene.actors[role], one, scene[which]) for which in ("own", "foreign", "missing"))
    alike = without_request(foreign) == without_request(missing)
    if not may_do(role, one.name, one.reads):
        right = own.status_code == 403 and alike and without_request(own) == without_request(missing)
    elif sees_all(role, table_of(one)):
        right = is_let_in(own) and is_let_in(foreign) and missing.status_code == 404
    else:
        right = is_let_in(own) and alike and missing.status_code == 404
    if not right:
        yield f"{one.name}: {own.status_code} {foreign.status_code} {missing.status_code} {own.text[:300]}"


def is_let_in(answer: httpx.Response) -> bool:
    return answer.status_code not in (403, 404) and answer.status_code < 500


@pytest.mark.parametrize("role", ROLES)
def test_on_one_object(registry: Scene, role: str) -> None:
    assert len(ON_ONE) > 50
    assert all_wrong(on_one, registry, role, ON_ONE) == []


@pytest.mark.parametrize("role", ROLES)
def test_a_list_its_count_and_its_filters_have_what_is_visible_and_nothing_else(registry: Scene, role: str) -> None:
    assert all_wrong(of_list, registry, role, LISTS) == []


def of_list(scene: Scene, role: str, one: Offered) -> Iterator[str]:
    actor, name = scene.actors[role], "id" if one.collection == "clients" else f"{singular(one)}_id"
    answer = actor.get(one.path, count="exact", limit=1)
    if not may_do(role, one.name, reads=True):
        if answer.status_code != 403:
            yield f"{one.name}: {answer.status_code}"
        return
    if sees_all(role, table_of(one)):
        return
    known = [item["id"] for item in actor.items(one.path)]
    if answer.json()["total"] != len(known) or scene.own[name] not in known or scene.foreign[name] in known:
        yield f"{one.name}: {answer.json()['total']} {len(known)}"
    for asked in parameters_of(one) & scene.foreign.keys():
        if scene.foreign[asked] != scene.own[asked] and visible_through(actor, one, {asked: scene.foreign[asked]}):
            yield f"{one.name}?{asked}="


def singular(one: Offered) -> str:
    return one.collection.replace("-", "_").removesuffix("s")


def visible_through(actor: Actor, one: Offered, filters: Ids) -> int:
    found = actor.get(one.path, count="exact", **filters)
    assert found.status_code == 200, found.text
    return int(found.json()["total"])


# --- making: every id in a body --------------------------------------------------------------------------------


def bodies(scene: Scene) -> dict[str, dict[str, Any]]:
    """What each role may send of its own; new ones each time."""
    own = scene.own
    enterprise, cycle, trainer, partnership = (
        own[f"{name}_id"] for name in ("enterprise", "cycle", "trainer", "partnership")
    )
    provider, somebody = scene.others["service_provider"], scene.admin.make("/v1/participants", person(scene))["id"]
    given = {"provider_id": provider, "lead_trainer_id": trainer, "partnership_id": partnership}
    return {
        "register_trainer": builders.trainer(provider, country=OWN_COUNTRY),
        "draft_cycle": builders.cycle([enterprise], country=OWN_COUNTRY, **given),
        "register_participant": person(scene),
        "record_attendance": {"participant_id": somebody, "cycle_id": cycle, "date": "2012-03-06"},
        "propose_visit": builders.visit(cycle, enterprise, trainer_id=trainer, sequence=int(somebody[-4:], 16) + 2),
        "record_observation": builders.observation(enterprise, period="2012-03", point="monthly", state="submitted"),
        "record_saving": builders.saving(enterprise, reference=builders.unique(), state="submitted"),
        "announce_survey": builders.survey(country=OWN_COUNTRY, partnership_id=partnership),
        "approve_observations": {"ids": [own["observation_id"]]},
        "approve_savings": {"ids": [own["saving_id"]]},
        "define_module": builders.module(),
        "define_indicator": builders.indicator(),
        "record_exchange_rate": builders.exchange_rate(),
        "register_client": {"name": "Another", "role": "auditor"},
    }


def person(scene: Scene) -> dict[str, Any]:
    return builders.participant(scene.own["enterprise_id"])


MAKING = [one for one in TRIED.values() if one.method == "POST" and not one.names_one and "import" not in one.name]


@pytest.mark.parametrize("role", ROLES)
def test_what_is_made_names_what_one_sees_and_nothing_else(registry: Scene, role: str) -> None:
    sent = bodies(registry)
    assert {one.name for one in MAKING} == sent.keys()
    assert all_wrong(of_making, registry, role, [(one, sent[one.name]) for one in MAKING]) == []


def of_making(scene: Scene, role: str, what: tuple[Offered, dict[str, Any]]) -> Iterator[str]:
    (one, body), actor = what, scene.actors[role]
    if not may_do(role, one.name, reads=False):
        refused = actor.ask("POST", one.path, json=body)
        if refused.status_code != 403:
            yield f"{one.name}: {refused.status_code}"
        return
    if role not in UNLIMITED:
        for word, others in instead(scene, body):
            foreign, missing = (actor.ask("POST", one.path, json=other) for other in others)
            if foreign.status_code != 422 or without_request(foreign) != without_request(missing):
                yield f"{one.name} {word}: {foreign.status_code} {missing.status_code} {foreign.text}"
    made = actor.ask("POST", one.path, json=body)
    if made.status_code not in (200, 201, 202):
        yield f"{one.name}: {made.status_code} {made.text}"


def instead(scene: Scene, body: dict[str, Any]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """For each of one's own ids in it: the body with a foreign one there, and with one that nothing has."""
    words = {id: name for name, id in scene.own.items() if name.endswith("_id") and scene.foreign[name] != id}
    for id in dict.fromkeys(ids_in(body)):
        if id in words:
            yield words[id], [replaced(body, id, scene[which][words[id]]) for which in ("foreign", "missing")]


def ids_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from ids_in(part)


def replaced(value: Any, old: str, new: str) -> Any:
    if isinstance(value, dict):
        return {name: replaced(part, old, new) for name, part in value.items()}
    if isinstance(value, list):
        return [replaced(part, old, new) for part in value]
    return new if value == old else value


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.PROVIDER])
def test_nothing_is_made_for_others(registry: Scene, role: Role) -> None:
    """Another country, another organisation: what one may name, and may not act for."""
    abroad, rival = {"country": "PE"}, {"organisation_id": registry.others["rival"]}
    theirs = {"provider_id": registry.others["rival"], "country": "PE", "enterprises": [], "partnership_id": None}
    sent = bodies(registry)
    changes: dict[str, dict[str, Any]] = {"draft_cycle": theirs}
    changes["register_trainer"] = abroad if role == Role.COORDINATOR else rival
    if role == Role.COORDINATOR:
        changes["announce_survey"] = abroad | {"partnership_id": None}
    for name, change in changes.items():
        refused = registry.actors[role].ask("POST", TRIED[name].path, json=sent[name] | change)
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden"), (name, refused.text)


# --- files -----------------------------------------------------------------------------------------------------


NUMBERS = itertools.count()


def files(own: Ids, enterprise: str) -> dict[str, str]:
    """A row of each collection about `enterprise`."""
    ref, cycle = builders.unique("p"), own["cycle_id"]
    number = next(NUMBERS)  # a key met before would be no news
    return {
        "participants": f"{enterprise},{ref},female,worker",
        "attendances": f"{cycle},{enterprise},{ref},female,worker,2012-03-05",
        "visits": f"{cycle},{enterprise},{70_000 + number},2012-05-02",
        "observations": f"{enterprise},KPI02,{1900 + number // 12}-{1 + number % 12:02},monthly,50,1000,units",
        "savings": f"{enterprise},2012-07,10.00,USD,one_off,{ref}",
        "survey_responses": f"{enterprise},worker,{ref},yes",
    }


HEADS = {
    "participants": "enterprise,reference,sex,category",
    "attendances": "cycle,enterprise,reference,sex,category,date",
    "visits": "cycle,enterprise,sequence,planned_on",
    "observations": "enterprise,indicator,period,point,numerator,denominator,unit",
    "savings": "enterprise,month,amount.amount,amount.currency,recurrence,reference",
    "survey_responses": "enterprise,category,reference,answers.relations",
}


@pytest.mark.parametrize("role", LIMITED)
def test_rows_of_a_file_reach_as_far_as_bodies(registry: Scene, role: str) -> None:
    assert HEADS.keys() == IMPORTS.keys() - {"enterprises", "exchange_rates"}
    assert all_wrong(of_file, registry, role, HEADS) == []


def of_file(scene: Scene, role: str, collection: str) -> Iterator[str]:
    actor, one = scene.actors[role], TRIED[f"import_{collection}"]
    ids = [scene[which]["enterprise_id"] for which in ("own", "foreign", "missing")]
    file = "\n".join([HEADS[collection], *(files(scene.own, id)[collection] for id in ids)])
    path = one.path.format(**scene.own)
    started = actor.ask("POST", f"{path}?mode=partial", content=file, headers={"Content-Type": "text/csv"})
    if not may_do(role, one.name, reads=False):
        if started.status_code != 403:
            yield f"{one.name}: {started.status_code}"
        return
    job = ended(actor, started)
    faults = [{name: error[name] for name in ("column", "code", "detail")} for error in job["errors"]]
    if (job["summary"]["created"], job["summary"]["rejected"]) != (1, 2) or faults != faults[:1] * 2:
        yield f"{one.name}: {job}"


def ended(actor: Actor, started: httpx.Response) -> dict[str, Any]:
    assert started.status_code == 202, started.text
    place = started.headers["Location"]
    for _ in range(600):
        job: dict[str, Any] = actor.get(place).json()
        if job["state"] not in ("queued", "running"):
            return job | {"errors": actor.items(f"{place}/errors")}
        actor.wait()
    raise AssertionError(job)


def test_an_import_is_its_clients_own(registry: Scene) -> None:
    wrong = []
    for collection in HEADS:
        start = TRIED[f"import_{collection}"]
        place = start.path.format(**registry.own).removesuffix("/imports")
        row = files(registry.own, registry.own["enterprise_id"])[collection]
        theirs = an_import(registry.admin, place, f"{HEADS[collection]}\n{row}\n")
        for role in LIMITED:
            answer = registry.actors[role].get(start.path.format(**registry.own), limit=500)
            status = 200 if may_do(role, start.name, reads=False) else 403
            if answer.status_code != status or theirs in answer.text:
                wrong.append(f"{start.path} as {role}: {answer.status_code}")
        about_it = [one for one in TRIED.values() if one.path.startswith(f"{start.path}/")]
        assert len(about_it) == 4
        for role in LIMITED:
            for one in about_it:
                foreign, missing = (
                    ask(registry.actors[role], one, registry.own | {"import_id": id})
                    for id in (theirs, registry.missing["import_id"])
                )
                status = 404 if may_do(role, one.name, one.reads) else 403
                if foreign.status_code != status or without_request(foreign) != without_request(missing):
                    wrong.append(f"{one.name} as {role}: {foreign.status_code} {missing.status_code}")
    assert wrong == []


# --- fields ----------------------------------------------------------------------------------------------------

ALWAYS = {"id", "version", "created_at", "updated_at"}
OF_CYCLE = {
    "module",
    "variant",
    "country",
    "phase_id",
    "partnership_id",
    "provider_id",
    "enterprises",
    "classroom",
    "state",
}
OF_VISIT = {"cycle_id", "enterprise_id", "sequence", "planned_on", "done_on", "state"}


def test_outsiders_are_told_of_a_cycle_and_a_visit_what_concerns_them(registry: Scene) -> None:
    own = registry.own
    cycle, visit = f"/v1/cycles/{own['cycle_id']}", f"/v1/visits/{own['visit_id']}"
    buyer, enterprise = registry.actors[Role.BUYER], registry.actors[Role.ENTERPRISE]
    for actor, venue in ((buyer, {}), (enterprise, {"venue": HIDDEN})):
        told = actor.get(cycle).json()
        assert told.keys() == ALWAYS | OF_CYCLE, actor.role
        assert [one["enterprise_id"] for one in told["enterprises"]] == [own["enterprise_id"]], actor.role
        assert told["classroom"][0] == {"date": "2012-03-05"} | venue
        assert actor.items("/v1/cycles", lead_trainer_id=own["trainer_id"]) == [], actor.role
    assert buyer.get(visit).json().keys() == ALWAYS | OF_VISIT
    assert buyer.items("/v1/visits", trainer_id=own["trainer_id"]) == []
    assert enterprise.get(visit).json()["report"] == HIDDEN
    for role in (Role.PROVIDER, Role.TRAINER, Role.COORDINATOR):
        assert len(registry.actors[role].get(cycle).json()["enterprises"]) == 2, role


def test_the_others_of_a_cycle_are_in_no_answer_to_an_enterprise_or_a_buyer(registry: Scene) -> None:
    """Nor the words that only they and staff know."""
    own = registry.own
    neighbour = registry.admin.actor.get(f"/v1/enterprises/{own['neighbour']}").json()["legal_name"]
    for role in (Role.ENTERPRISE, Role.BUYER):
        reads = [one for name, one in offered().items() if one.reads and "import" not in name]
        for one in (one for one in reads if may_do(role, one.name, reads=True)):
            more = {"partnership_id": own["partnership_id"], "as_of": "2012-12-31"} if one.name == "get_results" else {}
            answer = registry.actors[role].get(one.path.format(**own), **more)
            assert answer.status_code == 200, (one.name, answer.text)
            assert own["neighbour"] not in answer.text, (role, one.name)
            assert neighbour not in answer.text, (role, one.name)
            assert role == Role.ENTERPRISE or HIDDEN not in answer.text, one.name


def test_a_reference_is_its_clients_own(registry: Scene) -> None:
    offices = (Role.PROGRAMME_ADMIN, Role.AUDITOR, Role.COORDINATOR)
    for name, collection in (("cycle_id", "cycles"), ("visit_id", "visits"), ("observation_id", "observations")):
        path = f"/v1/{collection}/{registry.own[name]}"
        given = registry.actors[Role.PROGRAMME_ADMIN].get(path).json()["external_ref"]
        assert given
        for role in set(VISIBLE[collection]) | set(offices):
            told = registry.actors[role].get(path).json().get("external_ref")
            assert told == (given if role in offices else None), (role, path)
            found = registry.actors[role].items(f"/v1/{collection}", external_ref=given)
            assert len(found) == (1 if role in offices else 0), (role, path)
