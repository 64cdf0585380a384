"""What is another's does not exist: by any list, filter, cursor, id, verb, and id inside a body. Read from the published
contract, so that what is added to the API is attacked, too.
"""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from shared.db import uuid7
from tests import builders
from tests.attacks.scene import Scene, Side
from tests.conftest import System
from tests.permissions.actors import Actor, without_request

ROLES = ("coordinator", "provider", "trainer", "enterprise", "buyer", "donor")
ORGANISATIONS = ("buyer", "provider", "donor")  # staff see all of them
OBJECTS = {
    "enterprises": "enterprise",
    "supply-links": "link",
    "consents": "consent",
    "partnerships": "partnership",
    "trainers": "trainer",
    "cycles": "cycle",
    "participants": "participant",
    "attendances": "attendance",
    "visits": "visit",
    "observations": "observation",
    "savings": "saving",
    "surveys": "survey",
}
OF_NOTHING = "01890000-0000-7000-8000-000000000000"  # too old to be on its way from another service
ONE = re.compile(r"/v1/([a-z-]+)/\{[a-z_]+\}(/[a-z-]+)?")


@pytest.fixture(scope="session")
def contract(system: System) -> dict[str, Any]:
    return httpx.get(f"{system.url}/openapi.json", timeout=60).json()


def lists(contract: dict[str, Any]) -> dict[str, set[str]]:
    """Every list of the contract, with the names of its parameters."""
    found = {}
    for path, operations in contract["paths"].items():
        named = [
            one.get("name") or one["$ref"].rpartition("/")[2] for one in operations.get("get", {}).get("parameters", [])
        ]
        if "{" not in path and "limit" in named:
            found[path] = set(named)
    return found


def secrets_of(side: Side) -> set[str]:
    """Words that only who is on that side may read."""
    ids = {id for name, id in side.ids.items() if name not in ORGANISATIONS}
    return ids | set(side.names.values())


@pytest.mark.parametrize("role", ROLES)
def test_no_list_tells_of_the_other_side(scene: Scene, contract: dict[str, Any], role: str) -> None:
    actor, foreign = scene.attackers[role], secrets_of(scene.foreign)
    for path in lists(contract):
        for accept in ("application/json", "text/csv"):
            answer = actor.ask("GET", f"{path}?limit=500" if "json" in accept else path, headers={"Accept": accept})
            assert answer.status_code in (200, 403, 406), (path, answer.text)
            assert [word for word in foreign if word in answer.text or word in str(answer.headers)] == [], path


def test_the_other_side_is_there(scene: Scene, contract: dict[str, Any]) -> None:
    """Else the search for its words would prove nothing."""
    admin, found = scene.admin.actor, set()
    for path in lists(contract):
        text = admin.ask("GET", f"{path}?limit=500&sort=-created_at").text
        found |= {word for word in secrets_of(scene.foreign) if word in text}
    assert secrets_of(scene.foreign) - found == {scene.foreign["response"], scene.foreign["fee"]}


@pytest.mark.parametrize("role", ["coordinator", "enterprise", "buyer"])
def test_a_filter_by_what_is_foreign_finds_what_one_by_nothing_does(
    scene: Scene, contract: dict[str, Any], role: str
) -> None:
    actor, missing = scene.attackers[role], str(uuid7())
    values = {f"{name}_id": id for name, id in scene.foreign.ids.items()}
    for path, names in lists(contract).items():
        tried = [(name, values[name], missing) for name in names & values.keys()]
        tried += [("external_ref", scene.foreign.names["external_ref"], "nobody-has-it")]
        if "identifier" in names:
            number = scene.foreign.names["number"]
            tried += [("identifier", f"national:{number}", f"national:{number}0")]
        if "q" in names:
            tried += [("q", scene.foreign.names["legal_name"], "nobody is called so")]
        for name, foreign, nothing in tried:
            told, control = [actor.get(path, **{name: value, "count": "exact"}) for value in (foreign, nothing)]
            assert without_request(told)[:2] == without_request(control)[:2], (path, name)


def test_a_cursor_of_another_client_shows_ones_own_rows(scene: Scene) -> None:
    """It says from where on, not what: and with other filters it is none."""
    theirs = scene.admin.actor.get("/v1/enterprises", limit=1).json()["next_cursor"]
    for role in ("coordinator", "buyer", "enterprise"):
        shown = scene.attackers[role].get("/v1/enterprises", cursor=theirs)
        ones_own = {one["id"] for one in scene.attackers[role].items("/v1/enterprises")}
        assert {one["id"] for one in shown.json()["items"]} <= ones_own
        other = scene.attackers[role].get("/v1/enterprises", cursor=theirs, country=scene.foreign.country)
        assert (other.status_code, other.json()["errors"][0]["code"]) == (422, "bad_cursor")
        elsewhere = scene.attackers[role].get("/v1/organisations", cursor=theirs)
        assert elsewhere.status_code == 422


def operations_on_one(contract: dict[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    """Method, collection, name of the object, rest of the path."""
    for path, operations in contract["paths"].items():
        if (found := ONE.fullmatch(path)) and found[1] in OBJECTS:
            for method in operations.keys() & {"get", "post", "patch", "put", "delete"}:
                yield method.upper(), found[1], OBJECTS[found[1]], found[2] or ""


@pytest.mark.parametrize("role", ["coordinator", "trainer", "enterprise", "buyer"])
def test_every_operation_on_what_is_foreign_answers_as_on_nothing(
    scene: Scene, contract: dict[str, Any], role: str
) -> None:
    actor, tried = scene.attackers[role], 0
    for method, collection, name, rest in operations_on_one(contract):
        body = {} if method == "GET" else {"json": {}, "headers": {"If-Match": '"1"'}}
        foreign = actor.ask(method, f"/v1/{collection}/{scene.foreign[name]}{rest}", **body)
        if foreign.status_code != 403:  # what the role may not do at all is told before anything is looked up
            nothing = actor.ask(method, f"/v1/{collection}/{uuid7()}{rest}", **body)
            assert without_request(foreign) == without_request(nothing), (method, collection, rest)
            assert foreign.status_code in (404, 422), (method, collection, rest, foreign.text)
            tried += 1
    assert tried >= 3


@pytest.mark.parametrize("role", ROLES)
def test_nothing_under_an_address_of_ones_own_is_foreign(scene: Scene, role: str) -> None:
    """The second id of a path belongs to the first."""
    actor, own, foreign = scene.attackers[role], scene.own, scene.foreign
    for path in (
        f"/v1/surveys/{own['survey']}/responses/{foreign['response']}",
        f"/v1/surveys/{foreign['survey']}/responses/{foreign['response']}",
        f"/v1/surveys/{foreign['survey']}/results",
        f"/v1/partnerships/{foreign['partnership']}/nominations",
        f"/v1/partnerships/{foreign['partnership']}/fees",
        f"/v1/partnerships/{foreign['partnership']}/fees/{foreign['fee']}",
        f"/v1/partnerships/{own['partnership']}/fees/{foreign['fee']}",
        f"/v1/partnerships/{foreign['partnership']}/progress",
    ):
        assert actor.get(path).status_code in (403, 404), path


def bodies(own: Side) -> Iterator[tuple[str, str, dict[str, Any], str, str]]:
    """Who sends it, where to, a body all of whose references are its own, which of them to exchange, and for what."""
    cycle = builders.cycle([own["enterprise"]], country=own.country, provider_id=own["provider"])
    seat = {"participant_id": own["participant"], "cycle_id": own["cycle"], "date": "2012-03-06"}
    visit = builders.visit(own["cycle"], own["enterprise"], sequence=90)
    survey = builders.survey(country=own.country)
    consent = builders.consent(own["enterprise"], own["buyer"])
    yield "coordinator", "/v1/cycles", cycle, "partnership_id", "partnership"
    yield "coordinator", "/v1/cycles", cycle, "lead_trainer_id", "trainer"
    yield "coordinator", "/v1/surveys", survey, "partnership_id", "partnership"
    yield "coordinator", "/v1/consents", consent, "enterprise_id", "enterprise"
    yield (
        "coordinator",
        f"/v1/surveys/{own['survey']}/responses",
        builders.response(own["enterprise"]),
        "enterprise_id",
        "enterprise",
    )
    yield "enterprise", "/v1/consents", consent, "enterprise_id", "enterprise"
    yield (
        "enterprise",
        "/v1/observations",
        builders.observation(own["enterprise"], state="draft"),
        "enterprise_id",
        "enterprise",
    )
    yield "buyer", "/v1/supply-links", builders.supply_link(own["buyer"], own["enterprise"]), "buyer_id", "buyer"
    for role in ("coordinator", "trainer"):
        yield role, "/v1/participants", builders.participant(own["enterprise"]), "enterprise_id", "enterprise"
        yield role, "/v1/attendances", seat, "cycle_id", "cycle"
        yield role, "/v1/attendances", seat, "participant_id", "participant"
        yield role, "/v1/visits", visit, "cycle_id", "cycle"
        yield role, "/v1/visits", visit, "enterprise_id", "enterprise"
        yield role, "/v1/visits", visit, "trainer_id", "trainer"
        yield role, "/v1/savings", builders.saving(own["enterprise"], state="draft"), "enterprise_id", "enterprise"


def test_a_foreign_id_in_a_body_is_as_one_of_nothing(scene: Scene) -> None:
    tried = list(bodies(scene.own))

    def asked(role: str, path: str, body: dict[str, Any], field: str, name: str) -> list[httpx.Response]:
        ids = (scene.foreign[name], OF_NOTHING)
        return [scene.attackers[role].ask("POST", path, json=body | {field: id}) for id in ids]

    with ThreadPoolExecutor() as pool:  # what was just made elsewhere is waited for, and takes its time to be refused
        answers = list(pool.map(asked, *zip(*tried, strict=True)))
    for (role, path, _, field, _), (foreign, nothing) in zip(tried, answers, strict=True):
        assert foreign.status_code == 422, (role, path, field, foreign.text)
        assert foreign.json()["errors"][0]["pointer"] == f"/{field}", (role, path, foreign.text)
        assert without_request(foreign)[:2] == without_request(nothing)[:2], (role, path, field)
    inside = builders.cycle([scene.foreign["enterprise"]], country=scene.own.country)
    refused = scene.attackers["coordinator"].ask("POST", "/v1/cycles", json=inside)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/enterprises/0/enterprise_id")


def test_a_provider_takes_nobody_into_its_cycles_whom_it_does_not_train(scene: Scene) -> None:
    """To be in a provider's cycle is to be seen by it: it must not be able to say so itself."""
    provider, own = scene.attackers["provider"], scene.own
    made = provider.ask(
        "POST", "/v1/cycles", json=builders.cycle([own["enterprise"]], country=own.country, provider_id=own["provider"])
    )
    wider = {"enterprises": [{"enterprise_id": own["enterprise"]}, {"enterprise_id": scene.foreign["enterprise"]}]}
    refused = provider.ask("PATCH", made.headers["Location"], json=wider, headers={"If-Match": "*"})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/enterprises/1/enterprise_id")


def test_nothing_is_like_what_is_foreign(scene: Scene, contract: dict[str, Any]) -> None:
    """What looks like an enterprise of others is not told to be like it, and it can't be made one with one's own."""
    foreign, coordinator = scene.foreign, scene.attackers["coordinator"]
    facts = {"legal_name": foreign.names["legal_name"], "country": scene.own.country}
    numbers = {"identifiers": [{"scheme": "national", "value": foreign.names["number"]}]}
    tried = [("/v1/enterprises", facts | numbers), ("/v1/enterprises", facts | numbers | {"country": foreign.country})]
    if "/v1/enterprises/match" in contract["paths"]:
        tried += [("/v1/enterprises/match", body | {"country": foreign.country}) for body in (facts, facts | numbers)]
    for path, body in tried:
        told = coordinator.ask("POST", path, json=body)
        assert scene.foreign["enterprise"] not in told.text + str(told.headers), (path, told.text)
        assert told.status_code in (200, 403, 409), told.text
    if "/v1/enterprises/{enterprise_id}/merge" in contract["paths"]:
        for one, other in (("own", "foreign"), ("foreign", "own")):
            ids = {"own": scene.own["enterprise"], "foreign": foreign["enterprise"]}
            path, missing = f"/v1/enterprises/{ids[one]}/merge", {"into": str(uuid7())}
            told, nothing = [coordinator.ask("POST", path, json=body) for body in ({"into": ids[other]}, missing)]
            assert told.status_code in (403, 404, 422), told.text
            assert told.status_code == nothing.status_code


def test_references_in_files_reach_no_further(scene: Scene) -> None:
    """By id, by identifier, by another client's external_ref: each as one of nothing."""
    from tests.attacks.test_what_a_role_may_not import send_file

    foreign, head = scene.foreign, "enterprise,month,amount.amount,amount.currency,recurrence"
    names = [foreign["enterprise"], f"national:{foreign.names['number']}", f"ref:{foreign.names['external_ref']}"]
    controls = [str(uuid7()), f"national:{scene.own.country}:NOBODY", "ref:nobody-has-it"]
    rows = "".join(f"{name},2012-07,5.00,USD,annual\n" for name in [*names, *controls])
    for role in ("enterprise", "trainer", "coordinator"):
        summary, found = send_file(scene.attackers[role], "/v1/savings/imports", f"{head}\n{rows}")
        assert summary["rejected"] == 6
        told = [(one["column"], one["code"], one["detail"]) for one in found]
        assert told == [told[0]] * 6


def test_an_import_of_another_client_is_not_there(scene: Scene) -> None:
    text = "legal_name,country\n,GH\n"
    started = scene.foreign.actors["coordinator"].ask(
        "POST", "/v1/enterprises/imports?mode=dry_run", content=text.encode(), headers={"Content-Type": "text/csv"}
    )
    place = started.headers["Location"]
    nothing = place.rpartition("/")[0] + f"/{uuid7()}"
    mine: Actor = scene.attackers["coordinator"]
    for rest in ("", "/errors", "/rejected"):
        theirs, missing = mine.get(place + rest), mine.get(nothing + rest)
        assert theirs.status_code == 404
        assert without_request(theirs) == without_request(missing)
    assert mine.ask("DELETE", place).status_code == 404


def test_a_consent_shows_no_figures_that_were_not_said(scene: Scene) -> None:
    """Once a buyer read its supplier's drafts, and what had been sent back to it."""
    enterprise, buyer, coordinator = (scene.attackers[role] for role in ("enterprise", "buyer", "coordinator"))
    for path, body in (
        ("/v1/observations", builders.observation(scene.own["enterprise"], period="2014-01", point="monthly")),
        ("/v1/savings", builders.saving(scene.own["enterprise"], month="2014-01")),
    ):
        draft = enterprise.ask("POST", path, json=body | {"state": "draft"})
        one, seen = f"{path}/{draft.json()['id']}", []
        for turn in (None, "submit", "return", "submit", "approve"):
            if turn:
                reason = {"json": {"reason": "Look again"}} if turn == "return" else {}
                done = (enterprise if turn == "submit" else coordinator).ask("POST", f"{one}/{turn}", **reason)
                assert done.status_code == 200, done.text
            listed = [row["id"] for row in buyer.items(path)]
            assert (buyer.get(one).status_code == 200) is (draft.json()["id"] in listed)
            seen.append(buyer.get(one).status_code)
        assert seen == [404, 200, 404, 200, 200], path
