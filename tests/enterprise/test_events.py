"""Each change is announced in its own transaction, with the whole state that a reader may copy."""

import json
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from shared.events import Event
from shared.events.enterprise import (
    EnterpriseState,
    FeeState,
    NominationState,
    OrganisationState,
    PartnershipState,
    PhaseState,
    ProgrammeState,
    SupplyLinkState,
)
from tests import builders
from tests.conftest import Api, System

Document = dict[str, Any]
Connection = asyncpg.Connection
UNMERGED: Document = {"merged_into": None, "recorded_under": None}


@pytest.fixture
async def database(system: System) -> AsyncIterator[Connection]:
    connection = await system.connect("enterprise")
    yield connection
    await connection.close()


async def told(database: Connection, id: str) -> list[tuple[str, int, Document]]:
    """(fact, version, payload) of each event of one aggregate, as announced."""
    rows = await database.fetch(
        "select subject, aggregate_version, payload from outbox where aggregate_id = $1 order by seq", id
    )
    return [(row["subject"].split(".")[3], row["aggregate_version"], json.loads(row["payload"])) for row in rows]


def is_whole(state: type[Event], payload: Document, resource: Document, **otherwise: Any) -> None:
    """The payload has every field of the event, with the values of the resource but for what is told `otherwise`."""
    own = {name: payload[name] for name in payload if name != "created_by"}
    assert set(payload) == set(state.model_fields)
    told = UNMERGED | otherwise
    known = {name: resource[name] for name in own.keys() - told.keys()}
    assert own == known | {name: told[name] for name in own.keys() & told.keys()}


async def test_of_organisations(api: Api, database: Connection, buyer: Document) -> None:
    made = await api.make(
        "/v1/organisations", builders.organisation(member_of=[buyer["id"]], external_ref=builders.unique())
    )
    changed = await api.patch(f"/v1/organisations/{made['id']}", json={"name": "New"}, headers={"If-Match": '"1"'})
    first, second = await told(database, made["id"])
    assert (first[:2], second[:2]) == (("registered", 1), ("amended", 2))
    is_whole(OrganisationState, first[2], made)
    is_whole(OrganisationState, second[2], changed.json())


async def test_of_programmes_and_phases(api: Api, database: Connection, programme: Document, buyer: Document) -> None:
    phase = await api.make("/v1/phases", builders.phase(programme["id"], donor_ids=[buyer["id"]]))
    await api.patch(f"/v1/programmes/{programme['id']}", json={"name": "New"}, headers={"If-Match": '"1"'})
    await api.patch(f"/v1/phases/{phase['id']}", json={"name": "New"}, headers={"If-Match": '"1"'})
    programmes, phases = await told(database, programme["id"]), await told(database, phase["id"])
    assert [fact for fact, _, _ in programmes] == [fact for fact, _, _ in phases] == ["started", "amended"]
    is_whole(ProgrammeState, programmes[0][2], programme)
    is_whole(PhaseState, phases[0][2], phase)
    assert (phases[1][2]["name"], phases[1][2]["version"]) == ("New", 2)


async def test_of_enterprises(api: Api, database: Connection) -> None:
    number = builders.gln()
    sent = builders.enterprise(
        isic="1410",
        languages=["zh"],
        identifiers=[{"scheme": "gln", "value": number}],
        workforce={"as_of": "2012-03-31", "total": 120},
    )
    made = await api.make("/v1/enterprises", sent)
    path = f"/v1/enterprises/{made['id']}"
    await api.patch(path, json={"isic": None}, headers={"If-Match": '"1"'})
    await api.do(path, "assess", {"eligible": True})
    for verb in ("enrol", "suspend", "resume"):
        await api.do(path, verb)
    last = await api.do(path, "withdraw", {"reason": "It moved away"})
    events = await told(database, made["id"])
    facts = ["registered", "amended", "assessed", "enrolled", "suspended", "resumed", "withdrawn"]
    assert [(fact, version) for fact, version, _ in events] == [(fact, n) for n, fact in enumerate(facts, 1)]
    is_whole(EnterpriseState, events[0][2], made, identifiers=[f"gln:{number}"], workforce_total=120)
    is_whole(EnterpriseState, events[-1][2], last, identifiers=[f"gln:{number}"], workforce_total=120)
    assert [payload["state"] for _, _, payload in events[2:]] == [
        "eligible",
        "enrolled",
        "dormant",
        "enrolled",
        "withdrawn",
    ]


async def test_of_supply_links(api: Api, database: Connection, buyer: Document, enterprise: Document) -> None:
    made = await api.make("/v1/supply-links", builders.supply_link(buyer["id"], enterprise["id"]))
    path = f"/v1/supply-links/{made['id']}"
    await api.patch(path, json={"tier": 2}, headers={"If-Match": '"1"'})
    await api.do(path, "confirm")
    ended = await api.do(path, "end")
    events = await told(database, made["id"])
    assert [fact for fact, _, _ in events] == ["proposed", "amended", "confirmed", "ended"]
    is_whole(SupplyLinkState, events[0][2], made, confirmed=False)
    is_whole(SupplyLinkState, events[-1][2], ended, confirmed=True)


async def test_of_partnerships_and_nominations(
    api: Api, database: Connection, buyer: Document, enterprise: Document
) -> None:
    parties = [{"organisation_id": buyer["id"], "role": "sponsor"}]
    made = await api.make("/v1/partnerships", builders.partnership(parties=parties))
    path = f"/v1/partnerships/{made['id']}"
    nominations = {}
    for verb in ("accept", "decline", "cancel"):
        other = await api.make("/v1/enterprises", builders.enterprise())
        nomination = await api.make(f"{path}/nominations", {"enterprise_id": other["id"]})
        nominations[verb] = await api.do(f"{path}/nominations/{nomination['id']}", verb)
    await api.patch(path, json={"name": "New"}, headers={"If-Match": '"1"'})
    for verb in ("sign", "activate", "close"):
        last = await api.do(path, verb)
    events = await told(database, made["id"])
    assert [fact for fact, _, _ in events] == ["drafted", "amended", "signed", "activated", "closed"]
    is_whole(PartnershipState, events[0][2], made)
    is_whole(PartnershipState, events[-1][2], last)
    for verb, fact in {"accept": "accepted", "decline": "declined", "cancel": "cancelled"}.items():
        (first, _, _), (second, _, payload) = await told(database, nominations[verb]["id"])
        assert (first, second) == ("sent", fact)
        is_whole(NominationState, payload, nominations[verb])


async def test_a_refused_request_tells_nobody(api: Api, database: Connection, enterprise: Document) -> None:
    path = f"/v1/enterprises/{enterprise['id']}"
    assert (await api.post(f"{path}/enrol")).status_code == 409
    assert (await api.patch(path, json={"isic": "x"}, headers={"If-Match": '"1"'})).status_code == 422
    assert len(await told(database, enterprise["id"])) == 1


async def test_an_import_tells_of_each_row_it_changes(api: Api, database: Connection) -> None:
    refs = [builders.unique() for _ in range(3)]
    table = "external_ref,legal_name,country,isic\n"
    await api.load("/v1/enterprises/imports", table + "".join(f"{ref},Works {ref},GH,1410\n" for ref in refs))
    changed = "".join(
        f"{ref},Works {ref},GH,{isic}\n" for ref, isic in zip(refs, ("1410", "1430", "1410"), strict=True)
    )
    await api.load("/v1/enterprises/imports", table + changed)
    found = (await api.get("/v1/enterprises", params={"external_ref": refs[1]})).json()["items"][0]
    events = await told(database, found["id"])
    assert [(fact, version) for fact, version, _ in events] == [("registered", 1), ("amended", 2)]
    is_whole(EnterpriseState, events[1][2], found, workforce_total=None)
    still = (await api.get("/v1/enterprises", params={"external_ref": refs[0]})).json()["items"][0]
    assert len(await told(database, still["id"])) == 1


async def test_of_fees(api: Api, database: Connection, partnership: Document, enterprise: Document) -> None:
    path = f"/v1/partnerships/{partnership['id']}/fees"
    made = await api.make(path, builders.fee(enterprise["id"]))
    amount = {"amount": {"amount": "2500", "currency": "USD"}}
    changed = await api.patch(f"{path}/{made['id']}", json=amount, headers={"If-Match": '"1"'})
    cancelled = await api.do(f"{path}/{made['id']}", "cancel", {"reason": "Entered twice"})
    facts = await told(database, made["id"])
    assert [fact[:2] for fact in facts] == [("agreed", 1), ("amended", 2), ("cancelled", 3)]
    for fact, resource in zip(facts, (made, changed.json(), cancelled), strict=True):
        is_whole(FeeState, fact[2], resource)
