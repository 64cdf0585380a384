"""What an export of a collection with imports has is what its import takes: sent back, nothing changes."""

import csv
import io
from typing import Any

import pytest

from shared.files.media import CSV, NDJSON
from tests import builders
from tests.conftest import Api
from tests.training import scenes

OF_RESOURCES = ["id", "version", "created_at", "updated_at"]


async def export(api: Api, path: str, form: str, **query: Any) -> str:
    answer = await api.get(path, params=query, headers={"Accept": form})
    assert answer.status_code == 200, answer.text
    return answer.text


async def assert_comes_back(api: Api, path: str, **query: Any) -> list[dict[str, str]]:
    """In each form of text. Gives the rows."""
    rows = list(csv.DictReader(io.StringIO(await export(api, path, CSV, **query), newline="")))
    assert rows
    assert list(rows[0])[-4:] == OF_RESOURCES
    for form in (CSV, NDJSON):
        job = await api.load(f"{path}/imports", await export(api, path, form, **query), kind=form)
        errors = (await api.get(f"{path}/imports/{job['id']}/errors")).json()["items"]
        assert errors == []
        assert scenes.counts(job) == {"received": len(rows), "unchanged": len(rows)}
    return rows


async def test_enterprises_come_back(api: Api, client_of: Any) -> None:
    """Also those that somebody else made under a reference of their own."""
    isic = "1399"
    whole = builders.enterprise(
        legal_name=f"=cmd|' /C calc'!A0 {builders.unique()}",
        country="NU",
        trade_names=["A|B", "C\\", "-D"],
        address={"street": "line one\r\nline two", "city": "@Alofi"},
        location={"latitude": "-19.055400", "longitude": "-169.917900"},
        isic=isic,
        languages=["en", "niu"],
        identifiers=[{"scheme": "gln", "value": builders.gln()}],
        workforce={"as_of": "2012-01-01", "total": 12, "women": 7},
        external_ref=builders.unique(),
    )
    await api.make("/v1/enterprises", whole)
    coordinator = await client_of("coordinator", countries=["NU"])
    await coordinator.make("/v1/enterprises", builders.enterprise(country="NU", external_ref=builders.unique()))
    api.consistency = coordinator.consistency
    rows = await assert_comes_back(api, "/v1/enterprises", country="NU")
    [ours] = [row for row in rows if row["external_ref"] == whole["external_ref"]]
    assert ours["legal_name"].startswith("'=cmd")
    assert ours["location.latitude"] == "-19.055400"
    assert ours["trade_names"] == "A\\|B|C\\\\|-D"
    seen = await assert_comes_back(coordinator, "/v1/enterprises", country="NU")
    assert len(seen) == len(rows)


async def test_what_an_export_names_by_its_id_is_changed_and_not_made_again(api: Api, client_of: Any) -> None:
    coordinator = await client_of("coordinator", countries=["NR"])
    made = await coordinator.make("/v1/enterprises", builders.enterprise(country="NR", external_ref=builders.unique()))
    api.consistency = coordinator.consistency
    text = await export(api, "/v1/enterprises", CSV, country="NR")
    renamed = text.replace(made["legal_name"], f"{made['legal_name']} 9")
    job = await api.load("/v1/enterprises/imports", renamed)
    assert (job["summary"]["updated"], job["summary"]["created"]) == (1, 0)
    found = (await api.get(f"/v1/enterprises/{made['id']}")).json()
    assert (found["legal_name"], found["external_ref"]) == (f"{made['legal_name']} 9", made["external_ref"])


async def test_records_of_training_come_back(api: Api) -> None:
    cycle = await scenes.cycle(api)
    enterprise = scenes.first_enterprise(cycle)
    await scenes.attend(api, cycle, reference=f"+{builders.unique()}")
    await scenes.attend(api, cycle, sex="male", category="manager")
    visit = builders.visit(cycle["id"], enterprise, report="- bins moved\n- lines marked")
    await api.make("/v1/visits", visit)
    await api.make("/v1/visits", builders.visit(cycle["id"], enterprise, sequence=2, done_on="2012-05-05"))
    people = await assert_comes_back(api, "/v1/participants", enterprise_id=enterprise)
    assert people[0]["reference"].startswith("'+")
    seats = await assert_comes_back(api, "/v1/attendances", cycle_id=cycle["id"])
    assert [seat["reference"] for seat in seats] == [person["reference"] for person in people]
    assert {"cycle_id", "enterprise_id", "reference", "sex", "category", "date"} == set(seats[0]) - set(OF_RESOURCES)
    visits = await assert_comes_back(api, "/v1/visits", cycle_id=cycle["id"])
    assert visits[0]["report"] == "'- bins moved\n- lines marked"


async def test_records_of_metrics_come_back(api: Api) -> None:
    enterprise = (await api.make("/v1/enterprises", builders.enterprise()))["id"]
    await api.make("/v1/observations", builders.observation(enterprise, production_unit="=pair"))
    figure = {"indicator": "JOB01P", "unit": "persons", "numerator": "-3", "denominator": None, "state": "draft"}
    await api.make("/v1/observations", builders.observation(enterprise, **figure))
    saving = {"enterprise_id": enterprise, "month": "2012-09", "recurrence": "annual", "reference": "a|b"}
    await api.make("/v1/savings", {**saving, "amount": {"amount": "80000.00", "currency": "CNY"}, "state": "approved"})
    observations = await assert_comes_back(api, "/v1/observations", enterprise_id=enterprise)
    assert (observations[0]["production_unit"], observations[1]["numerator"]) == ("'=pair", "-3")
    savings = await assert_comes_back(api, "/v1/savings", enterprise_id=enterprise)
    assert (savings[0]["amount.amount"], savings[0]["reference"]) == ("80000.00", "a|b")
    await api.load("/v1/exchange-rates/imports", "currency,month,per_usd\nXDR,1971-03,1.000100\n")
    rates = await assert_comes_back(api, "/v1/exchange-rates", currency="XDR")
    assert rates[0]["per_usd"] == "1.000100"


async def test_responses_have_no_number_of_a_slip(api: Api) -> None:
    """It is answered to nobody; so a file of responses can't be sent back."""
    enterprise = (await api.make("/v1/enterprises", builders.enterprise()))["id"]
    items = [{"code": "ok", "text": "Is it?", "scale": "yes_no", "about": ["worker"]}]
    survey = {"code": builders.unique("S"), "title": "A survey", "conducted_on": "2012-10-01", "items": items}
    path = f"/v1/surveys/{(await api.make('/v1/surveys', survey))['id']}/responses"
    answers = {"enterprise_id": enterprise, "category": "worker", "reference": "77", "answers": {"ok": True}}
    await api.make(path, answers)
    head, row = (await export(api, path, CSV)).splitlines()
    assert head == "category,sex,enterprise_id,answers.ok,id,version,created_at,updated_at"
    assert row.startswith(f"worker,,{enterprise},yes,")


@pytest.mark.parametrize("id", ["nonsense", "018F0C5E-7F00-7000-8000-000000000000"])
async def test_an_id_that_is_none_is_an_error_of_its_row(api: Api, id: str) -> None:
    file = f"id,legal_name,country\n{id},{builders.unique('Works')} 1,CN\n"
    job = await api.load("/v1/enterprises/imports", file)
    errors = (await api.get(f"/v1/enterprises/imports/{job['id']}/errors")).json()["items"]
    assert [(one["row"], one["column"], one["code"], one["value"]) for one in errors] == [(1, "id", "malformed_id", id)]
