"""One factory that was registered twice becomes one, in every service; and two again."""

from typing import Any

import pytest

from tests import builders
from tests.conftest import Api, ClientOf, pause
from tests.merge.scene import COLLECTIONS, Scene, lay, rows_of
from tests.shared.events.things import eventually

Document = dict[str, Any]
METHODS = (
    ("GET", ""),
    ("HEAD", ""),
    ("PATCH", ""),
    ("PUT", ""),
    ("DELETE", ""),
    ("GET", "/history?limit=3"),
    ("GET", "/access-log"),
    ("GET", "/overview"),
    ("POST", "/enrol"),
    ("POST", "/assess"),
    ("POST", "/merge"),
)


@pytest.fixture
async def scene(api: Api) -> Scene:
    return await lay(api)


async def merge(api: Api, scene: Scene) -> Document:
    return await api.do(scene.path, "merge", {"into": scene.new["id"]})


async def kpi02(api: Api, **scope: str) -> tuple[Document, Document]:
    query = {"as_of": "2013-12-31"} | scope
    table = (await api.get("/v1/results", params=query)).json()
    return table["population"], next(row for row in table["rows"] if row["indicator"] == "KPI02")


async def test_what_was_two_is_one_everywhere_and_two_again(api: Api, scene: Scene) -> None:
    old, new = scene.old, scene.new
    before = await rows_of(api, scene)
    population, row = await kpi02(api, buyer_id=scene.buyer["id"])
    assert (population["enterprises_trained"], population["staff_trained"], row["reporters"]) == (2, 2, 1)
    merged = await merge(api, scene)
    assert (merged["id"], merged["merged_from"]) == (new["id"], [old["id"]])
    assert "unmerge" in merged["allowed_actions"]
    await answers_308_everywhere(api, scene)
    await is_read_as_the_other(api, scene)
    after = await rows_of(api, scene)
    assert {one.get("enterprise_id", new["id"]) for one in after.values()} == {new["id"]}
    assert [one["enterprise_id"] for one in after["cycle"]["enterprises"]] == [new["id"]]
    the_survivors_record_counts(before, after)
    population, row = await kpi02(api, buyer_id=scene.buyer["id"])
    assert (population["enterprises_trained"], population["enterprises_reporting"]) == (1, 1)
    assert (row["trained"], row["reporters"], row["exact"]["mean_change"]) == (1, 1, "-0.400000000000")
    await the_collisions_are_reported(api, scene, "open")

    restored = await api.do(scene.path, "unmerge")
    assert (restored["id"], restored["identifiers"], restored["merged_from"]) == (old["id"], old["identifiers"], [])
    assert (await api.get(scene.survivor)).json()["merged_from"] == []
    assert await rows_of(api, scene) == before
    await the_collisions_are_reported(api, scene, "mended")  # when training's word of it has come, too
    population, row = await kpi02(api, buyer_id=scene.buyer["id"])
    assert (population["enterprises_trained"], population["staff_trained"], row["reporters"]) == (2, 2, 1)
    assert (await api.post(f"{scene.survivor}/unmerge")).json()["code"] == "wrong-state"


async def answers_308_everywhere(api: Api, scene: Scene) -> None:
    for method, below in METHODS:
        answer = await api.request(method, scene.path + below)
        told = (answer.status_code, answer.headers.get("Location"), answer.headers.get("Cache-Control"))
        assert told == (308, scene.survivor + below, "no-store"), (method, below, answer.text)


async def is_read_as_the_other(api: Api, scene: Scene) -> None:
    """In lists, by its id, its identifier and its reference; and by no list of enterprises itself."""
    for collection in COLLECTIONS:
        by_old = await api.get(f"/v1/{collection}", params={"enterprise_id": scene.old["id"]})
        by_new = await api.get(f"/v1/{collection}", params={"enterprise_id": scene.new["id"]})
        assert by_old.json()["items"] == by_new.json()["items"], collection
    number = scene.old["identifiers"][0]["value"]
    for known in ({"identifier": f"gln:{number}"}, {"external_ref": scene.old["external_ref"]}):
        found = (await api.get("/v1/enterprises", params=known)).json()["items"]
        assert [one["id"] for one in found] == [scene.new["id"]], known
    taken = await api.post("/v1/enterprises", json=builders.enterprise(identifiers=scene.old["identifiers"]))
    assert (taken.status_code, taken.headers["Location"]) == (409, scene.survivor)
    changes = (await api.get(f"{scene.survivor}/history", params={"limit": "500"})).json()["items"]
    assert {one["enterprise_id"] for one in changes} == {scene.old["id"], scene.new["id"]}


def the_survivors_record_counts(before: dict[str, Document], after: dict[str, Document]) -> None:
    for name in ("baseline", "visit", "link", "nomination"):
        assert after[f"new {name}"] == before[f"new {name}"]
    states = {name: after[f"old {name}"]["state"] for name in ("baseline", "visit", "link", "nomination", "final")}
    assert states == {
        "baseline": "superseded",
        "visit": "superseded",
        "link": "ended",
        "nomination": "cancelled",
        "final": "approved",
    }
    assert after["old person"]["superseded_by"] == after["new person"]["id"]
    assert after["old attendance"]["participant_id"] == after["new person"]["id"]


async def the_collisions_are_reported(api: Api, scene: Scene, state: str) -> None:
    """Those of training when its word of who gave way has come."""
    made = {name: one["id"] for name, one in scene.made.items()}
    subjects = {
        "observations": ("baseline", "KPI02, 2012-02, baseline"),
        "visits": ("visit", f"visit 1 of the cycle {made['cycle']}"),
        "participants": ("person", f"the reference of the participant {made['new person']}"),
    }
    expected = {
        collection: (subject, made[f"new {name}"], [made[f"old {name}"]], state)
        for collection, (name, subject) in subjects.items()
    }
    for _ in range(600):
        query = {"enterprise_id": scene.new["id"], "kind": "collision"}
        items = (await api.get("/v1/data-quality", params=query)).json()["items"]
        told = {one["collection"]: (one["subject"], one["record_id"], one["other_ids"], one["state"]) for one in items}
        if told == expected:
            return
        await pause()
    assert told == expected


async def test_what_is_written_for_the_old_id_is_the_survivors_and_can_not_be_told_apart_later(api: Api) -> None:
    old, new = [await api.make("/v1/enterprises", builders.enterprise()) for _ in range(2)]
    path = f"/v1/enterprises/{old['id']}"
    await api.do(path, "merge", {"into": new["id"]})
    written = await api.make("/v1/observations", builders.observation(old["id"]))
    assert written["enterprise_id"] == new["id"]
    header = "enterprise,indicator,period,point,numerator,denominator,unit,state"
    file = f"{header}\n{old['id']},KPI02,2012-02,baseline,50,1000,units,approved\n"
    assert (await api.load("/v1/observations/imports", file))["summary"]["unchanged"] == 1
    refused = await api.post(f"{path}/unmerge")
    assert (refused.status_code, refused.json()["code"]) == (409, "facts-not-told-apart")
    assert [one["code"] for one in refused.json()["errors"]] == ["later_observation"]
    assert (await api.get(path)).status_code == 308


async def test_chains_lead_to_the_last_and_each_link_can_be_undone(api: Api) -> None:
    first, second, third = [await api.make("/v1/enterprises", builders.enterprise()) for _ in range(3)]
    seen = await api.make("/v1/observations", builders.observation(first["id"]))
    paths = [f"/v1/enterprises/{one['id']}" for one in (first, second, third)]
    await api.do(paths[0], "merge", {"into": second["id"]})
    merged = await api.do(paths[1], "merge", {"into": third["id"]})
    assert set(merged["merged_from"]) == {first["id"], second["id"]}
    assert (await api.get(paths[0])).headers["Location"] == paths[2]
    assert await owner(api, seen) == third["id"]
    itself = await api.post(f"{paths[2]}/merge", json={"into": first["id"]})
    assert [one["code"] for one in itself.json()["errors"]] == ["itself"]
    which = await api.post(f"{paths[2]}/unmerge")
    assert which.status_code == 422
    await api.do(paths[2], "unmerge", {"merged_id": second["id"]})
    assert (await owner(api, seen), (await api.get(paths[2])).json()["merged_from"]) == (second["id"], [])
    assert (await api.get(paths[0])).headers["Location"] == paths[1]
    await api.do(paths[0], "unmerge")
    assert await owner(api, seen) == first["id"]


@pytest.mark.parametrize("leaves", [0, 1])
async def test_of_two_merged_into_a_third_one_gets_its_place_when_the_other_leaves(api: Api, leaves: int) -> None:
    """The one comes into the place that the other leaves in the same moment, and no place is ever taken twice."""
    *losers, survivor = [await api.make("/v1/enterprises", builders.enterprise()) for _ in range(3)]
    cycle = await api.make("/v1/cycles", builders.cycle([one["id"] for one in losers]))
    made = [await records_of(api, one["id"], cycle["id"]) for one in losers]
    for one in losers:
        await api.do(f"/v1/enterprises/{one['id']}", "merge", {"into": survivor["id"]})
    await eventually(lambda: standing(api, made, [0, 1]))
    await api.do(f"/v1/enterprises/{survivor['id']}", "unmerge", {"merged_id": losers[leaves]["id"]})
    await eventually(lambda: standing(api, made, [1, 1]))
    places = [{(await api.get(path)).json()["enterprise_id"] for path in paths} for paths in made]
    assert places[leaves] == {losers[leaves]["id"]}
    assert places[1 - leaves] == {survivor["id"]}


async def records_of(api: Api, id: str, cycle_id: str) -> list[str]:
    """The addresses of a visit, an observation and a participant, who attended, as each of the two has them."""
    person = await api.make("/v1/participants", builders.participant(id, reference="w-1"))
    await api.make("/v1/attendances", {"participant_id": person["id"], "cycle_id": cycle_id, "date": "2012-03-05"})
    visit = await api.make("/v1/visits", builders.visit(cycle_id, id, done_on="2012-04-02"))
    seen = await api.make("/v1/observations", builders.observation(id))
    return [f"/v1/visits/{visit['id']}", f"/v1/observations/{seen['id']}", f"/v1/participants/{person['id']}"]


async def standing(api: Api, made: list[list[str]], expected: list[int]) -> bool:
    """Whether of each kind so many of the one's and of the other's count."""
    found = [[counts((await api.get(path)).json()) for path in paths] for paths in made]
    return found == [[bool(one)] * len(paths) for one, paths in zip(expected, made, strict=True)]


def counts(document: Document) -> bool:
    return document.get("state") != "superseded" and document.get("superseded_by") is None


async def owner(api: Api, observation: Document) -> str:
    return str((await api.get(f"/v1/observations/{observation['id']}")).json()["enterprise_id"])


async def test_identifiers_follow_and_return_and_countries_are_never_mixed(api: Api) -> None:
    number = builders.gln()
    identifiers = [{"scheme": "gln", "value": number}]
    old = await api.make("/v1/enterprises", builders.enterprise(identifiers=identifiers))
    new, abroad = [await api.make("/v1/enterprises", builders.enterprise(country=country)) for country in ("CN", "VN")]
    path = f"/v1/enterprises/{old['id']}"
    refused = await api.post(f"{path}/merge", json={"into": abroad["id"]})
    assert (refused.status_code, refused.json()["code"]) == (409, "other-country")
    unknown = await api.post(f"{path}/merge", json={"into": "018f0c5e-7f00-7000-8000-000000000000"})
    assert (unknown.status_code, unknown.json()["errors"][0]["pointer"]) == (422, "/into")
    stale = await api.post(f"{path}/merge", json={"into": new["id"]}, headers={"If-Match": '"9"'})
    assert stale.status_code == 412
    assert (await api.do(path, "merge", {"into": new["id"]}))["identifiers"] == identifiers
    person = {"enterprise": f"gln:{number}", "reference": "w-7", "sex": "female", "category": "worker"}
    file = ",".join(person) + "\n" + ",".join(person.values()) + "\n"
    assert (await api.load("/v1/participants/imports", file, mode="dry_run"))["summary"]["created"] == 1
    restored = await api.do(f"/v1/enterprises/{new['id']}", "unmerge")
    assert (restored["id"], restored["identifiers"]) == (old["id"], identifiers)
    assert (await api.get(f"/v1/enterprises/{new['id']}")).json()["identifiers"] == []


async def test_only_who_may_change_both_merges_them_and_only_who_sees_is_led_on(
    api: Api, client_of: ClientOf, scene: Scene
) -> None:
    bound = await client_of("enterprise", enterprise_id=scene.old["id"])
    elsewhere, here = await client_of("coordinator", countries=["VN"]), await client_of("coordinator", countries=["CN"])
    body = {"into": scene.new["id"]}
    assert (await bound.post(f"{scene.path}/merge", json=body)).status_code == 403
    assert (await elsewhere.post(f"{scene.path}/merge", json=body)).status_code == 404
    assert (await here.post(f"{scene.path}/merge", json=body)).status_code == 200
    api.consistency = bound.consistency = elsewhere.consistency = here.consistency
    stranger = await client_of("buyer")
    for client, status in ((elsewhere, 404), (stranger, 404), (here, 308), (bound, 308)):
        assert (await client.get(scene.path)).status_code == status
    assert (await bound.get(scene.survivor)).status_code == 200
    mine = (await bound.get("/v1/observations")).json()["items"]
    assert {one["id"] for one in mine} >= {scene.made["old final"]["id"], scene.made["new baseline"]["id"]}
    assert (await bound.post(f"{scene.path}/unmerge")).status_code == 403
    assert (await here.post(f"{scene.path}/unmerge")).status_code == 200


async def test_a_consent_covers_what_was_recorded_under_its_id_until_it_is_renewed(
    api: Api, client_of: ClientOf, scene: Scene
) -> None:
    given = await api.make("/v1/consents", builders.consent(scene.old["id"], scene.buyer["id"]))
    buyer = await client_of("buyer", organisation_id=scene.buyer["id"])
    assert (await buyer.get(scene.path)).status_code == 200
    await merge(api, scene)
    buyer.consistency = api.consistency
    held = (await api.get(f"/v1/consents/{given['id']}")).json()
    assert (held["enterprise_id"], held["covers"]) == (scene.new["id"], [scene.old["id"]])
    ours = {one["id"] for one in scene.made.values()}  # others may have told everybody
    seen = {one["id"] for one in (await buyer.get("/v1/observations?limit=500")).json()["items"]}
    assert seen & ours == {scene.made["old baseline"]["id"], scene.made["old final"]["id"]}
    assert (await buyer.get(scene.survivor)).status_code == 404
    of_itself = {"enterprise_id": scene.new["id"], "as_of": "2013-12-31"}
    assert (await buyer.get("/v1/results", params=of_itself)).status_code == 403
    await api.make("/v1/consents", builders.consent(scene.old["id"], scene.buyer["id"]))
    buyer.consistency = api.consistency
    assert (await buyer.get(scene.survivor)).status_code == 200
    seen = {one["id"] for one in (await buyer.get("/v1/observations?limit=500")).json()["items"]}
    assert scene.made["new baseline"]["id"] in seen
    assert (await buyer.get("/v1/results", params=of_itself)).status_code == 200
    refused = await api.post(f"{scene.path}/unmerge")
    assert [one["code"] for one in refused.json()["errors"]] == ["later_consent"]
