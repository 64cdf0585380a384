"""As a partner would: a buyer sees by name the suppliers who let it, the others in aggregates, one no more from the moment it
takes back its word; and the supplier reads who looked."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from shared.permissions.matrix import OPERATIONS, may_do
from shared.permissions.roles import Role
from tests import builders
from tests.conftest import TOKEN_HEADER
from tests.permissions.actors import Actor, Admin
from tests.permissions.contract import media_types_of, offered
from tests.permissions.registry_scene import Scene

COUNTRY = "MN"
SUPPLIERS, CONSENTING = 8, 3
DAY = "2012-12-31"  # a quarter's end
LISTS = ("/v1/enterprises", "/v1/observations", "/v1/savings", "/v1/visits")


@dataclass
class Story:
    """`suppliers` are enterprises as registered; `records` by enterprise: where its observation, saving and visit lie."""

    admin: Admin
    buyer: Actor
    organisation: str
    partnership: str = ""
    cycle: str = ""
    suppliers: list[dict[str, Any]] = field(default_factory=list)
    consents: list[str] = field(default_factory=list)
    records: dict[str, list[str]] = field(default_factory=dict)

    @property
    def ids(self) -> list[str]:
        return [one["id"] for one in self.suppliers]

    def reads(self, path: str, **parameters: Any) -> httpx.Response:
        """As the buyer; whoever asks next sees what that left behind."""
        answer = self.buyer.get(path, **parameters)
        self.admin.covered = answer.headers.get(TOKEN_HEADER, self.admin.covered)
        return answer

    def named_in(self, path: str) -> set[str]:
        """Suppliers that a list tells the buyer of."""
        told = self.reads(path, limit=500).text
        return {id for id in self.ids if id in told}


@pytest.fixture(scope="module")
def story(admin: Admin) -> Story:
    made = admin.make("/v1/organisations", builders.organisation())["id"]
    story = Story(admin, admin.client(Role.BUYER, organisation_id=made), made)
    parties = [{"organisation_id": made, "role": "sponsor"}]
    deal = builders.partnership(parties=parties, countries=[COUNTRY])
    story.partnership = admin.make("/v1/partnerships", deal)["id"]
    story.suppliers = [admin.make("/v1/enterprises", builders.enterprise(country=COUNTRY)) for _ in range(SUPPLIERS)]
    cycle = builders.cycle(story.ids, country=COUNTRY, partnership_id=story.partnership)
    story.cycle = admin.make("/v1/cycles", cycle)["id"]
    for number, id in enumerate(story.ids):
        improve(story, id, number)
    for id in story.ids[:CONSENTING]:
        story.consents.append(admin.make("/v1/consents", builders.consent(id, made))["id"])
    aggregate = builders.consent(story.ids[CONSENTING], made, scope="aggregate")
    admin.make("/v1/consents", aggregate)
    return story


def improve(story: Story, id: str, number: int) -> None:
    """It attends, is visited, and reports fewer defects after than before."""
    make, cycle = story.admin.make, story.cycle
    person = make("/v1/participants", builders.participant(id))["id"]
    make("/v1/attendances", {"participant_id": person, "cycle_id": cycle, "date": "2012-03-05"})
    visit = make("/v1/visits", builders.visit(cycle, id, report="Only between us."))["id"]
    before = make("/v1/observations", builders.observation(id, numerator=str(50 + number)))["id"]
    make("/v1/observations", builders.observation(id, period="2012-11", point="final", numerator="40"))
    saving = make("/v1/savings", builders.saving(id))["id"]
    story.records[id] = [f"/v1/visits/{visit}", f"/v1/observations/{before}", f"/v1/savings/{saving}"]


def test_a_buyer_sees_those_who_let_it_by_name_and_the_others_in_aggregates(story: Story) -> None:
    consenting = set(story.ids[:CONSENTING])
    for path in LISTS:
        assert story.named_in(path) == consenting, path
    names = {one["legal_name"] for one in story.reads("/v1/enterprises").json()["items"]}
    assert names & {one["legal_name"] for one in story.suppliers} == {
        one["legal_name"] for one in story.suppliers[:CONSENTING]
    }
    cycle = story.reads(f"/v1/cycles/{story.cycle}").json()
    assert {one["enterprise_id"] for one in cycle["enterprises"]} == consenting
    assert [story.reads("/v1/cycles", enterprise_id=id).json()["items"] != [] for id in story.ids] == [
        id in consenting for id in story.ids
    ]
    for id in story.ids[CONSENTING:]:
        for path in (f"/v1/enterprises/{id}", *story.records[id]):
            assert story.reads(path).status_code == 404, path
        hidden = story.reads("/v1/results", enterprise_id=id, as_of=DAY)
        assert (hidden.status_code, hidden.json()["code"]) == (403, "scope-not-offered")
    table = story.reads("/v1/results", partnership_id=story.partnership, as_of=DAY).json()
    (defects,) = [row for row in table["rows"] if row["indicator"] == "KPI02"]
    assert (defects["suppressed"], defects["reporters"], defects["improved"]) == (False, SUPPLIERS, SUPPLIERS)
    assert not any(id in str(table) for id in story.ids)


def test_a_word_taken_back_holds_from_that_moment_everywhere(story: Story) -> None:
    """Also where the buyer has an answer from before and asks only whether it still holds."""
    last = story.ids[CONSENTING - 1]
    paths = [f"/v1/enterprises/{last}", *story.records[last], f"/v1/cycles/{story.cycle}"]
    tags = {path: story.reads(path).headers["ETag"] for path in paths}
    assert {asked(story, path, tag).status_code for path, tag in tags.items()} == {304}
    assert story.reads("/v1/results", enterprise_id=last, as_of=DAY).status_code == 200
    itself = story.admin.client(Role.ENTERPRISE, enterprise_id=last)
    withdrawn = itself.ask("POST", f"/v1/consents/{story.consents[-1]}/withdraw")
    assert withdrawn.status_code == 200, withdrawn.text
    story.admin.covered = withdrawn.headers[TOKEN_HEADER]
    *gone, cycle = [asked(story, path, tag) for path, tag in tags.items()]
    assert {answer.status_code for answer in gone} == {404}
    assert cycle.status_code == 200
    assert last not in cycle.text
    assert story.reads("/v1/results", enterprise_id=last, as_of=DAY).status_code == 403
    for path in LISTS:
        assert story.named_in(path) == set(story.ids[: CONSENTING - 1]), path
    for path in LISTS[1:]:
        assert story.reads(path, count="exact", enterprise_id=last).json()["total"] == 0, path
    logged = len(itself.items(f"/v1/enterprises/{last}/access-log"))
    for path in paths:
        asked(story, path, tags[path])
    assert len(itself.items(f"/v1/enterprises/{last}/access-log")) == logged


def asked(story: Story, path: str, tag: str) -> httpx.Response:
    return story.buyer.ask("GET", path, headers={"If-None-Match": tag})


@pytest.mark.parametrize("seen", [True, False])
def test_only_what_is_live_and_meant_for_it_shows_anything(story: Story, seen: bool) -> None:
    """In the registry, in training and in metrics alike."""
    mine, other = story.organisation, story.admin.make("/v1/organisations", builders.organisation())["id"]
    grants: dict[bool, list[tuple[str, dict[str, Any]]]] = {
        True: [
            (mine, {"scope": "case_study"}),
            ("public", {"scope": "case_study"}),
            (mine, {"until": "2999-01-01"}),
        ],
        False: [
            (mine, {"scope": "aggregate"}),
            (mine, {"from": "2999-01-01"}),
            (mine, {"until": "2012-03-02"}),
            (other, {"scope": "case_study"}),
            ("public", {"scope": "identified_kpi"}),
            ("public", {"scope": "aggregate"}),
        ],
    }
    ids = [story.admin.make("/v1/enterprises", builders.enterprise(country="LA"))["id"] for _ in grants[seen]]
    cycle = builders.cycle(ids, country="LA", partnership_id=story.partnership)
    place = f"/v1/cycles/{story.admin.make('/v1/cycles', cycle)['id']}"
    for id, (grantee, changes) in zip(ids, grants[seen], strict=True):
        story.admin.make("/v1/consents", builders.consent(id, grantee) | changes)
        visit = story.admin.make("/v1/visits", builders.visit(place.rpartition("/")[2], id))["id"]
        observation = story.admin.make("/v1/observations", builders.observation(id))["id"]
        saving = story.admin.make("/v1/savings", builders.saving(id))["id"]
        paths = (f"enterprises/{id}", f"visits/{visit}", f"observations/{observation}", f"savings/{saving}")
        answers = {path: story.reads(f"/v1/{path}").status_code for path in paths}
        assert set(answers.values()) == {200 if seen else 404}, (grantee, changes, answers)
        assert (id in story.reads(place).text) == seen, (grantee, changes)
        assert (story.reads("/v1/observations", enterprise_id=id).json()["items"] != []) == seen, (grantee, changes)


# --- who looked ------------------------------------------------------------------------------------------------

# what an enterprise and its buyer have agreed on is as much the one's as the other's
BETWEEN_TWO = {
    "list_supply_links",
    "get_supply_link",
    "list_nominations",
    "get_nomination",
    "list_consents",
    "get_consent",
}


def test_every_reading_of_an_enterprise_is_in_its_log(registry: Scene) -> None:
    """Whichever operation there is or will be, in whichever form: where the answer names the enterprise, its log names the
    operation."""
    admin, buyer, own = registry.admin, registry.actors[Role.BUYER], registry.own
    enterprise = own["enterprise_id"]
    itself, log = registry.actors[Role.ENTERPRISE], f"/v1/enterprises/{enterprise}/access-log"
    before = len(itself.items(log))
    told: Counter[str] = Counter()
    for name, one in offered().items():
        if not (one.reads and may_do(Role.BUYER, name, reads=True)):
            continue
        more = {"enterprise_id": enterprise} if name == "get_results" else {}
        for kind in media_types_of(one) & {"application/json", "text/csv"}:
            answer = buyer.ask("GET", one.path.format(**own), params=more, headers={"Accept": kind})
            assert answer.status_code == 200, (name, answer.text)
            admin.covered = answer.headers.get(TOKEN_HEADER, admin.covered)
            told[name] += enterprise in answer.text
    for name in BETWEEN_TWO:
        del told[name]
    entries = logged(itself, log, before, told.total())
    assert Counter(one["operation"] for one in entries) == +told
    assert {"get_observation", "list_saving_versions", "get_visit", "list_cycles", "get_results"} <= (+told).keys()
    for entry in entries:
        assert (entry["role"], entry["client_id"]) == (Role.BUYER, entry["by"])
        assert entry["organisation_id"] == own["organisation_id"]
        assert entry["consent_ids"] == [own["consent_id"]], entry
        assert entry["fields"], entry
    neighbour = admin.client(Role.ENTERPRISE, enterprise_id=own["neighbour"])
    assert neighbour.items(f"/v1/enterprises/{own['neighbour']}/access-log") == []
    assert itself.get(f"/v1/enterprises/{own['neighbour']}/access-log").status_code == 404


def logged(itself: Actor, log: str, before: int, wanted: int) -> list[dict[str, Any]]:
    """What was written since. Receipts of an export come while it is under way, and no token covers them."""
    for _ in range(200):
        if len(entries := itself.items(log)[before:]) >= wanted:
            break
        itself.wait()
    return entries


def test_staff_and_the_enterprise_itself_leave_no_receipts(registry: Scene) -> None:
    enterprise = registry.own["enterprise_id"]
    itself, log = registry.actors[Role.ENTERPRISE], f"/v1/enterprises/{enterprise}/access-log"
    before = len(itself.items(log))
    for role in set(Role) - {Role.BUYER}:
        for path in ("/v1/enterprises", "/v1/observations", "/v1/visits", f"/v1/cycles/{registry.own['cycle_id']}"):
            registry.actors[role].get(path)
    assert len(itself.items(log)) == before


def test_a_donor_is_never_told_of_an_enterprise(registry: Scene) -> None:
    """Whatever it may read: ids, names and numbers of enterprises are in no answer, their consents notwithstanding."""
    donor, own = registry.actors[Role.DONOR], registry.own
    words = {own["enterprise_id"], own["neighbour"], registry.records[own["enterprise_id"]]["legal_name"]}
    asked = [one for name, one in offered().items() if one.reads and may_do(Role.DONOR, name, reads=True)]
    assert len(asked) > len(OPERATIONS) / 20
    for one in asked:
        scope = {"partnership_id": own["partnership_id"], "as_of": DAY} if one.name == "get_results" else {}
        answer = donor.get(one.path.format(**own), **scope)
        assert answer.status_code == 200, (one.name, answer.text)
        assert not any(word in answer.text for word in words), one.name
