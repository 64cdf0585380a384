"""Two records of one factory, each with a life of its own: what is to lie with one of them after the merger."""

from dataclasses import dataclass, field
from typing import Any

from tests import builders
from tests.conftest import Api

Document = dict[str, Any]
COLLECTIONS = (
    "supply-links",
    "consents",
    "participants",
    "attendances",
    "visits",
    "cycles",
    "observations",
    "savings",
)


@dataclass
class Scene:
    old: Document
    new: Document
    buyer: Document
    partnership: Document
    made: dict[str, Document] = field(default_factory=dict)

    @property
    def path(self) -> str:
        return f"/v1/enterprises/{self.old['id']}"

    @property
    def survivor(self) -> str:
        return f"/v1/enterprises/{self.new['id']}"


async def lay(api: Api) -> Scene:
    """Both trained, both reporting; they collide in a baseline, a participant and its day, a visit, a link and a nomination."""
    buyer = await api.make("/v1/organisations", builders.organisation())
    partnership = await api.make("/v1/partnerships", builders.partnership())
    old, new = [await api.make("/v1/enterprises", builders.enterprise(**identified())) for _ in range(2)]
    scene = Scene(old, new, buyer, partnership)
    cycle = await api.make("/v1/cycles", builders.cycle([old["id"], new["id"]]))
    for name, one in (("old", old), ("new", new)):
        await live(api, scene, name, one["id"], cycle["id"])
    scene.made["cycle"] = cycle
    return scene


def identified() -> Document:
    numbers = [{"scheme": "gln", "value": builders.gln()}]
    return {"identifiers": numbers, "external_ref": builders.unique("ref")}


async def live(api: Api, scene: Scene, name: str, id: str, cycle_id: str) -> None:
    """What is told of one of the two; the old one's figures are worse, and only it has a follow-up and savings."""
    make, made = api.make, scene.made
    link = await make("/v1/supply-links", builders.supply_link(scene.buyer["id"], id))
    made[f"{name} link"] = await api.do(f"/v1/supply-links/{link['id']}", "confirm")
    nominations = f"/v1/partnerships/{scene.partnership['id']}/nominations"
    made[f"{name} nomination"] = await make(nominations, {"enterprise_id": id})
    person = await make("/v1/participants", builders.participant(id, reference="w-1"))
    made[f"{name} person"] = person
    attended = {"participant_id": person["id"], "cycle_id": cycle_id, "date": "2012-03-05"}
    made[f"{name} attendance"] = await make("/v1/attendances", attended)
    made[f"{name} visit"] = await make("/v1/visits", builders.visit(cycle_id, id, done_on="2012-04-02"))
    numerator = {"old": "60", "new": "50"}[name]
    made[f"{name} baseline"] = await make("/v1/observations", builders.observation(id, numerator=numerator))
    if name == "old":
        final = builders.observation(id, point="final", period="2012-06", numerator="30")
        made["old final"] = await make("/v1/observations", final)
        made["old saving"] = await make("/v1/savings", builders.saving(id))


async def rows_of(api: Api, scene: Scene) -> dict[str, Document]:
    """Every row of the scene as it is answered now, without what a further version changes by itself."""
    places = {
        "link": "/v1/supply-links",
        "nomination": f"/v1/partnerships/{scene.partnership['id']}/nominations",
        "person": "/v1/participants",
        "attendance": "/v1/attendances",
        "visit": "/v1/visits",
        "baseline": "/v1/observations",
        "final": "/v1/observations",
        "saving": "/v1/savings",
        "cycle": "/v1/cycles",
        "consent": "/v1/consents",
    }
    found = {}
    for name, one in scene.made.items():
        answer = await api.get(f"{places[name.split()[-1]]}/{one['id']}")
        assert answer.status_code == 200, (name, answer.text)
        found[name] = plain(answer.json())
    return found


def plain(document: Document) -> Document:
    return {name: value for name, value in document.items() if name not in ("version", "updated_at")}
