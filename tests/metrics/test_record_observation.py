"""POST /v1/observations: what is taken, what is answered, what is refused."""

from typing import Any

import pytest

from tests import builders
from tests.conftest import Api


async def test_an_observation_is_submitted_unless_it_says_otherwise(api: Api, enterprise_id: str) -> None:
    figure = builders.observation(enterprise_id)
    del figure["state"]
    answer = await api.post("/v1/observations", json=figure)
    made = answer.json()
    assert answer.status_code == 201, answer.text
    assert (made["state"], made["revision"], made["allowed_actions"]) == ("submitted", 1, ["approve", "return"])
    assert answer.headers["Location"] == f"/v1/observations/{made['id']}"
    assert answer.headers["ETag"] == '"1"'
    assert (await api.get(answer.headers["Location"])).json() == made


@pytest.mark.parametrize("state", ["draft", "submitted", "approved"])
async def test_a_state_may_be_sent(api: Api, enterprise_id: str, state: str) -> None:
    made = await api.make("/v1/observations", builders.observation(enterprise_id, state=state))
    assert made["state"] == state


@pytest.mark.parametrize("state", ["returned", "superseded", "accepted"])
async def test_no_other_state_may_be_sent(api: Api, enterprise_id: str, state: str) -> None:
    refused = await api.post("/v1/observations", json=builders.observation(enterprise_id, state=state))
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/state")


@pytest.mark.parametrize(
    ("sent", "answered"),
    [
        ("0.1", "0.1"),
        ("0.100", "0.100"),
        (0.1, "0.1"),
        (1e3, "1000"),
        (57600, "57600"),
        (123456789012.345, "123456789012.345"),
        ("123456789012345678.123456789012", "123456789012345678.123456789012"),
    ],
)
async def test_numbers_are_kept_exactly(api: Api, enterprise_id: str, sent: Any, answered: str) -> None:
    made = await api.make("/v1/observations", builders.observation(enterprise_id, numerator=sent, denominator="3"))
    read = (await api.get(f"/v1/observations/{made['id']}")).json()
    assert made["numerator"] == read["numerator"]
    assert float(read["numerator"]) == float(answered)
    assert "e" not in read["numerator"].lower()
    if isinstance(sent, str):
        assert read["numerator"] == answered


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"numerator": "-1"}, "/numerator"),
        ({"numerator": "1e3"}, "/numerator"),
        ({"numerator": "NaN"}, "/numerator"),
        ({"numerator": "1,5"}, "/numerator"),
        ({"numerator": True}, "/numerator"),
        ({"numerator": "0.1234567890123"}, "/numerator"),
        ({"denominator": "0"}, "/denominator"),
        ({"denominator": "-3"}, "/denominator"),
        ({"period": "2012-13"}, "/period"),
        ({"period": "2012-02-01"}, "/period"),
        ({"point": "midterm"}, "/point"),
        ({"source": "rumour"}, "/source"),
        ({"production_unit": "  "}, "/production_unit"),
        ({"weight": "1"}, "/weight"),
        ({"indicator": "KPI11", "numerator": "5", "denominator": "3"}, "/denominator"),
        ({"indicator": "JOB01P", "unit": "persons", "numerator": "5", "denominator": "3"}, "/denominator"),
        ({"indicator": "PRA01", "unit": "yes_no", "numerator": "2", "denominator": None}, "/numerator"),
        ({"indicator": "PRA01", "unit": "yes_no", "numerator": "1", "denominator": "1"}, "/denominator"),
    ],
    ids=str,
)
async def test_what_breaks_a_rule_is_named(api: Api, enterprise_id: str, change: dict[str, Any], pointer: str) -> None:
    refused = await api.post("/v1/observations", json=builders.observation(enterprise_id, **change))
    assert (refused.status_code, refused.json()["code"]) == (422, "validation-failed")
    assert [place["pointer"] for place in refused.json()["errors"]] == [pointer]


@pytest.mark.parametrize("missing", ["enterprise_id", "indicator", "period", "point", "numerator", "unit"])
async def test_what_is_required_is_named(api: Api, enterprise_id: str, missing: str) -> None:
    figure = builders.observation(enterprise_id)
    del figure[missing]
    refused = await api.post("/v1/observations", json=figure)
    assert refused.status_code == 422
    assert refused.json()["errors"] == [{"pointer": f"/{missing}", "code": "missing", "detail": "This is required."}]


@pytest.mark.parametrize(
    ("indicator", "unit"),
    [("KPI02", "kg"), ("KPI03", "kWh"), ("KPI04", "kwh"), ("KPI10", "kg"), ("KPI13", "t"), ("PRA01", "persons")],
)
async def test_another_unit_is_unknown(api: Api, enterprise_id: str, indicator: str, unit: str) -> None:
    figure = builders.observation(enterprise_id, indicator=indicator, unit=unit, numerator="1", denominator=None)
    refused = await api.post("/v1/observations", json=figure)
    assert (refused.status_code, refused.json()["code"]) == (422, "unit-unknown")
    assert refused.json()["errors"][0]["pointer"] == "/unit"
    assert unit not in refused.json()["errors"][0]["detail"].split()


@pytest.mark.parametrize(
    ("indicator", "unit"),
    [
        ("KPI03", "t"),
        ("KPI04", "GJ"),
        ("KPI09", "units"),
        ("KPI09", "CNY"),
        ("KPI10", "VND"),
        ("KPI11", "units"),
        ("KPI17", "CNY"),
        ("KPI18", "minutes"),
        ("PRA07", "yes_no"),
    ],
)
async def test_each_indicator_takes_its_units(api: Api, enterprise_id: str, indicator: str, unit: str) -> None:
    figure = builders.observation(enterprise_id, indicator=indicator, unit=unit, numerator="1", denominator=None)
    await api.make("/v1/observations", figure)


@pytest.mark.parametrize("indicator", ["KPI01", "OUT01", "TRN02", "INS03", "FIN01", "REP01", "SAT02", "SRV01", "EIP01"])
async def test_a_computed_indicator_takes_no_observations(api: Api, enterprise_id: str, indicator: str) -> None:
    refused = await api.post("/v1/observations", json=builders.observation(enterprise_id, indicator=indicator))
    assert (refused.status_code, refused.json()["code"]) == (422, "computed-indicator")
    assert refused.json()["errors"][0]["pointer"] == "/indicator"


async def test_jobs_may_be_lost(api: Api, enterprise_id: str) -> None:
    figure = builders.observation(enterprise_id, indicator="JOB01C", unit="persons", numerator="-9", denominator=None)
    assert (await api.make("/v1/observations", figure))["numerator"] == "-9"


@pytest.mark.parametrize(
    ("field", "value"), [("enterprise_id", "01941f29-7c00-7000-8000-00000000dead"), ("indicator", "KPI99")]
)
async def test_what_names_nothing_is_an_unknown_reference(api: Api, enterprise_id: str, field: str, value: str) -> None:
    refused = await api.post("/v1/observations", json=builders.observation(enterprise_id) | {field: value})
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown-reference")
    assert refused.json()["errors"][0]["pointer"] == f"/{field}"


async def test_lists_are_filtered(api: Api, enterprise_id: str) -> None:
    for period, point, state in [
        ("2012-01", "monthly", "draft"),
        ("2012-02", "baseline", "approved"),
        ("2012-09", "final", "approved"),
    ]:
        await api.make("/v1/observations", builders.observation(enterprise_id, period=period, point=point, state=state))

    async def periods(**filters: str) -> list[str]:
        answer = await api.get("/v1/observations", params={"enterprise_id": enterprise_id, **filters})
        return [item["period"] for item in answer.json()["items"]]

    assert await periods() == ["2012-01", "2012-02", "2012-09"]
    assert await periods(point="baseline,final") == ["2012-02", "2012-09"]
    assert await periods(state="draft") == ["2012-01"]
    assert await periods(**{"from": "2012-02", "to": "2012-02"}) == ["2012-02"]
    assert await periods(period="2012-09") == ["2012-09"]
    assert await periods(indicator="KPI03") == []
    assert await periods(sort="-created_at") == ["2012-09", "2012-02", "2012-01"]
