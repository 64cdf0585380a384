from typing import Any

import pytest

from tests import builders
from tests.conftest import Api
from tests.enterprise.problems import code_of, places_in

Document = dict[str, Any]
UNKNOWN = "0190aaaa-0000-7000-8000-000000000000"
VERBS = ("sign", "activate", "close")
STATES = ("draft", "signed", "active", "closed")


async def test_every_field_comes_back(api: Api, programme: Document, buyer: Document) -> None:
    phase = await api.make("/v1/phases", builders.phase(programme["id"]))
    roles = ("sponsor", "funder", "implementer", "initiative")
    sent = builders.partnership(
        parties=[{"organisation_id": buyer["id"], "role": role} for role in roles],
        countries=["CN", "GH"],
        phase_id=phase["id"],
        budget={"amount": "80000.00", "currency": "USD"},
        targets={"enterprises": 10, "workers": 2500},
        external_ref=builders.unique(),
    )
    made = await api.make("/v1/partnerships", sent)
    assert {name: made[name] for name in sent} == sent
    assert made["state"] == "draft"
    assert (await api.get(f"/v1/partnerships/{made['id']}")).json() == made


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("state", STATES)
async def test_a_verb_leads_on_or_is_refused(api: Api, partnership: Document, state: str, verb: str) -> None:
    path = f"/v1/partnerships/{partnership['id']}"
    for step in VERBS[: STATES.index(state)]:
        partnership = await api.do(path, step)
    allowed = list(VERBS[STATES.index(state) :][:1])
    assert (partnership["state"], partnership["allowed_actions"]) == (state, allowed)
    answer = await api.post(f"{path}/{verb}")
    if verb in allowed:
        assert answer.json()["state"] == STATES[STATES.index(state) + 1]
    else:
        assert code_of(answer) == (409, "wrong-state")
        assert (answer.json()["state"], answer.json()["allowed_actions"]) == (state, allowed)


@pytest.mark.parametrize(
    ("changes", "code", "place"),
    [
        ({"phase_id": UNKNOWN}, "unknown-reference", ("/phase_id", "unknown_reference")),
        (
            {"parties": [{"organisation_id": UNKNOWN, "role": "funder"}]},
            "unknown-reference",
            ("/parties/0/organisation_id", "unknown_reference"),
        ),
        (
            {"parties": [{"organisation_id": UNKNOWN, "role": "funder"}] * 2},
            "validation-failed",
            ("/parties", "duplicate"),
        ),
        (
            {"parties": [{"organisation_id": UNKNOWN, "role": "friend"}]},
            "validation-failed",
            ("/parties/0/role", "not_one_of"),
        ),
        ({"countries": ["CN", "ZZ"]}, "validation-failed", ("/countries/1", "unknown_country")),
        ({"ends_on": "2010-12-31"}, "validation-failed", ("/ends_on", "before_begin")),
        (
            {"budget": {"amount": "1.001", "currency": "USD"}},
            "validation-failed",
            ("/budget/amount", "too_many_digits"),
        ),
        ({"budget": {"amount": "-1", "currency": "USD"}}, "validation-failed", ("/budget/amount", "out_of_range")),
        ({"budget": {"amount": "1"}}, "validation-failed", ("/budget/currency", "missing")),
        ({"targets": {"enterprises": -1, "workers": 0}}, "validation-failed", ("/targets/enterprises", "out_of_range")),
    ],
)
async def test_a_mistake_is_refused_at_its_place(
    api: Api, changes: Document, code: str, place: tuple[str, str]
) -> None:
    answer = await api.post("/v1/partnerships", json=builders.partnership(**changes))
    assert (code_of(answer), places_in(answer)) == ((422, code), {place})


async def test_a_budget_is_answered_with_the_digits_of_its_currency(api: Api) -> None:
    for amount, currency, answered in (("80000", "USD", "80000.00"), (80000.5, "USD", "80000.50"), ("7", "VND", "7")):
        made = await api.make("/v1/partnerships", builders.partnership(budget={"amount": amount, "currency": currency}))
        assert made["budget"] == {"amount": answered, "currency": currency}


async def test_a_patch_changes_what_it_names(api: Api, partnership: Document, buyer: Document) -> None:
    path = f"/v1/partnerships/{partnership['id']}"
    parties = [{"organisation_id": buyer["id"], "role": "sponsor"}]
    changes = {"parties": parties, "targets": {"enterprises": 10, "workers": 2500}, "ends_on": None}
    answer = await api.patch(path, json=changes, headers={"If-Match": '"1"'})
    assert answer.json() == partnership | changes | {"version": 2, "updated_at": answer.json()["updated_at"]}
    removed = await api.patch(path, json={"targets": None}, headers={"If-Match": '"2"'})
    assert removed.json()["targets"] is None


async def test_they_are_found_by_party_country_phase_state_and_days(api: Api, buyer: Document) -> None:
    party = {"parties": [{"organisation_id": buyer["id"], "role": "sponsor"}]}
    one = await api.make("/v1/partnerships", builders.partnership(**party))
    two = await api.make(
        "/v1/partnerships", builders.partnership(**party, countries=["GH", "VN"], starts_on="2013-01-01", ends_on=None)
    )
    await api.make("/v1/partnerships", builders.partnership())
    await api.do(f"/v1/partnerships/{two['id']}", "sign")

    async def found(**filters: str) -> list[str]:
        answer = await api.get("/v1/partnerships", params={"organisation_id": buyer["id"]} | filters)
        return [one["id"] for one in answer.json()["items"]]

    assert await found() == [one["id"], two["id"]]
    assert await found(country="VN") == [two["id"]]
    assert await found(state="draft") == [one["id"]]
    assert await found(**{"from": "2013-01-01"}) == [two["id"]]
    assert await found(to="2012-12-31") == [one["id"]]
    assert await found(phase_id=UNKNOWN) == []
