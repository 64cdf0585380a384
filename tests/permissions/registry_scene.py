"""A small programme in which every object is there twice: one that each role is related to, and one that none is."""

from dataclasses import dataclass, field
from typing import Any

from shared.db import uuid7
from shared.permissions.roles import Role
from tests import builders
from tests.permissions.actors import Actor, Admin

OWN_COUNTRY, FOREIGN_COUNTRY = "VN", "PE"
HIDDEN = "Hall of the neighbour"  # what outsiders are not to read
Ids = dict[str, str]  # by the name of the path's parameter


@dataclass
class Scene:
    """`own`, `foreign` and `missing` name one object of each kind."""

    admin: Admin
    own: Ids = field(default_factory=dict)
    foreign: Ids = field(default_factory=dict)
    missing: Ids = field(default_factory=dict)
    actors: dict[str, Actor] = field(default_factory=dict)
    others: Ids = field(default_factory=dict)
    records: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __getitem__(self, which: str) -> Ids:
        found: Ids = getattr(self, which)
        return found


def a_registry(admin: Admin) -> Scene:
    scene = Scene(admin)
    organisations(scene)
    for ids, country in ((scene.own, OWN_COUNTRY), (scene.foreign, FOREIGN_COUNTRY)):
        in_one_country(scene, ids, country)
    common(scene)
    scene.missing = {name: f"01890000{str(uuid7())[8:]}" for name in scene.own} | {
        "country": "XX"
    }  # too old to be on its way
    clients(scene)
    return scene


def organisations(scene: Scene) -> None:
    def organisation(kind: str, country: str, **more: Any) -> str:
        made = scene.admin.make("/v1/organisations", builders.organisation(kind=kind, country=country, **more))
        scene.records[made["id"]] = made
        return str(made["id"])

    scene.others["federation"] = organisation("federation", "BE")
    scene.own["organisation_id"] = organisation("lead_buyer", OWN_COUNTRY, member_of=[scene.others["federation"]])
    scene.others["member"] = organisation("lead_buyer", "DE", member_of=[scene.own["organisation_id"]])
    scene.foreign["organisation_id"] = organisation("lead_buyer", FOREIGN_COUNTRY)
    for kind in ("service_provider", "donor"):
        scene.others[kind] = organisation(kind, "CH")
    programme = scene.admin.make("/v1/programmes", builders.programme())["id"]
    phase = scene.admin.make("/v1/phases", builders.phase(programme, countries=[]))["id"]
    scene.own |= {"programme_id": programme, "phase_id": phase}
    scene.foreign |= {"programme_id": programme, "phase_id": phase}
    trainer = builders.trainer(scene.others["service_provider"], country=OWN_COUNTRY)
    scene.others["trainer"] = scene.own["trainer_id"] = scene.admin.make("/v1/trainers", trainer)["id"]
    scene.others["rival"] = organisation("service_provider", FOREIGN_COUNTRY)
    elsewhere = builders.trainer(scene.others["rival"], country=FOREIGN_COUNTRY)
    scene.foreign["trainer_id"] = scene.admin.make("/v1/trainers", elsewhere)["id"]


def in_one_country(scene: Scene, ids: Ids, country: str) -> None:
    admin, buyer = scene.admin, ids["organisation_id"]
    enterprise = merged(admin, ids, country)
    ids |= {"country": country, "enterprise_id": enterprise["id"]}
    link = admin.make("/v1/supply-links", builders.supply_link(buyer, enterprise["id"]))
    partnership = admin.make("/v1/partnerships", a_partnership(scene, ids))
    nominations = f"/v1/partnerships/{partnership['id']}/nominations"
    nomination = admin.make(nominations, {"enterprise_id": enterprise["id"]})
    fee = admin.make(f"/v1/partnerships/{partnership['id']}/fees", builders.fee(enterprise["id"], {buyer: "100"}))
    consent = admin.make("/v1/consents", builders.consent(enterprise["id"], buyer, external_ref=builders.unique()))
    ids |= {
        "supply_link_id": admin.do(f"/v1/supply-links/{link['id']}/confirm")["id"],
        "partnership_id": partnership["id"],
        "nomination_id": admin.do(f"{nominations}/{nomination['id']}/accept")["id"],
        "fee_id": fee["id"],
        "consent_id": consent["id"],
    }
    ids["import_id"] = an_import(admin, "/v1/enterprises", f"legal_name,country\nSynthetic,{country}\n")
    scene.records |= {one["id"]: one for one in (enterprise, link, partnership, nomination, fee, consent)}
    trained(scene, ids)
    measured(scene, ids)


def merged(admin: Admin, ids: Ids, country: str) -> Ids:
    """An enterprise that was registered twice; both had a figure of the same month, which is a finding."""
    one = admin.make("/v1/enterprises", an_enterprise(country))
    twin = admin.make("/v1/enterprises", builders.enterprise(country=country))
    for id in (one["id"], twin["id"]):
        admin.make("/v1/observations", builders.observation(id, period="2011-01", point="monthly"))
    admin.make(f"/v1/enterprises/{twin['id']}/merge", {"into": one["id"]}, status=200)
    [finding] = admin.actor.items("/v1/data-quality", enterprise_id=one["id"])
    ids["finding_id"] = ids["data_quality_id"] = finding["id"]
    return dict(admin.actor.get(f"/v1/enterprises/{one['id']}").json())


def an_import(admin: Admin, path: str, file: str) -> str:
    """The administrator's, which is nobody else's."""
    headers = {"Content-Type": "text/csv"}
    started = admin.actor.ask("POST", f"{path}/imports?mode=dry_run", content=file, headers=headers)
    assert started.status_code == 202, started.text
    return str(started.json()["id"])


def trained(scene: Scene, ids: Ids) -> None:
    """A cycle, in which another enterprise takes part, too; of whom nobody here has a consent."""
    admin, enterprise = scene.admin, ids["enterprise_id"]
    ids["neighbour"] = admin.make("/v1/enterprises", builders.enterprise(country=ids["country"]))["id"]
    ids["cycle_id"] = cycle = admin.make("/v1/cycles", a_cycle(scene, ids))["id"]
    ids["participant_id"] = admin.make("/v1/participants", builders.participant(enterprise))["id"]
    attendance = {"participant_id": ids["participant_id"], "cycle_id": cycle, "date": "2012-03-05"}
    ids["attendance_id"] = admin.make("/v1/attendances", attendance)["id"]
    visit = builders.visit(
        cycle, enterprise, trainer_id=ids["trainer_id"], report=HIDDEN, external_ref=builders.unique()
    )
    ids["visit_id"] = admin.make("/v1/visits", visit)["id"]
    admin.make("/v1/visits", builders.visit(cycle, ids["neighbour"]))


def measured(scene: Scene, ids: Ids) -> None:
    admin, enterprise = scene.admin, ids["enterprise_id"]
    observation = builders.observation(enterprise, external_ref=builders.unique())
    ids["observation_id"] = admin.make("/v1/observations", observation)["id"]
    ids["saving_id"] = admin.make("/v1/savings", builders.saving(enterprise))["id"]
    for path, body in (("observations", builders.observation), ("savings", builders.saving)):
        admin.make(f"/v1/{path}", body(ids["neighbour"]))
    survey = builders.survey(country=ids["country"], partnership_id=ids["partnership_id"])
    ids["survey_id"] = admin.make("/v1/surveys", survey)["id"]
    responses = f"/v1/surveys/{ids['survey_id']}/responses"
    ids["response_id"] = admin.make(responses, builders.response(enterprise))["id"]


def common(scene: Scene) -> None:
    """What is everybody's, or the administrator's alone: the same on both sides."""
    admin = scene.admin
    both = {
        "module_id": admin.make("/v1/modules", builders.module())["id"],
        "indicator_id": admin.make("/v1/indicators", builders.indicator())["id"],
        "exchange_rate_id": admin.make("/v1/exchange-rates", builders.exchange_rate())["id"],
        "id": admin.make("/v1/clients", {"name": "Nobody's", "role": "auditor"})["id"],
    }
    scene.own |= both
    scene.foreign |= both


def an_enterprise(country: str) -> dict[str, Any]:
    return builders.enterprise(
        country=country,
        identifiers=[{"scheme": "gln", "value": builders.gln()}],
        external_ref=builders.unique("ref"),
        address={"street": "1 Hidden Lane", "city": "Anytown"},
        workforce={"as_of": "2012-01-01", "total": 120},
        languages=["vi"],
        isic="1410",
    )


def a_partnership(scene: Scene, ids: Ids) -> dict[str, Any]:
    """The provider, the donor and the buyer agree on what is their own; the other buyer alone on the foreign one."""
    names = ["service_provider", "donor"] if ids is scene.own else []
    parties = [ids["organisation_id"], *(scene.others[name] for name in names)]
    return builders.partnership(
        parties=[{"organisation_id": id, "role": "implementer"} for id in parties], countries=[ids["country"]]
    )


def a_cycle(scene: Scene, ids: Ids) -> dict[str, Any]:
    mine = {"provider_id": scene.others["service_provider"], "lead_trainer_id": scene.others["trainer"]}
    days = [{"date": "2012-03-05", "venue": HIDDEN}, {"date": "2012-03-06"}]
    return builders.cycle(
        [ids["enterprise_id"], ids["neighbour"]],
        country=ids["country"],
        partnership_id=ids["partnership_id"],
        classroom=days,
        external_ref=builders.unique(),
        **(mine if ids is scene.own else {}),
    )


def clients(scene: Scene) -> None:
    bindings: dict[str, dict[str, Any]] = {
        Role.PROGRAMME_ADMIN: {},
        Role.AUDITOR: {},
        Role.COORDINATOR: {"countries": [OWN_COUNTRY]},
        Role.PROVIDER: {"organisation_id": scene.others["service_provider"]},
        Role.TRAINER: {"trainer_id": scene.others["trainer"]},
        Role.ENTERPRISE: {"enterprise_id": scene.own["enterprise_id"]},
        Role.BUYER: {"organisation_id": scene.own["organisation_id"]},
        Role.DONOR: {"organisation_id": scene.others["donor"]},
    }
    scene.actors = {role: scene.admin.client(role, **binding) for role, binding in bindings.items()}
