"""What is as it was stays at its version, in every collection: nothing is written down, and nobody is told."""

from typing import Any
from uuid import UUID

from tests import builders
from tests.conftest import Api, System

Document = dict[str, Any]
OF = {"modules": "training", "cycles": "training", "participants": "training", "trainers": "training"} | {
    "visits": "training",
    "indicators": "metrics",
    "observations": "metrics",
    "savings": "metrics",
    "surveys": "metrics",
    "exchange-rates": "metrics",
    "clients": "gateway",
}


async def one_of_each(api: Api) -> dict[str, Document]:
    """By collection: one that has as many fields as a builder gives, nested ones too."""
    make = api.make
    made: dict[str, Document] = {}
    federation = await make("/v1/organisations", builders.organisation(kind="federation"))
    identifiers = [{"scheme": "gln", "value": builders.gln()}]
    everything: Document = {
        "identifiers": identifiers,
        "address": {"city": "Dongguan"},
        "location": {"latitude": "23.0207", "longitude": "113.7518"},
        "workforce": {"as_of": "2012-03-31", "total": 100, "women": 60},
        "trade_names": ["A", "B"],
        "external_ref": builders.unique(),
    }
    enterprise = made["enterprises"] = await make("/v1/enterprises", builders.enterprise(**everything))
    buyer = made["organisations"] = await make(
        "/v1/organisations", builders.organisation(member_of=[federation["id"]], identifiers=identifiers)
    )
    programme = made["programmes"] = await make("/v1/programmes", builders.programme())
    made["phases"] = await make("/v1/phases", builders.phase(programme["id"], donor_ids=[buyer["id"]]))
    made["supply-links"] = await make("/v1/supply-links", builders.supply_link(buyer["id"], enterprise["id"]))
    agreed: Document = {
        "parties": [{"organisation_id": buyer["id"], "role": "funder"}],
        "budget": {"amount": "80000", "currency": "USD"},
        "targets": {"enterprises": 10, "workers": 2500},
    }
    made["partnerships"] = await make("/v1/partnerships", builders.partnership(**agreed))
    made["modules"] = await make("/v1/modules", builders.module())
    trainer = builders.trainer(buyer["id"], base={"latitude": "1.5", "longitude": "2.50"})
    made["trainers"] = await make("/v1/trainers", trainer)
    cycle = made["cycles"] = await make("/v1/cycles", builders.cycle([enterprise["id"]], provider_id=buyer["id"]))
    made["visits"] = await make("/v1/visits", builders.visit(cycle["id"], enterprise["id"]))
    made["participants"] = await make("/v1/participants", builders.participant(enterprise["id"]))
    made["indicators"] = await make("/v1/indicators", builders.indicator())
    submitted = {"state": "submitted"}
    made["observations"] = await make("/v1/observations", builders.observation(enterprise["id"], **submitted))
    made["savings"] = await make("/v1/savings", builders.saving(enterprise["id"], **submitted))
    made["surveys"] = await make("/v1/surveys", builders.survey(partnership_id=made["partnerships"]["id"]))
    made["exchange-rates"] = await make("/v1/exchange-rates", builders.exchange_rate())
    client = {"name": builders.unique(), "role": "buyer", "organisation_id": buyer["id"]}
    made["clients"] = {**await make("/v1/clients", client), "client_secret": None}
    return made


async def told_of(system: System, service: str, id: str) -> int:
    """Entries of its history."""
    connection = await system.connect(service)
    count = await connection.fetchval("select count(*) from history where aggregate_id = $1", UUID(id))
    await connection.close()
    return int(count)


def as_it_was(document: Document) -> Document:
    """What a patch may say: all but what is answered only."""
    computed = {"id", "version", "created_at", "updated_at", "state", "allowed_actions", "reason", "revision"}
    computed |= {"client_id", "client_secret", "confirmed", "open_to", "merged_from", "superseded_by", "erased_at"}
    return {name: value for name, value in document.items() if name not in computed}


async def test_a_patch_that_changes_nothing_is_no_version_anywhere(api: Api, system: System) -> None:
    patched = {
        f"/v1/{collection}/{document['id']}": document for collection, document in (await one_of_each(api)).items()
    }
    for path, document in patched.items():
        for patch in ({}, as_it_was(document)):
            answer = await api.patch(path, json=patch, headers={"If-Match": '"1"'})
            assert (answer.status_code, answer.headers.get("ETag")) == (200, '"1"'), (path, patch, answer.text)
            assert answer.json() == {name: document[name] for name in answer.json()}
        service = OF.get(path.split("/")[2], "enterprise")
        assert await told_of(system, service, document["id"]) == 1, path


async def test_a_verb_said_twice_is_done_once(api: Api, system: System) -> None:
    enterprise = await api.make("/v1/enterprises", builders.enterprise())
    path = f"/v1/enterprises/{enterprise['id']}"
    first = await api.do(path, "assess", {"eligible": False, "reason": "Too large"})
    assert await api.do(path, "assess", {"eligible": False, "reason": "Too large"}) == first
    assert (await api.do(path, "assess", {"eligible": False, "reason": "Too small"}))["version"] == 3
    assert await told_of(system, "enterprise", enterprise["id"]) == 3


async def test_a_list_of_a_range_that_goes_backwards_is_refused_in_words(api: Api) -> None:
    days = ("partnerships", "phases", "supply-links", "consents", "cycles", "attendances", "visits", "surveys")
    ranges = {f"/v1/{name}": ("2012-02-01", "2012-01-31") for name in days}
    ranges |= {f"/v1/{name}": ("2012-02", "2012-01") for name in ("observations", "savings", "exchange-rates")}
    for path, (first, last) in ranges.items():
        answer = await api.get(path, params={"from": first, "to": last})
        words = f"from ({first}) is after to ({last})."
        assert answer.status_code == 422, path
        assert answer.json()["errors"] == [
            {"parameter": name, "code": "range_backwards", "detail": words} for name in ("from", "to")
        ]
        assert (await api.get(path, params={"from": last, "to": last})).status_code == 200
