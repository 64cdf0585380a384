"""All record files, by name."""

import csv
import io
import json
from typing import Any

from deploy.demo.make_records import calendar, readings, registry, savings, survey, training
from deploy.demo.make_records.enterprises import Enterprise, all_enterprises, enterprise_row

NOTICE = (
    "Synthetic: invented for the demo, not records of the programme. Written by `python -m deploy.demo.make_records`."
)


def all_files() -> dict[str, str]:
    """File name to its text."""
    enterprises = all_enterprises()
    cycles = training.all_cycles(enterprises)
    return json_files(enterprises, cycles) | csv_files(enterprises, cycles)


def json_files(enterprises: list[Enterprise], cycles: list[training.Cycle]) -> dict[str, str]:
    parts: dict[str, list[dict[str, Any]]] = {
        "organisations": [made("/v1/organisations", registry.organisations())],
        "programme": [made("/v1/programmes", registry.programmes()), made("/v1/phases", registry.phases())],
        "partnerships": [made("/v1/partnerships", registry.partnerships(), [{"verb": "sign"}, {"verb": "activate"}])],
        "supply_links": [made("/v1/supply-links", registry.supply_links(enterprises), registry.CONFIRM)],
        "nominations": [
            made(f"/v1/partnerships/ref:{ref}/nominations", registry.nominations(group, enterprises), registry.ACCEPT)
            for group, ref in registry.PARTNERSHIP_OF.items()
        ],
        "fees": [made(f"/v1/partnerships/ref:{registry.PARTNERSHIP_OF['coop']}/fees", registry.fees(enterprises))],
        "cycles": [made("/v1/cycles", [training.cycle_record(cycle) for cycle in cycles])],
        "surveys": [made("/v1/surveys", survey.surveys())],
    }
    return {f"{name}.json": as_json({"notice": NOTICE, "collections": part}) for name, part in parts.items()}


def made(path: str, records: list[dict[str, Any]], verbs: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """Records to `POST` to a path, and the verbs each is then moved by."""
    return {"path": path, "verbs": verbs or [], "records": records}


def csv_files(enterprises: list[Enterprise], cycles: list[training.Cycle]) -> dict[str, str]:
    starts = first_months(cycles)
    rows = {
        "enterprises": [enterprise_row(one) for one in enterprises],
        "attendances": training.attendance_rows(cycles, training.rosters(enterprises)),
        "visits": training.visit_rows(cycles, enterprises),
        "exchange_rates": savings.rate_rows(),
        "observations": [*readings.china_rows(enterprises, starts), *readings.coop_rows(enterprises, starts)],
        "savings": savings.saving_rows(enterprises, starts),
        "survey_responses": survey.response_rows(enterprises),
    }
    return {f"{name}.csv": as_csv(of) for name, of in rows.items()}


def first_months(cycles: list[training.Cycle]) -> dict[Enterprise, int]:
    """The month of each enterprise's first classroom day."""
    return {e: calendar.month_of(c.days[0]) for c in cycles if c.module == "M1" for e in c.enterprises}


def as_json(value: Any) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"


def as_csv(rows: list[dict[str, str]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
