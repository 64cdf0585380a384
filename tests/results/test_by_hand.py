"""A set worked out on paper equals what the pure arithmetic makes of it, and what the API answers field by field."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from services.metrics_svc.results.calculation.facts import Evidence, Indicator, Options, Reading, Saving
from services.metrics_svc.results.calculation.rounding import fraction_text, mean_text, per_cent, whole_money
from services.metrics_svc.results.calculation.table import Row, Table, enterprises_reporting
from tests.conftest import Api
from tests.results import by_hand
from tests.results.by_hand import AS_OF, ENTERPRISES, OBSERVATIONS, POPULATION, RATES, SAVINGS, TABLE, TRAINED
from tests.results.loading import load_by_hand
from tests.results.plain import enterprise

COVERAGE = {n: Fraction(n, len(TRAINED)) for n in range(len(TRAINED) + 1)}
KINDS = {"JOB01P": ("higher", "sum"), "PRA02": ("higher", "yes_share")}


# --- the pure arithmetic ---------------------------------------------------------------------------------------


def number_of(name: str) -> Any:
    return enterprise(ENTERPRISES.index(name))


def reading_of(raw: by_hand.Raw) -> Reading:
    below = raw["denominator"]
    return Reading(
        enterprise_id=number_of(raw["enterprise"]),
        indicator=raw["indicator"],
        period=raw["period"],
        point=raw["point"],
        numerator=Decimal(raw["numerator"]),
        denominator=None if below is None else Decimal(below),
        unit=raw["unit"],
        production_unit=raw.get("production_unit"),
    )


def saving_of(raw: by_hand.Raw) -> Saving:
    money = raw["amount"]
    amount, currency = Decimal(money["amount"]), money["currency"]
    return Saving(number_of(raw["enterprise"]), raw["month"], amount, currency, raw["recurrence"])


def approved(rows: list[by_hand.Raw]) -> list[by_hand.Raw]:
    return [row for row in rows if row["state"] == "approved"]


def plain_rows(**options: Any) -> list[Row]:
    evidence = Evidence(
        first_days={number_of(name): date(2012, 3, 5) for name in TRAINED},
        readings=[reading_of(raw) for raw in approved(OBSERVATIONS)],
        savings=[saving_of(raw) for raw in approved(SAVINGS)],
        rates={(raw["currency"], raw["month"]): Decimal(raw["per_usd"]) for raw in RATES},
    )
    codes = {code for code, _ in TABLE}
    indicators = [Indicator(code, code, "", *KINDS.get(code, ("lower", "share_and_mean"))) for code in codes]
    return Table(evidence, date.fromisoformat(AS_OF), Options(**options)).rows(indicators)


def test_the_plain_rows_are_those_worked_out_on_paper() -> None:
    for found, (key, expected) in zip(plain_rows(), TABLE.items(), strict=True):
        assert (found.indicator.code, found.recurrence) == key
        assert (len(found.reporters), found.improved) == (expected["reporters"], expected["improved"]), key
        assert (fraction_text(found.share), found.mean) == (expected["share"], expected["means"][0]), key
        assert fraction_text(found.gain) == expected.get("gain"), key


def test_the_plain_means_over_reporters_are_those_worked_out_on_paper() -> None:
    found = [row.mean for row in plain_rows(mean_over="reporters")]
    assert found == [expected["means"][1] for expected in TABLE.values()]


def test_the_plain_rows_say_how_many_report() -> None:
    assert enterprises_reporting(plain_rows()) == POPULATION["enterprises_reporting"]


# --- the API ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def loaded() -> dict[str, str]:
    """Filled once, by the first test that needs it."""
    return {}


@pytest.fixture
async def ids(api: Api, loaded: dict[str, str]) -> dict[str, str]:
    if not loaded:
        loaded |= await load_by_hand(api) | {"token": api.consistency or ""}
    api.consistency = loaded["token"]
    return loaded


async def table_of(api: Api, ids: dict[str, str], **parameters: str) -> dict[str, Any]:
    answer = await api.get("/v1/results", params={"phase_id": ids["phase"], "as_of": AS_OF, **parameters})
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]


def expected_row(key: tuple[str, str | None], row: by_hand.Raw, over: int, share: str | None) -> dict[str, Any]:
    """As the API is to write it, but for the indicator's name and unit."""
    mean, is_money = row["means"][over], key[0] == "KPI01"
    part = None if share is None else Fraction(share)
    gain = row.get("gain")
    exact = {
        "share": share,
        "coverage": fraction_text(COVERAGE[row["reporters"]]),
        "mean_change": None if is_money else mean_text(mean),
        "mean_amount": mean_text(mean) if is_money else None,
    }
    return {
        "indicator": key[0],
        "recurrence": key[1],
        "trained": len(TRAINED),
        "reporters": row["reporters"],
        "improved": row["improved"],
        "coverage": per_cent(COVERAGE[row["reporters"]]),
        "share": per_cent(part),
        "mean_change": None if is_money else per_cent(mean),
        "mean_amount": whole_money(mean) if is_money else None,
        "exact": exact | ({"gain": gain} if gain else {}),
        "suppressed": False,
        **({"sum": row["sum"]} if "sum" in row else {}),
        **({"gain": per_cent(Fraction(gain))} if gain else {}),
    }


def written(table: dict[str, Any]) -> dict[tuple[str, str | None], dict[str, Any]]:
    rows = {(row["indicator"], row["recurrence"]): row for row in table["rows"]}
    return {
        key: {n: v for n, v in row.items() if n not in ("name", "unit")} for key, row in rows.items() if key in TABLE
    }


async def test_the_api_answers_what_was_worked_out_on_paper(api: Api, ids: dict[str, str]) -> None:
    table = await table_of(api, ids)
    assert table["population"] == POPULATION
    assert written(table) == {key: expected_row(key, row, 0, row["share"]) for key, row in TABLE.items()}


async def test_the_api_answers_the_means_over_reporters(api: Api, ids: dict[str, str]) -> None:
    table = await table_of(api, ids, mean_over="reporters")
    assert written(table) == {key: expected_row(key, row, 1, row["share"]) for key, row in TABLE.items()}


async def test_the_api_answers_shares_of_all_trained(api: Api, ids: dict[str, str]) -> None:
    table = await table_of(api, ids, denominator="trained")
    of_trained = {key: fraction_text(COVERAGE[row["improved"]]) for key, row in TABLE.items()}
    assert written(table) == {key: expected_row(key, row, 0, of_trained[key]) for key, row in TABLE.items()}


async def test_some_figures_as_they_are_printed(api: Api, ids: dict[str, str]) -> None:
    """Literally, so that a mistake in writing can't hide in a comparison with itself."""
    rows = written(await table_of(api, ids))
    one_off = rows["KPI01", "one_off"]
    assert (one_off["share"], one_off["mean_amount"], one_off["exact"]["mean_amount"]) == (
        67,
        "251.00",
        "250.500000000000",
    )
    defects = rows["KPI02", None]
    assert (defects["coverage"], defects["share"], defects["mean_change"]) == (56, 40, -30)
    assert defects["exact"] == {
        "share": "2/5",
        "coverage": "5/9",
        "mean_change": "-0.300000000000",
        "mean_amount": None,
    }


async def test_the_rows_are_in_order_of_code_and_all_there(api: Api, ids: dict[str, str]) -> None:
    codes = [row["indicator"] for row in (await table_of(api, ids))["rows"]]
    assert codes == sorted(codes)
    assert {"JOB01C", "JOB01P", "KPI01", "KPI02", "KPI06F", "KPI06I", "KPI18", "PRA01"} <= set(codes)
    assert not {"KPI16R", "KPI16T", "OUT01", "SAT01"} & set(codes)


async def test_an_approved_draft_counts_from_then_on(api: Api, ids: dict[str, str]) -> None:
    """Last, since it changes the set: epsilon's submitted follow-up is approved, from 5 % to 1 %."""
    found = await api.get(
        "/v1/observations", params={"enterprise_id": ids["epsilon"], "indicator": "KPI02", "state": "submitted"}
    )
    [submitted] = found.json()["items"]
    await api.do(f"/v1/observations/{submitted['id']}", "approve")
    row = written(await table_of(api, ids))["KPI02", None]
    assert (row["reporters"], row["improved"]) == (6, 3)
