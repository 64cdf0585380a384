"""Targets against what was reached, the budget against what is committed and spent."""

from typing import Any

import pytest

from tests import builders
from tests.conftest import Api, ClientOf
from tests.enterprise.problems import code_of

Document = dict[str, Any]
SIZES = (120, 80, 50)


def usd(amount: str) -> Document:
    return {"amount": amount, "currency": "USD"}


@pytest.fixture
async def partnership(api: Api, buyer: Document) -> Document:
    parties = [{"organisation_id": buyer["id"], "role": "funder"}]
    agreed = {"parties": parties, "budget": usd("5000.00"), "targets": {"enterprises": 10, "workers": 2500}}
    return await api.make("/v1/partnerships", builders.partnership(**agreed))


async def suppliers(api: Api, partnership: Document) -> list[str]:
    """All asked; two accept."""
    path = f"/v1/partnerships/{partnership['id']}/nominations"
    ids = []
    for total in SIZES:
        sized = builders.enterprise(workforce={"as_of": "2012-01-01", "total": total})
        ids.append((await api.make("/v1/enterprises", sized))["id"])
        nomination = await api.make(path, {"enterprise_id": ids[-1]})
        if len(ids) < 3:
            await api.do(f"{path}/{nomination['id']}", "accept")
    return ids


async def train(api: Api, partnership: Document, enterprise_id: str, persons: int = 2) -> None:
    """Both days, each person."""
    cycle = await api.make("/v1/cycles", builders.cycle([enterprise_id], partnership_id=partnership["id"]))
    for _ in range(persons):
        person = await api.make("/v1/participants", builders.participant(enterprise_id))
        for day in ("2012-03-05", "2012-03-06"):
            seat = {"participant_id": person["id"], "cycle_id": cycle["id"], "date": day}
            await api.make("/v1/attendances", seat)


async def progress(client: Api, partnership: Document) -> Document:
    answer = await client.get(f"/v1/partnerships/{partnership['id']}/progress")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_it_is_counted_from_what_happened(
    api: Api, client_of: ClientOf, partnership: Document, buyer: Document
) -> None:
    nothing = await progress(api, partnership)
    assert (nothing["nominated"], nothing["members"], nothing["suppressed"]) == (0, 0, False)
    assert nothing["actuals"] == {"enterprises": 0, "workers": 0, "staff_trained": 0, "reporting": 0}
    assert (nothing["committed"], nothing["spent"], nothing["remaining"]) == (usd("0.00"), usd("0.00"), usd("5000.00"))
    first, second, third = await suppliers(api, partnership)
    fees = f"/v1/partnerships/{partnership['id']}/fees"
    other = await api.make("/v1/organisations", builders.organisation())
    thirds = {buyer["id"]: "33.33", other["id"]: "16.67"}
    for id in (first, second):
        await api.make(fees, builders.fee(id, {**thirds, id: "50"}))
    wrong = await api.make(fees, builders.fee(third, {buyer["id"]: "100"}))
    await api.do(f"{fees}/{wrong['id']}", "cancel", {"reason": "It is no member"})
    await train(api, partnership, first, persons=3)
    await train(api, partnership, first, persons=1)  # a second cycle: the enterprise counts once
    elsewhere = await api.make("/v1/partnerships", builders.partnership())
    await train(api, elsewhere, second)
    await api.make("/v1/observations", builders.observation(second))
    draft = builders.observation(first, state="submitted", indicator="KPI03", unit="kg")
    waiting = await api.make("/v1/observations", draft)
    seen = await progress(api, partnership)
    assert seen["targets"] == {"enterprises": 10, "workers": 2500}
    assert (seen["nominated"], seen["members"]) == (1, 2)
    assert seen["actuals"] == {"enterprises": 1, "workers": 120, "staff_trained": 4, "reporting": 0}
    assert (seen["budget"], seen["committed"], seen["spent"], seen["remaining"], seen["fees"]) == (
        usd("5000.00"),
        usd("1999.80"),
        usd("999.90"),
        usd("3000.20"),
        usd("6000.00"),
    )
    paid = {payer["payer_id"]: (payer["committed"], payer["spent"]) for payer in seen["payers"]}
    assert paid == {
        buyer["id"]: (usd("1999.80"), usd("999.90")),
        other["id"]: (usd("1000.20"), usd("500.10")),
    }
    await api.do(f"/v1/observations/{waiting['id']}", "approve")
    await api.make("/v1/savings", builders.saving(first))
    assert (await progress(api, partnership))["actuals"]["reporting"] == 1
    await outsiders_are_told_less(api, client_of, partnership, buyer, first)


async def outsiders_are_told_less(
    api: Api, client_of: ClientOf, partnership: Document, buyer: Document, first: str
) -> None:
    party = await client_of("buyer", organisation_id=buyer["id"])
    donor = await client_of("donor", organisation_id=buyer["id"])
    for client in (party, donor):
        told = await progress(client, partnership)
        assert set(told["actuals"].values()) == {None}
        assert (told["suppressed"], told["spent"], told["members"]) == (True, None, 2)
        assert told["committed"] == usd("1999.80")
        assert [payer["spent"] for payer in told["payers"]] == [None, None]
    consent = await api.make("/v1/consents", builders.consent(first, buyer["id"], scope="aggregate"))
    party.consistency = api.consistency
    told = await progress(party, partnership)
    assert told["actuals"] == {"enterprises": 1, "workers": 120, "staff_trained": 4, "reporting": 1}
    assert (told["suppressed"], told["spent"]) == (False, usd("999.90"))
    assert told["as_of"][5:] in ("03-31", "06-30", "09-30", "12-31")
    await api.do(f"/v1/consents/{consent['id']}", "withdraw")
    party.consistency = api.consistency
    assert (await progress(party, partnership))["suppressed"]
    assert code_of(await (await client_of("buyer")).get(f"/v1/partnerships/{partnership['id']}/progress")) == (
        404,
        "not-found",
    )
    itself = await client_of("enterprise", enterprise_id=first)
    assert code_of(await itself.get(f"/v1/partnerships/{partnership['id']}/progress")) == (403, "forbidden")


async def test_the_same_figures_are_the_same_answer(api: Api, partnership: Document) -> None:
    path = f"/v1/partnerships/{partnership['id']}/progress"
    first = await api.get(path)
    again = await api.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (first.headers["ETag"][:3], again.status_code) == ('W/"', 304)
