"""The record files are what the generator writes, and the API can take them."""

import re
from datetime import date
from typing import Any

import pytest
from stdnum import ean
from stdnum.cn import uscc

from deploy.demo.make_records.chance import dice, partition, spread
from deploy.demo.make_records.files import all_files
from deploy.demo.records import FOLDER, references, resolved, waves
from deploy.demo.trouble import DemoFailed
from tests.demo import figures

JSON_FILES = ("organisations", "programme", "partnerships", "supply_links", "nominations", "fees", "cycles", "surveys")
ENTERPRISES = figures.rows("enterprises")


def test_the_files_are_what_the_generator_writes() -> None:
    assert {path.name: path.read_text("utf-8") for path in FOLDER.iterdir() if path.name != "README.md"} == all_files()


def test_every_record_says_that_it_is_synthetic() -> None:
    made = [record for name in JSON_FILES for record in figures.made(name)]
    assert all(record["external_ref"].startswith("synthetic-demo:") for record in [*made, *ENTERPRISES])
    assert all('"notice": "Synthetic' in (FOLDER / f"{name}.json").read_text("utf-8") for name in JSON_FILES)
    assert all("synthetic" in row["legal_name"] or "synthetic" in row["trade_names"] for row in ENTERPRISES)


def test_one_name_is_of_the_source() -> None:
    assert [row["legal_name"] for row in ENTERPRISES if "(synthetic)" not in row["legal_name"]] == ["Lianglonog Socks"]


def test_check_digits() -> None:
    assert all(uscc.is_valid(row["identifiers.uscc"]) for row in ENTERPRISES)
    assert all(ean.is_valid(row["identifiers.gln"]) for row in ENTERPRISES if row["identifiers.gln"])


@pytest.mark.parametrize("column", ["external_ref", "identifiers.uscc", "identifiers.national"])
def test_every_enterprise_has_its_own(column: str) -> None:
    assert len({row[column] for row in ENTERPRISES if row[column]}) == len(ENTERPRISES)


def test_no_two_names_share_their_first_or_second_word() -> None:
    first, second = zip(*(row["legal_name"].split()[:2] for row in ENTERPRISES), strict=True)
    assert len(set(first)) == len(set(second)) == len(ENTERPRISES)


def test_workforces_lie_within_the_usual_size_band() -> None:
    assert all(50 <= int(row["workforce.total"]) <= 250 for row in ENTERPRISES)


def test_every_reference_is_to_a_record() -> None:
    made = {record["external_ref"] for name in JSON_FILES for record in figures.made(name)}
    known = made | {row["external_ref"] for row in ENTERPRISES}
    imported = ("attendances", "visits", "observations", "savings", "survey_responses")
    rows = [row for name in imported for row in figures.rows(name)]
    assert references([figures.made(name) for name in JSON_FILES] + rows) <= known


def test_attendances_fall_on_a_classroom_day_of_the_enterprises_own_cycle() -> None:
    days = {
        (f"ref:{cycle['external_ref']}", one["enterprise_id"], room["date"])
        for cycle in figures.made("cycles")
        for one in cycle["enterprises"]
        for room in cycle["classroom"]
    }
    assert {(row["cycle"], row["enterprise"], row["date"]) for row in figures.rows("attendances")} <= days


def test_classroom_days_are_working_days_within_the_phase() -> None:
    days = [room["date"] for cycle in figures.made("cycles") if "phase_id" in cycle for room in cycle["classroom"]]
    phase = next(record for record in figures.made("programme") if "starts_on" in record)
    assert all(phase["starts_on"] <= day <= phase["ends_on"] for day in days)
    assert all(date.fromisoformat(day).weekday() < 5 for day in days)


def test_visits_follow_the_classroom_in_order() -> None:
    last_day = {f"ref:{c['external_ref']}": c["classroom"][-1]["date"] for c in figures.made("cycles")}
    seen: dict[tuple[str, str], str] = {}
    for row in figures.rows("visits"):
        key = (row["cycle"], row["enterprise"])
        assert seen.get(key, last_day[row["cycle"]]) < row["done_on"]
        seen[key] = row["done_on"]


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("attendances", ("cycle", "enterprise", "reference", "date")),
        ("visits", ("cycle", "enterprise", "sequence")),
        ("observations", ("enterprise", "indicator", "period", "point")),
        ("savings", ("enterprise", "month", "recurrence", "reference")),
        ("exchange_rates", ("currency", "month")),
        ("survey_responses", ("reference",)),
    ],
)
def test_natural_keys_are_unique(name: str, key: tuple[str, ...]) -> None:
    rows = figures.rows(name)
    assert len({tuple(row[column] for column in key) for row in rows}) == len(rows)


def test_numbers_are_in_plain_notation() -> None:
    written = [row["numerator"] for row in figures.rows("observations")]
    assert all(re.fullmatch(r"(0|[1-9][0-9]*)(\.[0-9]+)?", number) for number in written)


def test_no_more_defects_than_units() -> None:
    defects = [row for row in figures.rows("observations") if row["indicator"] == "KPI02"]
    assert all(int(row["numerator"]) <= int(row["denominator"]) for row in defects)


def test_the_loader_knows_no_published_figure() -> None:
    program = "".join(path.read_text("utf-8") for path in FOLDER.parent.glob("*.py"))
    assert not re.search(r"\b(784|224|18_?670|466_?750|83|92|94|87)\b", program)


# --- the helpers -----------------------------------------------------------------------------------------------


def test_partition_adds_up_within_its_bounds() -> None:
    parts = partition(784, 53, 8, 22, dice("test"))
    assert sum(parts) == 784
    assert min(parts) >= 8
    assert max(parts) <= 22


def test_partition_refuses_what_can_not_be() -> None:
    with pytest.raises(ValueError, match="can't add up"):
        partition(10, 3, 4, 5, dice("test"))


def test_spread_loses_nothing() -> None:
    assert sum(spread(1001, [1, 1, 1], dice("test"))) == 1001


def record(name: str, *refers_to: str) -> dict[str, Any]:
    return {"external_ref": name, "member_of": [f"ref:{other}" for other in refers_to]}


def test_whoever_is_referred_to_is_made_first() -> None:
    assert waves([record("b", "a"), record("a")]) == [[record("a")], [record("b", "a")]]


def test_a_ring_of_references_is_told() -> None:
    with pytest.raises(DemoFailed, match="a, b"):
        waves([record("a", "b"), record("b", "a")])


def test_references_become_ids_in_bodies_and_paths() -> None:
    ids = {"synthetic-demo:partnership:coop": "1"}
    assert resolved("/v1/partnerships/ref:synthetic-demo:partnership:coop/nominations", ids) == (
        "/v1/partnerships/1/nominations"
    )
    assert resolved({"parties": [{"id": "ref:synthetic-demo:partnership:coop"}]}, ids) == {"parties": [{"id": "1"}]}


def test_an_unknown_reference_is_told() -> None:
    with pytest.raises(DemoFailed, match="synthetic-demo:x"):
        resolved("ref:synthetic-demo:x", {})
