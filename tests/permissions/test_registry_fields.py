"""What a role is not told is not in the answer, nor can it be found out by asking otherwise."""

from typing import Any

import pytest

from shared.db import uuid7
from shared.permissions.roles import Role
from tests import builders
from tests.permissions.actors import without_request
from tests.permissions.registry_scene import FOREIGN_COUNTRY, OWN_COUNTRY, Scene

SEEN_BY_BUYERS = {
    "id",
    "version",
    "created_at",
    "updated_at",
    "legal_name",
    "local_name",
    "trade_names",
    "country",
    "subdivision",
    "isic",
    "identifiers",
    "state",
}
READERS = [Role.COORDINATOR, Role.PROVIDER, Role.TRAINER, Role.ENTERPRISE, Role.BUYER]
OFFICES = (Role.PROGRAMME_ADMIN, Role.AUDITOR, Role.COORDINATOR)


def path_of(scene: Scene, which: str = "own") -> str:
    return f"/v1/enterprises/{scene[which]['enterprise_id']}"


def test_a_buyer_is_told_what_consent_covers_and_no_more(registry: Scene) -> None:
    buyer = registry.actors[Role.BUYER]
    assert buyer.get(path_of(registry)).json().keys() == SEEN_BY_BUYERS
    (found,) = [one for one in buyer.items("/v1/enterprises") if one["id"] == registry.own["enterprise_id"]]
    assert found.keys() == SEEN_BY_BUYERS


def test_others_are_told_all_of_what_they_see(registry: Scene) -> None:
    for role in set(READERS) - {Role.BUYER}:
        told = registry.actors[role].get(path_of(registry)).json()
        assert told["workforce"]["total"] == 120, role
        assert told["address"]["street"] == "1 Hidden Lane", role


@pytest.mark.parametrize("role", READERS)
def test_a_reference_is_its_clients_own(registry: Scene, role: Role) -> None:
    actor, mine = registry.actors[role], registry.records[registry.own["enterprise_id"]]["external_ref"]
    if role != Role.BUYER:
        told = actor.get(path_of(registry)).json()["external_ref"]
        assert told == (mine if role in OFFICES else None)
    found = [one["id"] for one in actor.items("/v1/enterprises", external_ref=mine)]
    assert found == ([registry.own["enterprise_id"]] if role in OFFICES else [])


def test_who_made_something_finds_it_by_its_own_reference(registry: Scene) -> None:
    buyer, reference = registry.actors[Role.BUYER], builders.unique("ref")
    body = builders.supply_link(
        registry.own["organisation_id"], registry.foreign["enterprise_id"], external_ref=reference
    )
    made = buyer.ask("POST", "/v1/supply-links", json=body).json()
    assert made["external_ref"] == reference
    assert [one["id"] for one in buyer.items("/v1/supply-links", external_ref=reference)] == [made["id"]]
    other = registry.admin.client(Role.ENTERPRISE, enterprise_id=registry.foreign["enterprise_id"])
    assert other.get(f"/v1/supply-links/{made['id']}").json()["external_ref"] is None


def test_the_tag_of_a_part_is_not_that_of_the_whole(registry: Scene) -> None:
    tags = {role: registry.actors[role].get(path_of(registry)).headers["ETag"] for role in READERS}
    version = registry.actors[Role.PROGRAMME_ADMIN].get(path_of(registry)).headers["ETag"]
    assert tags[Role.COORDINATOR] == version
    assert tags[Role.BUYER] != version
    assert tags[Role.BUYER].startswith(version.rstrip('"') + "-")
    for role, tag in tags.items():
        again = registry.actors[role].ask("GET", path_of(registry), headers={"If-None-Match": tag})
        assert again.status_code == 304, role
    whole = registry.actors[Role.BUYER].ask("GET", path_of(registry), headers={"If-None-Match": version})
    assert whole.status_code == 200


def test_what_was_read_in_part_may_be_changed_as_it_was_read(registry: Scene) -> None:
    enterprise = registry.actors[Role.ENTERPRISE]
    body = builders.supply_link(
        registry.others["member"], registry.own["enterprise_id"], external_ref=builders.unique()
    )
    path = f"/v1/supply-links/{registry.admin.make('/v1/supply-links', body)['id']}"
    tag = enterprise.get(path).headers["ETag"]
    assert tag.startswith('"1-')
    assert enterprise.ask("POST", f"{path}/confirm", headers={"If-Match": '"2"'}).status_code == 412
    assert enterprise.ask("POST", f"{path}/confirm", headers={"If-Match": tag}).status_code == 200


ACTIONS = {
    Role.PROGRAMME_ADMIN: {"confirm", "end"},
    Role.COORDINATOR: {"confirm", "end"},
    Role.ENTERPRISE: {"confirm", "end"},
    Role.BUYER: {"end"},
    Role.AUDITOR: set[str](),
}


def test_only_the_verbs_of_a_role_are_offered_to_it(registry: Scene) -> None:
    body = builders.supply_link(registry.own["organisation_id"], registry.own["enterprise_id"])
    path = f"/v1/supply-links/{registry.admin.make('/v1/supply-links', body)['id']}"
    for role, allowed in ACTIONS.items():
        assert set(registry.actors[role].get(path).json()["allowed_actions"]) == allowed, role
    assert registry.actors[Role.BUYER].ask("POST", f"{path}/end").json()["allowed_actions"] == []


def test_history_tells_no_more_than_the_enterprise(registry: Scene) -> None:
    path = f"{path_of(registry)}/history"
    assert registry.actors[Role.BUYER].get(path).status_code == 403
    for role, told in ((Role.ENTERPRISE, False), (Role.COORDINATOR, True)):
        fields = {change["field"] for entry in registry.actors[role].items(path) for change in entry["changes"]}
        assert ("external_ref" in fields) == told
        assert {"legal_name", "workforce"} <= fields


# --- asking otherwise ------------------------------------------------------------------------------------------------


def questions(scene: Scene) -> list[tuple[str, dict[str, Any]]]:
    ids = scene.foreign
    enterprise = scene.records[ids["enterprise_id"]]
    gln = enterprise["identifiers"][0]
    return [
        ("/v1/enterprises", {"q": enterprise["legal_name"]}),
        ("/v1/enterprises", {"identifier": f"{gln['scheme']}:{gln['value']}"}),
        ("/v1/enterprises", {"external_ref": enterprise["external_ref"]}),
        ("/v1/enterprises", {"country": FOREIGN_COUNTRY}),
        ("/v1/enterprises", {"buyer_id": ids["organisation_id"]}),
        ("/v1/enterprises", {"partnership_id": ids["partnership_id"]}),
        ("/v1/supply-links", {"buyer_id": ids["organisation_id"]}),
        ("/v1/supply-links", {"enterprise_id": ids["enterprise_id"], "buyer_id": ids["organisation_id"]}),
        ("/v1/partnerships", {"organisation_id": ids["organisation_id"]}),
        ("/v1/partnerships", {"country": FOREIGN_COUNTRY}),
        ("/v1/consents", {"enterprise_id": ids["enterprise_id"]}),
        ("/v1/consents", {"grantee_id": ids["organisation_id"], "as_of": "2012-06-01T00:00:00Z"}),
    ]


@pytest.mark.parametrize("role", READERS)
@pytest.mark.parametrize("number", range(12))
def test_no_filter_finds_what_is_foreign(registry: Scene, role: Role, number: int) -> None:
    path, parameters = questions(registry)[number]
    answer = registry.actors[role].get(path, count="exact", limit=500, **parameters)
    if answer.status_code == 403:
        assert role in (Role.PROVIDER, Role.TRAINER)
        return
    found, foreign = {one["id"] for one in answer.json()["items"]}, set(registry.foreign.values())
    assert (answer.json()["total"], found & foreign) == (len(found), set())
    asked_by_all = registry.actors[Role.PROGRAMME_ADMIN].items(path, **parameters)
    assert {one["id"] for one in asked_by_all} & foreign


def test_a_filter_by_others_partners_does_not_tell_of_ones_own_enterprises(registry: Scene) -> None:
    """That an enterprise one sees supplies another buyer, too, is not one's to know."""
    rival = registry.foreign["organisation_id"]
    body = builders.supply_link(rival, registry.own["enterprise_id"])
    link = registry.admin.make("/v1/supply-links", body)
    registry.admin.do(f"/v1/supply-links/{link['id']}/confirm")
    asked = {"buyer_id": rival}
    assert registry.own["enterprise_id"] in {
        one["id"] for one in registry.actors[Role.PROGRAMME_ADMIN].items("/v1/enterprises", **asked)
    }
    assert registry.actors[Role.BUYER].items("/v1/enterprises", **asked) == []
    assert registry.actors[Role.PROVIDER].items("/v1/enterprises", **asked) == []


@pytest.mark.parametrize("role", READERS)
def test_conditions_do_not_tell_what_is_there(registry: Scene, role: Role) -> None:
    version = registry.actors[Role.PROGRAMME_ADMIN].get(path_of(registry, "foreign")).headers["ETag"]
    for headers in ({"If-None-Match": version}, {"If-None-Match": "*"}, {}):
        answers = [
            registry.actors[role].ask("GET", path_of(registry, which), headers=headers)
            for which in ("foreign", "missing")
        ]
        assert answers[0].status_code == 404
        assert without_request(answers[0]) == without_request(answers[1])


@pytest.mark.parametrize("wanted", ['"1"', "*", '"999"'])
def test_no_version_is_told_of_what_is_foreign(registry: Scene, wanted: str) -> None:
    answers = [
        registry.actors[Role.COORDINATOR].ask("PATCH", path_of(registry, which), json={}, headers={"If-Match": wanted})
        for which in ("foreign", "missing")
    ]
    assert without_request(answers[0]) == without_request(answers[1])


# --- bodies and files ------------------------------------------------------------------------------------------------


def test_nobody_nominates_whom_it_does_not_see(registry: Scene) -> None:
    path = f"/v1/partnerships/{registry.own['partnership_id']}/nominations"
    stranger = registry.admin.make("/v1/enterprises", builders.enterprise(country=FOREIGN_COUNTRY))["id"]
    for role in (Role.COORDINATOR, Role.BUYER):
        answers = [
            registry.actors[role].ask("POST", path, json={"enterprise_id": id}) for id in (stranger, str(uuid7()))
        ]
        assert answers[0].status_code == 422
        assert without_request(answers[0]) == without_request(answers[1])


def test_a_buyer_nominates_its_supplier_and_learns_nothing_of_it(registry: Scene) -> None:
    buyer = registry.actors[Role.BUYER]
    stranger = registry.admin.make("/v1/enterprises", builders.enterprise(country=FOREIGN_COUNTRY))["id"]
    link = buyer.ask("POST", "/v1/supply-links", json=builders.supply_link(registry.own["organisation_id"], stranger))
    assert link.status_code == 201
    path = f"/v1/partnerships/{registry.own['partnership_id']}/nominations"
    nomination = buyer.ask("POST", path, json={"enterprise_id": stranger})
    assert nomination.status_code == 201, nomination.text
    assert buyer.get(f"{path}/{nomination.json()['id']}").json() == nomination.json()
    assert buyer.get(f"/v1/enterprises/{stranger}").status_code == 404
    told = registry.admin.client(Role.ENTERPRISE, enterprise_id=stranger)
    assert told.ask("POST", f"{path}/{nomination.json()['id']}/accept").status_code == 200
    assert buyer.get(f"/v1/enterprises/{stranger}").status_code == 404


def test_an_identifier_of_a_foreign_enterprise_is_taken_and_nobody_says_by_whom(registry: Scene) -> None:
    number = registry.records[registry.foreign["enterprise_id"]]["identifiers"][0]
    body = builders.enterprise(country=OWN_COUNTRY, identifiers=[number])
    refused = registry.actors[Role.COORDINATOR].ask("POST", "/v1/enterprises", json=body)
    assert (refused.status_code, refused.json()["code"]) == (409, "already-exists")
    assert "Location" not in refused.headers
    assert registry.foreign["enterprise_id"] not in refused.text


def test_rows_of_a_file_do_not_reach_further_than_bodies(registry: Scene) -> None:
    foreign = registry.actors[Role.PROGRAMME_ADMIN].get(path_of(registry, "foreign")).json()
    number = foreign["identifiers"][0]["value"]
    name = builders.unique("Row")
    rows = [
        f"{name},{OWN_COUNTRY},",
        f"{builders.unique('Row')},{FOREIGN_COUNTRY},",
        f"{foreign['legal_name']},{FOREIGN_COUNTRY},",
        f"{foreign['legal_name']},{OWN_COUNTRY},{number}",
    ]
    found = imported(registry, Role.COORDINATOR, "legal_name,country,identifiers.gln\n" + "\n".join(rows))
    assert found["summary"] | {"received": 4} == {
        "received": 4,
        "created": 1,
        "updated": 0,
        "unchanged": 0,
        "rejected": 3,
    }
    assert (
        registry.actors[Role.PROGRAMME_ADMIN].get(path_of(registry, "foreign")).json()["version"] == foreign["version"]
    )


def imported(scene: Scene, role: Role, file: str) -> dict[str, Any]:
    actor = scene.actors[role]
    started = actor.ask(
        "POST", "/v1/enterprises/imports?mode=partial", content=file, headers={"Content-Type": "text/csv"}
    )
    assert started.status_code == 202, started.text
    place = started.headers["Location"]
    for _ in range(600):
        found: dict[str, Any] = actor.get(place).json()
        if found["state"] not in ("queued", "running"):
            assert found["state"] == "succeeded", found
            return found | {"errors": actor.items(f"{place}/errors")}
        actor.wait()
    raise AssertionError(found)


# --- writing further than one may ------------------------------------------------------------------------------------


def test_nothing_is_moved_out_of_or_into_ones_own_countries(registry: Scene) -> None:
    coordinator = registry.actors[Role.COORDINATOR]
    mine = coordinator.ask("POST", "/v1/enterprises", json=builders.enterprise(country=OWN_COUNTRY)).json()
    moved = coordinator.ask(
        "PATCH", f"/v1/enterprises/{mine['id']}", json={"country": FOREIGN_COUNTRY}, headers={"If-Match": '"1"'}
    )
    assert (moved.status_code, moved.json()["code"]) == (403, "forbidden")
    taken = coordinator.ask(
        "PATCH",
        f"/v1/organisations/{registry.foreign['organisation_id']}",
        json={"country": OWN_COUNTRY},
        headers={"If-Match": '"1"'},
    )
    assert (taken.status_code, taken.json()["code"]) == (403, "forbidden")


def test_an_agreement_with_another_country_is_seen_and_not_changed(registry: Scene) -> None:
    both = builders.partnership(countries=[OWN_COUNTRY, FOREIGN_COUNTRY])
    path = f"/v1/partnerships/{registry.admin.make('/v1/partnerships', both)['id']}"
    coordinator = registry.actors[Role.COORDINATOR]
    assert coordinator.get(path).status_code == 200
    for answer in (
        coordinator.ask("POST", f"{path}/sign"),
        coordinator.ask("PATCH", path, json={"countries": [OWN_COUNTRY]}, headers={"If-Match": '"1"'}),
        coordinator.ask("POST", "/v1/partnerships", json=both),
        coordinator.ask("POST", "/v1/partnerships", json=builders.partnership(countries=[])),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden"), answer.text


def test_what_is_an_enterprises_follows_it_into_another_country(registry: Scene) -> None:
    admin, mine = registry.admin, registry.own
    enterprise = admin.make("/v1/enterprises", builders.enterprise(country=FOREIGN_COUNTRY))["id"]
    made = [
        ("/v1/supply-links", builders.supply_link(mine["organisation_id"], enterprise)),
        ("/v1/consents", builders.consent(enterprise, mine["organisation_id"])),
        (f"/v1/partnerships/{mine['partnership_id']}/nominations", {"enterprise_id": enterprise}),
    ]
    paths = [f"{path}/{admin.make(path, body)['id']}" for path, body in made]
    coordinator = registry.actors[Role.COORDINATOR]
    assert [coordinator.get(path).status_code for path in paths] == [404, 404, 404]
    moved = admin.actor.ask(
        "PATCH", f"/v1/enterprises/{enterprise}", json={"country": OWN_COUNTRY}, headers={"If-Match": '"1"'}
    )
    assert moved.status_code == 200
    assert [coordinator.get(path).status_code for path in paths] == [200, 200, 200]


def test_who_becomes_a_party_sees_what_was_there_before(registry: Scene) -> None:
    admin = registry.admin
    one = admin.make("/v1/partnerships", builders.partnership(countries=[FOREIGN_COUNTRY]))
    path = f"/v1/partnerships/{one['id']}"
    nominations = f"{path}/nominations"
    nomination = admin.make(nominations, {"enterprise_id": registry.foreign["enterprise_id"]})
    buyer = registry.actors[Role.BUYER]
    assert buyer.get(f"{nominations}/{nomination['id']}").status_code == 404
    joined = {"parties": [{"organisation_id": registry.own["organisation_id"], "role": "sponsor"}]}
    assert admin.actor.ask("PATCH", path, json=joined, headers={"If-Match": '"1"'}).status_code == 200
    assert buyer.get(f"{nominations}/{nomination['id']}").status_code == 200
    left = admin.actor.ask("PATCH", path, json={"parties": []}, headers={"If-Match": '"2"'})
    assert left.status_code == 200
    assert buyer.get(f"{nominations}/{nomination['id']}").status_code == 404


# --- consent and its end ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("scope", "seen"), [("aggregate", 404), ("identified_kpi", 200), ("case_study", 200)])
def test_consent_shows_an_enterprise_and_its_end_hides_it_at_once(registry: Scene, scope: str, seen: int) -> None:
    enterprise = registry.admin.make("/v1/enterprises", builders.enterprise(country=FOREIGN_COUNTRY))["id"]
    buyer, path = registry.actors[Role.BUYER], f"/v1/enterprises/{enterprise}"
    assert buyer.get(path).status_code == 404
    granted = builders.consent(enterprise, registry.own["organisation_id"], scope=scope)
    consent = registry.admin.make("/v1/consents", granted)
    assert buyer.get(path).status_code == seen
    tag = buyer.get(path).headers.get("ETag", '"1"')
    registry.admin.do(f"/v1/consents/{consent['id']}/withdraw")
    assert buyer.ask("GET", path, headers={"If-None-Match": tag}).status_code == 404
    assert enterprise not in {one["id"] for one in buyer.items("/v1/enterprises")}


@pytest.mark.parametrize(
    "changes",
    [{"from": "2999-01-01"}, {"until": "2012-03-02"}, {"scope": "identified_kpi", "grantee_id": "public"}],
    ids=["not yet", "not any more", "figures to nobody in particular"],
)
def test_what_is_not_live_or_not_meant_for_it_shows_nothing(registry: Scene, changes: dict[str, str]) -> None:
    enterprise = registry.admin.make("/v1/enterprises", builders.enterprise(country=FOREIGN_COUNTRY))["id"]
    registry.admin.make("/v1/consents", builders.consent(enterprise, registry.own["organisation_id"]) | changes)
    assert registry.actors[Role.BUYER].get(f"/v1/enterprises/{enterprise}").status_code == 404


def test_what_may_be_published_is_every_buyers_to_see(registry: Scene) -> None:
    enterprise = registry.admin.make("/v1/enterprises", builders.enterprise(country=FOREIGN_COUNTRY))["id"]
    registry.admin.make("/v1/consents", builders.consent(enterprise, "public", scope="case_study"))
    assert registry.actors[Role.BUYER].get(f"/v1/enterprises/{enterprise}").json().keys() == SEEN_BY_BUYERS


def test_a_reading_leaves_its_receipt_with_the_consent_it_was_made_under(registry: Scene) -> None:
    enterprise = registry.admin.make("/v1/enterprises", builders.enterprise(country=OWN_COUNTRY))["id"]
    granted = builders.consent(enterprise, registry.own["organisation_id"])
    consent = registry.admin.make("/v1/consents", granted)
    buyer, itself = registry.actors[Role.BUYER], registry.admin.client(Role.ENTERPRISE, enterprise_id=enterprise)
    log = f"/v1/enterprises/{enterprise}/access-log"
    assert itself.items(log) == []
    buyer.get(f"/v1/enterprises/{enterprise}")
    buyer.items("/v1/enterprises", q=registry.admin.actor.get(f"/v1/enterprises/{enterprise}").json()["legal_name"])
    readings = itself.items(log)
    assert [one["operation"] for one in readings] == ["get_enterprise", "list_enterprises"]
    for one in readings:
        assert (one["role"], one["organisation_id"]) == ("buyer", registry.own["organisation_id"])
        assert (one["consent_ids"], set(one["fields"])) == ([consent["id"]], SEEN_BY_BUYERS)
    assert buyer.get(log).status_code == 403


# --- repeats ---------------------------------------------------------------------------------------------------------


def test_what_may_not_be_seen_any_more_is_not_repeated(registry: Scene) -> None:
    admin = registry.admin
    one = admin.make("/v1/partnerships", builders.partnership(parties=[party(registry)], countries=[FOREIGN_COUNTRY]))
    path = f"/v1/partnerships/{one['id']}"
    buyer, key = registry.actors[Role.BUYER], {"Idempotency-Key": builders.unique()}
    body = {"enterprise_id": registry.own["enterprise_id"]}
    first = buyer.ask("POST", f"{path}/nominations", json=body, headers=key)
    again = buyer.ask("POST", f"{path}/nominations", json=body, headers=key)
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    assert again.headers["Idempotent-Replayed"] == "true"
    assert admin.actor.ask("PATCH", path, json={"parties": []}, headers={"If-Match": '"1"'}).status_code == 200
    assert buyer.ask("POST", f"{path}/nominations", json=body, headers=key).status_code == 404


def party(scene: Scene) -> dict[str, str]:
    return {"organisation_id": scene.own["organisation_id"], "role": "sponsor"}


def test_organisations_near_a_buyer_are_seen_and_others_are_not(registry: Scene) -> None:
    known = {one["id"] for one in registry.actors[Role.BUYER].items("/v1/organisations")}
    near = {registry.own["organisation_id"], *(registry.others[name] for name in NEAR)}
    assert near <= known
    assert registry.foreign["organisation_id"] not in known


NEAR = ("federation", "member", "service_provider", "donor")
