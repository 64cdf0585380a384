"""A coordinator's mistake is answered in words: the fields that do not go together, each with what was said of it."""

from typing import Any

from tests import builders
from tests.conftest import Api
from tests.training import scenes

Document = dict[str, Any]


async def words(api: Api, path: str, body: Document) -> list[str]:
    answer = await api.post(path, json=body)
    assert answer.status_code in (409, 422), answer.text
    return [place["detail"] for place in answer.json()["errors"]]


async def test_of_the_registry(api: Api) -> None:
    workforce = {"as_of": "2012-03-31", "total": 100, "women": 120, "managers": 101}
    assert await words(api, "/v1/enterprises", builders.enterprise(workforce=workforce)) == [
        "workforce.women (120) is more than workforce.total (100).",
        "workforce.managers (101) is more than workforce.total (100).",
    ]
    backwards = {"starts_on": "2012-01-01", "ends_on": "2011-12-31"}
    assert await words(api, "/v1/partnerships", builders.partnership(**backwards)) == [
        "ends_on (2011-12-31) is before starts_on (2012-01-01)."
    ]
    enterprise = (await scenes.enterprises(api))[0]
    consent = builders.consent(enterprise, **{"from": "2012-03-01", "until": "2012-02-01"})
    assert await words(api, "/v1/consents", consent) == ["until (2012-02-01) is before from (2012-03-01)."]
    match = {"If-Match": (await api.get("/v1/country-policies/NF")).headers["ETag"]}
    band = await api.patch("/v1/country-policies/NF", json={"min_workers": 50, "max_workers": 40}, headers=match)
    assert band.json()["errors"][0]["detail"] == "max_workers (40) is less than min_workers (50)."


async def test_of_training(api: Api) -> None:
    days = [{"date": "2012-03-05"}, {"date": "2014-01-01"}]
    outside = builders.cycle([], phase_id=await scenes.phase(api), classroom=days)
    assert await words(api, "/v1/cycles", outside) == [
        "date (2014-01-01) is not in the phase (2009-01-01 to 2013-12-31)."
    ]
    cycle = await scenes.cycle(api)
    seat = {"cycle_id": cycle["id"], "date": "2012-03-07"}
    seat["participant_id"] = (await scenes.participant(api, cycle))["id"]
    assert await words(api, "/v1/attendances", seat) == [
        "date (2012-03-07) is none of the classroom days of the cycle (2012-03-05, 2012-03-06)."
    ]
    turned = builders.module(variants=[builders.variant(group_min=6, group_max=5)])
    assert await words(api, "/v1/modules", turned) == ["group_min (6) is more than group_max (5); swap them."]
    for verb in ("plan", "open"):
        await api.do(f"/v1/cycles/{cycle['id']}", verb)
    assert await words(api, f"/v1/cycles/{cycle['id']}/confirm", {}) == [
        "The cycle has 1 enterprise; the variant standard takes 4 to 5."
    ]


async def test_of_metrics(api: Api) -> None:
    enterprise = (await scenes.enterprises(api))[0]

    async def of_observation(**changes: Any) -> list[str]:
        return await words(api, "/v1/observations", builders.observation(enterprise, **changes))

    assert await of_observation(numerator="-5.5") == ["numerator (-5.5) of KPI02 is less than 0."]
    practice = {"indicator": "PRA02", "numerator": "2", "denominator": None, "unit": "yes/no"}
    assert "numerator (2) of a practice is 1 (yes) or 0 (no)." in await of_observation(**practice)
    capacity = {"indicator": "KPI11", "numerator": "10", "denominator": "3", "unit": "units"}
    assert await of_observation(**capacity) == ["denominator (3) is not taken: KPI11 has none."]
    survey = await api.make("/v1/surveys", builders.survey())
    answers = {"category": "worker", "answers": {"costs": True}}
    assert await words(api, f"/v1/surveys/{survey['id']}/responses", builders.response(enterprise, **answers)) == [
        "The item costs is not about a worker."
    ]
