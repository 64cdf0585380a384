"""Valid by default; a test overrides only what it is about. Names and codes are new each time, so that tests never meet."""

from itertools import count
from typing import Any
from uuid import uuid4

_numbers = count(1)


def unique(prefix: str = "t") -> str:
    return f"{prefix}-{uuid4().hex[:12]}"


def organisation(**changes: Any) -> dict[str, Any]:
    return {"name": unique("Organisation"), "kind": "lead_buyer", "country": "CH"} | changes


def enterprise(**changes: Any) -> dict[str, Any]:
    """Names differ in a number, so that none looks like another."""
    return {"legal_name": f"Synthetic Works {uuid4().int % 10**12} {next(_numbers)}", "country": "CN"} | changes


def programme(**changes: Any) -> dict[str, Any]:
    return {"code": unique("P"), "name": "Sustaining Competitive and Responsible Enterprises"} | changes


def phase(programme_id: str, **changes: Any) -> dict[str, Any]:
    return {
        "programme_id": programme_id,
        "name": "Phase I",
        "starts_on": "2009-01-01",
        "ends_on": "2013-12-31",
        "countries": ["CN"],
        "donor_ids": [],
    } | changes


def cycle(enterprise_ids: list[str], **changes: Any) -> dict[str, Any]:
    return {
        "module": "M1",
        "country": "CN",
        "enterprises": [{"enterprise_id": id, "baseline_on": "2012-02-15"} for id in enterprise_ids],
        "classroom": [{"date": "2012-03-05"}, {"date": "2012-03-06"}],
    } | changes


def participant(enterprise_id: str, **changes: Any) -> dict[str, Any]:
    return {"enterprise_id": enterprise_id, "reference": unique("p"), "sex": "female", "category": "worker"} | changes


def module(**changes: Any) -> dict[str, Any]:
    return {
        "code": unique("M"),
        "title": "Lean manufacturing",
        "prerequisites": ["M1"],
        "variants": [variant()],
    } | changes


def variant(**changes: Any) -> dict[str, Any]:
    return {
        "code": "standard",
        "classroom_days": 2,
        "visits": 3,
        "weeks": 12,
        "group_min": 4,
        "group_max": 5,
        "managers": 2,
        "workers": 2,
    } | changes


def trainer(organisation_id: str, **changes: Any) -> dict[str, Any]:
    return {
        "name": unique("Trainer"),
        "organisation_id": organisation_id,
        "country": "CN",
        "languages": ["zh"],
    } | changes


def visit(cycle_id: str, enterprise_id: str, **changes: Any) -> dict[str, Any]:
    return {"cycle_id": cycle_id, "enterprise_id": enterprise_id, "sequence": 1, "planned_on": "2012-04-02"} | changes


def observation(enterprise_id: str, **changes: Any) -> dict[str, Any]:
    return {
        "enterprise_id": enterprise_id,
        "indicator": "KPI02",
        "period": "2012-02",
        "point": "baseline",
        "numerator": "50",
        "denominator": "1000",
        "unit": "units",
        "state": "approved",
    } | changes
