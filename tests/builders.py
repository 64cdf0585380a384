"""Valid by default; a test overrides only what it is about. Names and codes are new each time, so that tests never meet."""

from itertools import count
from typing import Any
from uuid import uuid4

from stdnum import ean

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


def supply_link(buyer_id: str, enterprise_id: str, /, **changes: Any) -> dict[str, Any]:
    return {"buyer_id": buyer_id, "enterprise_id": enterprise_id, "tier": 1, "since": "2010-06-01"} | changes


def partnership(**changes: Any) -> dict[str, Any]:
    return {
        "name": "COOP pilot",
        "parties": [],
        "countries": ["CN"],
        "starts_on": "2011-01-01",
        "ends_on": "2012-12-31",
    } | changes


def fee(enterprise_id: str, percents: dict[str, str] | None = None, /, **changes: Any) -> dict[str, Any]:
    """`percents` by payer; the enterprise pays all of it unless said."""
    shares = [{"payer_id": id, "percent": percent} for id, percent in (percents or {enterprise_id: "100"}).items()]
    return {
        "enterprise_id": enterprise_id,
        "amount": {"amount": "3000.00", "currency": "USD"},
        "shares": shares,
    } | changes


def gln() -> str:
    """A new one with a right check digit; 952 is the prefix kept for examples."""
    digits = f"952{uuid4().int % 10**9:09}"
    return digits + ean.calc_check_digit(digits)


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


def indicator(**changes: Any) -> dict[str, Any]:
    return {
        "code": f"T{uuid4().hex[:10]}",
        "name": "Guest nights sold",
        "unit": "guest-nights",
        "direction": "higher",
        "aggregation": "share_and_mean",
    } | changes


def saving(enterprise_id: str, **changes: Any) -> dict[str, Any]:
    return {
        "enterprise_id": enterprise_id,
        "month": "2012-06",
        "amount": {"amount": "1200.00", "currency": "USD"},
        "recurrence": "one_off",
        "state": "approved",
    } | changes


def exchange_rate(**changes: Any) -> dict[str, Any]:
    """A month of its own each time: currency and month are the key."""
    year, month = divmod(next(_numbers) + uuid4().int % 80_000, 12)
    return {"currency": "CNY", "month": f"{1000 + year:04}-{month + 1:02}", "per_usd": "6.82"} | changes


def survey(**changes: Any) -> dict[str, Any]:
    both, manager, worker = ["manager", "worker"], ["manager"], ["worker"]
    items = [
        {"code": "relations", "text": "Better relations", "scale": "yes_no", "about": both},
        {"code": "costs", "text": "Lower costs", "scale": "yes_no", "about": manager},
        {"code": "efficiency", "text": "More efficient", "scale": "five_point", "about": worker},
    ]
    return {"code": unique("S"), "title": "Interviews", "conducted_on": "2012-12-11", "items": items} | changes


def response(enterprise_id: str, **changes: Any) -> dict[str, Any]:
    return {
        "enterprise_id": enterprise_id,
        "category": "worker",
        "sex": "female",
        "reference": unique("slip"),
        "answers": {"relations": True, "efficiency": 4},
    } | changes


def consent(enterprise_id: str, grantee_id: str = "public", /, **changes: Any) -> dict[str, Any]:
    return {
        "enterprise_id": enterprise_id,
        "grantee_id": grantee_id,
        "scope": "identified_kpi",
        "from": "2012-03-01",
        "evidence": "Letter of 1 March 2012",
    } | changes
