"""Files of observations, savings, exchange rates and survey responses; the demo's own files among them."""

import json
from typing import Any

import pytest

from deploy.demo import records
from tests import builders
from tests.conftest import Api

OBSERVATIONS = "enterprise,indicator,period,point,numerator,denominator,unit,production_unit,source,state"
SAVINGS = "enterprise,month,amount.amount,amount.currency,recurrence,reference,state"
RESPONSES = "enterprise,category,sex,reference,answers.relations,answers.costs,answers.efficiency"


def file(header: str, *rows: str) -> str:
    return "\n".join([header, *rows, ""])


def counted(job: dict[str, Any]) -> tuple[int, int, int, int]:
    summary = job["summary"]
    return summary["created"], summary["updated"], summary["unchanged"], summary["rejected"]


async def load(api: Api, path: str, csv: str, mode: str = "partial") -> dict[str, Any]:
    return await api.load(f"{path}/imports", csv, mode)


async def errors_of(api: Api, path: str, job: dict[str, Any]) -> list[tuple[int, str | None, str]]:
    items = (await api.get(f"{path}/imports/{job['id']}/errors")).json()["items"]
    return [(item["row"], item["column"], item["code"]) for item in items]


# --- observations ----------------------------------------------------------------------------------------------


def figures(enterprise: str, numerator: int = 50) -> str:
    return file(
        OBSERVATIONS,
        f"{enterprise},KPI02,2012-02,baseline,{numerator},1000,units,,import,approved",
        f"{enterprise},KPI04,2012-02,baseline,240.50,1000,kWh,sock,import,approved",
        f"{enterprise},JOB01P,2012-09,final,-3,,persons,,,",
        f"{enterprise},PRA02,2012-09,final,1,,yes_no,,evaluator,draft",
    )


async def test_a_file_of_observations_is_loaded_once(api: Api, enterprise_id: str) -> None:
    assert counted(await load(api, "/v1/observations", figures(enterprise_id))) == (4, 0, 0, 0)
    assert counted(await load(api, "/v1/observations", figures(enterprise_id))) == (0, 0, 4, 0)
    listed = (await api.get("/v1/observations", params={"enterprise_id": enterprise_id})).json()["items"]
    assert {one["indicator"]: (one["state"], one["numerator"]) for one in listed} == {
        "KPI02": ("approved", "50"),
        "KPI04": ("approved", "240.50"),
        "JOB01P": ("submitted", "-3"),
        "PRA02": ("draft", "1"),
    }


async def test_records_of_a_file_are_found_by_the_references_it_gives_them(api: Api, enterprise_id: str) -> None:
    ref = builders.unique()
    row = f"{enterprise_id},KPI02,2012-{{month}},monthly,{{numerator}},1000,units,{ref}"
    header = "enterprise,indicator,period,point,numerator,denominator,unit,external_ref"
    path = "/v1/observations"
    first, again = file(header, row.format(month="03", numerator=5)), file(header, row.format(month="03", numerator=6))
    assert counted(await load(api, path, first)) == (1, 0, 0, 0)
    assert counted(await load(api, path, first)) == (0, 0, 1, 0)
    assert counted(await load(api, path, again)) == (0, 1, 0, 0)
    found = (await api.get(path, params={"external_ref": ref})).json()["items"]
    assert [(one["period"], one["numerator"]) for one in found] == [("2012-03", "5")]
    job = await load(api, path, file(header, row.format(month="04", numerator=5)))
    assert await errors_of(api, path, job) == [(1, "external_ref", "taken")]
    twice = file(header, row.format(month="05", numerator=5), row.format(month="06", numerator=5))
    assert (2, None, "conflict_in_file") in await errors_of(api, path, await load(api, path, twice))


async def test_a_changed_row_is_a_new_version(api: Api, enterprise_id: str) -> None:
    await load(api, "/v1/observations", figures(enterprise_id))
    assert counted(await load(api, "/v1/observations", figures(enterprise_id, numerator=49))) == (0, 1, 3, 0)
    wanted = {"enterprise_id": enterprise_id, "indicator": "KPI02"}
    versions = (await api.get("/v1/observations", params=wanted)).json()["items"]
    assert [(one["numerator"], one["state"]) for one in versions] == [("50", "superseded"), ("49", "approved")]


async def test_the_same_rows_sent_as_approved_approve_what_is_there(api: Api, enterprise_id: str) -> None:
    csv = figures(enterprise_id)
    await load(api, "/v1/observations", csv.replace("approved", "submitted"))
    assert counted(await load(api, "/v1/observations", csv)) == (0, 2, 2, 0)
    approved = {"enterprise_id": enterprise_id, "state": "approved"}
    assert len((await api.get("/v1/observations", params=approved)).json()["items"]) == 2


async def test_each_wrong_row_is_told_and_the_others_are_kept(api: Api, enterprise_id: str) -> None:
    csv = file(
        OBSERVATIONS,
        f"{enterprise_id},KPI02,2012-02,baseline,50,1000,units,,,",
        f"{enterprise_id},KPI99,2012-02,baseline,50,1000,units,,,",
        f"{enterprise_id},KPI01,2012-02,baseline,50,1000,units,,,",
        f"{enterprise_id},KPI03,2012-02,baseline,50,1000,lb,,,",
        f"{enterprise_id},KPI05,2012-02,baseline,-50,0,kg,,,",
        f"{enterprise_id},KPI07,2012-02,baseline,-50,1,days,,,",
        f'{enterprise_id},KPI08,2012-02,baseline,"1,5",1,persons,,,',
        f"{enterprise_id},KPI02,2012-02,baseline,50,1000,units,,,",
        "ref:nobody,KPI02,2012-02,baseline,50,1000,units,,,",
        f"{enterprise_id},KPI02,2012-13,middle,,1000,units,,,returned",
    )
    job = await load(api, "/v1/observations", csv)
    assert counted(job) == (1, 0, 0, 9)
    told = await errors_of(api, "/v1/observations", job)
    assert told[:8] == [
        (2, "indicator", "unknown_reference"),
        (3, "indicator", "computed_indicator"),
        (4, "unit", "unit_unknown"),
        (5, "denominator", "out_of_range"),
        (6, "numerator", "out_of_range"),
        (7, "numerator", "ambiguous_number"),
        (8, None, "duplicate_in_file"),
        (9, "enterprise", "unknown_reference"),
    ]
    assert {column for row, column, _ in told if row == 10} == {"period", "point", "numerator", "state"}


async def test_two_names_of_one_enterprise_are_one_key(api: Api) -> None:
    ref = builders.unique("e")
    enterprise = await api.make("/v1/enterprises", builders.enterprise(external_ref=ref))
    rows = [f"{name},KPI02,2012-02,baseline,50,1000,units,,," for name in (enterprise["id"], f"ref:{ref}")]
    job = await load(api, "/v1/observations", file(OBSERVATIONS, *rows))
    assert counted(job) == (1, 0, 0, 1)
    assert await errors_of(api, "/v1/observations", job) == [(2, "enterprise", "duplicate_in_file")]


async def test_an_atomic_file_with_a_wrong_row_stores_nothing(api: Api, enterprise_id: str) -> None:
    csv = figures(enterprise_id) + f"{enterprise_id},KPI99,2012-02,baseline,1,1,units,,,\n"
    job = await load(api, "/v1/observations", csv, "atomic")
    assert (job["state"], counted(job)) == ("failed", (0, 0, 0, 1))
    assert (await api.get("/v1/observations", params={"enterprise_id": enterprise_id})).json()["items"] == []


async def test_a_dry_run_tells_what_would_come_of_it(api: Api, enterprise_id: str) -> None:
    job = await load(api, "/v1/observations", figures(enterprise_id), "dry_run")
    assert (job["state"], counted(job)) == ("succeeded", (4, 0, 0, 0))
    assert (await api.get("/v1/observations", params={"enterprise_id": enterprise_id})).json()["items"] == []


async def test_lines_of_json_are_taken_too(api: Api, enterprise_id: str) -> None:
    lines = [builders.observation(enterprise_id, numerator=50.5), builders.observation(enterprise_id, point="final")]
    content = "\n".join(map(json.dumps, lines))
    job = await api.load("/v1/observations/imports", content, "atomic", "application/x-ndjson")
    assert (job["state"], counted(job)) == ("succeeded", (2, 0, 0, 0))
    listed = (await api.get("/v1/observations", params={"enterprise_id": enterprise_id, "sort": "created_at"})).json()
    assert sorted(one["numerator"] for one in listed["items"]) == ["50", "50.5"]


async def test_a_file_of_more_than_a_batch_is_loaded_once(api: Api, enterprise_id: str) -> None:
    months = [f"{year}-{month:02}" for year in range(1900, 2000) for month in range(1, 13)]
    csv = file(
        OBSERVATIONS,
        *(f"{enterprise_id},KPI11,{month},monthly,{n},,units,,,approved" for n, month in enumerate(months)),
    )
    assert counted(await load(api, "/v1/observations", csv)) == (1200, 0, 0, 0)
    assert counted(await load(api, "/v1/observations", csv, "atomic")) == (0, 0, 1200, 0)


# --- savings and rates -----------------------------------------------------------------------------------------


async def test_a_file_of_savings_is_loaded_once(api: Api, enterprise_id: str) -> None:
    def savings(amount: str) -> str:
        return file(
            SAVINGS,
            f"{enterprise_id},2012-05,{amount},USD,one_off,a,approved",
            f"{enterprise_id},2012-05,0,CNY,one_off,b,approved",
            f"{enterprise_id},2012-05,80785,VND,annual,,",
        )

    assert counted(await load(api, "/v1/savings", savings("6240.00"))) == (3, 0, 0, 0)
    assert counted(await load(api, "/v1/savings", savings("6240"))) == (0, 0, 3, 0)
    assert counted(await load(api, "/v1/savings", savings("6241"))) == (0, 1, 2, 0)


async def test_wrong_savings_are_told(api: Api, enterprise_id: str) -> None:
    csv = file(
        SAVINGS,
        f"{enterprise_id},2012-05,-1,USD,one_off,a,",
        f"{enterprise_id},2012-05,1.5,VND,one_off,b,",
        f"{enterprise_id},2012-05,1,XXY,one_off,c,",
        f"{enterprise_id},2012-05,,USD,one_off,d,",
        "ref:nobody,2012-05,1,USD,one_off,e,",
    )
    job = await load(api, "/v1/savings", csv)
    assert counted(job) == (0, 0, 0, 5)
    told = await errors_of(api, "/v1/savings", job)
    assert [(row, code) for row, _, code in told] == [
        (1, "out_of_range"),
        (2, "too_many_digits"),
        (3, "unknown_currency"),
        (4, "missing"),
        (5, "unknown_reference"),
    ]


async def test_a_file_of_rates_corrects_those_that_are_there(api: Api) -> None:
    rates = [builders.exchange_rate(currency="PEN") for _ in range(3)]

    def csv(last: str) -> str:
        values = ["2.7", "2.80", last]
        rows = (f"PEN,{rate['month']},{value}" for rate, value in zip(rates, values, strict=True))
        return file("currency,month,per_usd", *rows)

    assert counted(await load(api, "/v1/exchange-rates", csv("2.9"))) == (3, 0, 0, 0)
    assert counted(await load(api, "/v1/exchange-rates", csv("2.90"))) == (0, 0, 3, 0)
    assert counted(await load(api, "/v1/exchange-rates", csv("2.95"))) == (0, 1, 2, 0)
    found = (await api.get("/v1/exchange-rates", params={"currency": "PEN", "month": rates[2]["month"]})).json()
    assert [(rate["per_usd"], rate["version"]) for rate in found["items"]] == [("2.95", 2)]


async def test_rates_of_a_file_are_found_by_the_references_it_gives_them(api: Api) -> None:
    one, two = builders.exchange_rate(currency="UYU"), builders.exchange_rate(currency="UYU")
    ref, path, header = builders.unique(), "/v1/exchange-rates", "currency,month,per_usd,external_ref"
    first = file(header, f"UYU,{one['month']},20,{ref}")
    assert counted(await load(api, path, first)) == (1, 0, 0, 0)
    assert counted(await load(api, path, first)) == (0, 0, 1, 0)
    found = (await api.get(path, params={"external_ref": ref})).json()["items"]
    assert [rate["month"] for rate in found] == [one["month"]]
    job = await load(api, path, file(header, f"UYU,{two['month']},20,{ref}"))
    assert await errors_of(api, path, job) == [(1, "external_ref", "taken")]
    assert counted(await load(api, path, file(header, f"UYU,{one['month']},20,{builders.unique()}"))) == (0, 1, 0, 0)


async def test_wrong_rates_are_told(api: Api) -> None:
    job = await load(api, "/v1/exchange-rates", file("currency,month,per_usd", "USD,2012-01,1", "CNY,2012-01,0"))
    assert await errors_of(api, "/v1/exchange-rates", job) == [
        (1, "currency", "needs_no_rate"),
        (2, "per_usd", "out_of_range"),
    ]


# --- survey responses ------------------------------------------------------------------------------------------


@pytest.fixture
async def responses(api: Api) -> str:
    return f"/v1/surveys/{(await api.make('/v1/surveys', builders.survey()))['id']}/responses"


def interviews(enterprise: str, efficiency: str = "4") -> str:
    return file(
        RESPONSES,
        f"{enterprise},manager,,slip-1,yes,no,",
        f"{enterprise},worker,female,slip-2,no,,{efficiency}",
        f"{enterprise},worker,male,slip-3,,,",
    )


async def test_a_file_of_responses_is_loaded_once(api: Api, enterprise_id: str, responses: str) -> None:
    assert counted(await load(api, responses, interviews(enterprise_id))) == (3, 0, 0, 0)
    assert counted(await load(api, responses, interviews(enterprise_id))) == (0, 0, 3, 0)
    listed = (await api.get(responses)).json()["items"]
    answers = sorted((one["category"], json.dumps(one["answers"], sort_keys=True)) for one in listed)
    assert answers == [
        ("manager", '{"costs": false, "relations": true}'),
        ("worker", '{"efficiency": 4, "relations": false}'),
        ("worker", "{}"),
    ]


async def test_another_row_of_the_same_slip_corrects_it(api: Api, enterprise_id: str, responses: str) -> None:
    await load(api, responses, interviews(enterprise_id))
    corrected = interviews(enterprise_id, efficiency="5").replace("yes,no,", "yes,yes,")
    assert counted(await load(api, responses, corrected)) == (0, 2, 1, 0)
    listed = (await api.get(responses)).json()["items"]
    assert sorted(one["version"] for one in listed) == [1, 2, 2]
    assert {"relations": True, "costs": True} in [one["answers"] for one in listed]


async def test_a_slip_recorded_by_hand_is_known_in_a_file(api: Api, enterprise_id: str, responses: str) -> None:
    by_hand = builders.response(
        enterprise_id, reference=" slip-2 ", sex="female", answers={"relations": False, "efficiency": 4}
    )
    await api.make(responses, by_hand)
    assert counted(await load(api, responses, interviews(enterprise_id))) == (2, 0, 1, 0)


async def test_wrong_responses_are_told_without_their_slips(api: Api, enterprise_id: str, responses: str) -> None:
    csv = file(
        RESPONSES,
        f"{enterprise_id},worker,,canary-1,,yes,",
        f"{enterprise_id},worker,,canary-2,maybe,,6",
        f"{enterprise_id},worker,,,yes,,4",
        f"{enterprise_id},worker,,canary-4,yes,,4",
        f"{enterprise_id},worker,,canary-4,no,,4",
        f"{enterprise_id},worker,,canary-6,yes,,4,canary-7",
        "ref:nobody,worker,,canary-8,yes,,4",
    )
    job = await load(api, responses, csv)
    assert counted(job) == (1, 0, 0, 6)
    assert await errors_of(api, responses, job) == [
        (1, "answers.costs", "not_asked"),
        (2, "answers.relations", "wrong_type"),
        (2, "answers.efficiency", "not_one_of"),
        (3, "reference", "missing"),
        (5, None, "conflict_in_file"),
        (6, None, "column_count"),
        (7, "enterprise", "unknown_reference"),
    ]
    told = [await api.get(f"{responses}/imports/{job['id']}{part}") for part in ("", "/errors", "/rejected")]
    assert not [answer.text for answer in told if "canary" in answer.text]


async def test_rejected_responses_may_be_mended_and_sent_again(api: Api, enterprise_id: str, responses: str) -> None:
    csv = interviews(enterprise_id)
    job = await load(api, responses, csv.replace(",4", ",7"))
    assert counted(job) == (2, 0, 0, 1)
    rejected = (await api.get(f"{responses}/imports/{job['id']}/rejected", headers={"Accept": "text/csv"})).text
    assert counted(await load(api, responses, rejected.replace(",7,", ",4,"))) == (1, 0, 0, 0)
    assert counted(await load(api, responses, csv)) == (0, 0, 3, 0)


async def test_a_file_for_no_survey_is_not_found(api: Api, enterprise_id: str) -> None:
    path = "/v1/surveys/01941f29-7c00-7000-8000-00000000dead/responses/imports?mode=partial"
    answer = await api.post(path, content=interviews(enterprise_id), headers={"Content-Type": "text/csv"})
    assert answer.status_code == 404


async def test_a_column_of_another_survey_is_unknown(api: Api, enterprise_id: str, responses: str) -> None:
    csv = interviews(enterprise_id).replace("answers.costs", "answers.weather")
    answer = await api.post(f"{responses}/imports?mode=partial", content=csv, headers={"Content-Type": "text/csv"})
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown-column")


# --- the demo --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "collection"),
    [("exchange_rates", "exchange-rates"), ("observations", "observations"), ("savings", "savings")],
)
async def test_the_demos_records_have_the_right_form(api: Api, name: str, collection: str) -> None:
    """Its enterprises are not there, and that is all that is wrong with its rows."""
    content = records.file_to_import(name).decode()
    job = await load(api, f"/v1/{collection}", content, "dry_run")
    told = await errors_of(api, f"/v1/{collection}", job)
    assert job["state"] == "succeeded"
    assert {code for _, _, code in told} <= {"unknown_reference"}
    assert {column for _, column, _ in told} <= {"enterprise"}
