"""Two of everything, each in a country of its own: what the attackers are bound to, and what they are after."""

from dataclasses import dataclass, field
from typing import Any

from shared.permissions.roles import Role
from tests import builders
from tests.permissions.actors import Actor, Admin

Ids = dict[str, str]
COUNTRIES = ("GH", "CO")


@dataclass
class Side:
    """One buyer with its supplier, provider and trainer, and what is recorded of them. `names` are words that only it knows."""

    country: str
    ids: Ids = field(default_factory=dict)
    actors: dict[str, Actor] = field(default_factory=dict)
    names: Ids = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.ids[name]


@dataclass
class Scene:
    admin: Admin
    own: Side
    foreign: Side

    @property
    def attackers(self) -> dict[str, Actor]:
        return self.own.actors


def two_sides(admin: Admin) -> Scene:
    own, foreign = (a_side(admin, country) for country in COUNTRIES)
    return Scene(admin, own, foreign)


def a_side(admin: Admin, country: str) -> Side:
    side = Side(country)
    for name, kind in (("buyer", "lead_buyer"), ("provider", "service_provider"), ("donor", "donor")):
        made = admin.make("/v1/organisations", builders.organisation(kind=kind, country=country))
        side.ids[name] = made["id"]
    register(admin, side)
    train(admin, side)
    measure(admin, side)
    let_in(admin, side)
    return side


def register(admin: Admin, side: Side) -> None:
    number = f"{side.country}:{builders.unique('N')}"
    enterprise = builders.enterprise(
        country=side.country,
        identifiers=[{"scheme": "national", "value": number}],
        external_ref=builders.unique("ref"),
        address={"street": builders.unique("Hidden Lane"), "city": "Anytown"},
        workforce={"as_of": "2012-01-01", "total": 120},
    )
    side.ids["enterprise"] = admin.make("/v1/enterprises", enterprise)["id"]
    side.names = {"legal_name": enterprise["legal_name"], "street": enterprise["address"]["street"], "number": number}
    side.names["external_ref"] = enterprise["external_ref"]
    link = admin.make("/v1/supply-links", builders.supply_link(side["buyer"], side["enterprise"]))
    side.ids["link"] = admin.do(f"/v1/supply-links/{link['id']}/confirm")["id"]
    side.ids["consent"] = admin.make("/v1/consents", builders.consent(side["enterprise"], side["buyer"]))["id"]
    parties = [
        {"organisation_id": side[name], "role": role} for name, role in (("buyer", "sponsor"), ("donor", "funder"))
    ]
    deal = builders.partnership(parties=parties, countries=[side.country], name=builders.unique("Deal"))
    side.ids["partnership"] = admin.make("/v1/partnerships", deal)["id"]
    side.names["deal"] = deal["name"]
    shares = [{"payer_id": side["buyer"], "percent": "50"}, {"payer_id": side["enterprise"], "percent": "50"}]
    fee = {"enterprise_id": side["enterprise"], "amount": {"amount": "770.00", "currency": "USD"}, "shares": shares}
    side.ids["fee"] = admin.make(f"/v1/partnerships/{side['partnership']}/fees", fee)["id"]


def train(admin: Admin, side: Side) -> None:
    trainer = builders.trainer(side["provider"], country=side.country)
    side.ids["trainer"] = admin.make("/v1/trainers", trainer)["id"]
    side.names["trainer"] = trainer["name"]
    cycle = builders.cycle(
        [side["enterprise"]], country=side.country, provider_id=side["provider"], lead_trainer_id=side["trainer"]
    )
    side.ids["cycle"] = admin.make("/v1/cycles", cycle)["id"]
    person = builders.participant(side["enterprise"])
    side.ids["participant"] = admin.make("/v1/participants", person)["id"]
    side.names["person"] = person["reference"]
    seat = {"participant_id": side["participant"], "cycle_id": side["cycle"], "date": "2012-03-05"}
    side.ids["attendance"] = admin.make("/v1/attendances", seat)["id"]
    side.ids["visit"] = admin.make("/v1/visits", builders.visit(side["cycle"], side["enterprise"]))["id"]


def measure(admin: Admin, side: Side) -> None:
    side.ids["observation"] = admin.make("/v1/observations", builders.observation(side["enterprise"]))["id"]
    side.ids["saving"] = admin.make("/v1/savings", builders.saving(side["enterprise"]))["id"]
    survey = builders.survey(country=side.country, partnership_id=side["partnership"])
    side.ids["survey"] = admin.make("/v1/surveys", survey)["id"]
    side.names["survey"] = survey["code"]
    answered = builders.response(side["enterprise"])
    side.ids["response"] = admin.make(f"/v1/surveys/{side['survey']}/responses", answered)["id"]


def let_in(admin: Admin, side: Side) -> None:
    bound: dict[str, dict[str, Any]] = {
        Role.BUYER: {"organisation_id": side["buyer"]},
        Role.DONOR: {"organisation_id": side["donor"]},
        Role.PROVIDER: {"organisation_id": side["provider"]},
        Role.TRAINER: {"trainer_id": side["trainer"]},
        Role.ENTERPRISE: {"enterprise_id": side["enterprise"]},
        Role.COORDINATOR: {"countries": [side.country]},
    }
    side.actors = {str(role): admin.client(role, **binding) for role, binding in bound.items()}
