"""Who takes part: organisations, the programme and its phases, partnerships, supply links, nominations."""

from typing import Any

from deploy.demo.make_records.enterprises import PREFIX, Enterprise

Record = dict[str, Any]

COUNTRIES = ["CN", "CO", "GH", "ZA", "IN", "VN", "ID"]
PARTNERSHIP_OF = {"coop": f"{PREFIX}partnership:coop", "bsci": f"{PREFIX}partnership:bsci"}
BUYER_OF = {"coop": "coop", "bsci": "retail"}
CONFIRM, ACCEPT = [{"verb": "confirm"}], [{"verb": "accept"}]


def organisation_ref(key: str) -> str:
    return f"ref:{PREFIX}organisation:{key}"


def organisation(key: str, name: str, kind: str, country: str, member_of: list[str]) -> Record:
    return {
        "external_ref": f"{PREFIX}organisation:{key}",
        "name": name,
        "kind": kind,
        "country": country,
        "member_of": [organisation_ref(body) for body in member_of],
    }


def organisations() -> list[Record]:
    return [
        organisation("fta", "Foreign Trade Association (BSCI)", "federation", "BE", []),
        organisation("coop", "COOP Switzerland", "lead_buyer", "CH", ["fta"]),
        organisation("retail", "Example Retail Group (synthetic)", "lead_buyer", "DE", ["fta"]),
        organisation("seco", "State Secretariat for Economic Affairs (SECO)", "donor", "CH", []),
        organisation("norad", "Norwegian Agency for Development Cooperation (NORAD)", "donor", "NO", []),
        organisation("ilo", "ILO SCORE programme office, China", "programme_office", "CN", []),
        organisation("centre", "Example Coordination Centre, China (synthetic)", "coordination_centre", "CN", []),
        organisation("provider", "Example Training Services (synthetic)", "service_provider", "CN", []),
    ]


def programmes() -> list[Record]:
    name = "Sustaining Competitive and Responsible Enterprises"
    return [{"external_ref": f"{PREFIX}programme:score", "code": "SCORE", "name": name}]


def phase(key: str, name: str, starts_on: str, ends_on: str) -> Record:
    return {
        "external_ref": f"{PREFIX}phase:{key}",
        "programme_id": f"ref:{PREFIX}programme:score",
        "name": name,
        "starts_on": starts_on,
        "ends_on": ends_on,
        "countries": COUNTRIES,
        "donor_ids": [organisation_ref("norad"), organisation_ref("seco")],
    }


def phases() -> list[Record]:
    return [phase("one", "Phase I", "2009-01-01", "2013-12-31")]


def party(key: str, role: str) -> Record:
    return {"organisation_id": organisation_ref(key), "role": role}


def partnerships() -> list[Record]:
    funders = [party("norad", "funder"), party("seco", "funder")]
    return [
        {
            "external_ref": PARTNERSHIP_OF["coop"],
            "name": "COOP pilot",
            "parties": [party("coop", "sponsor"), party("ilo", "implementer")],
            "countries": ["CN"],
            "starts_on": "2011-01-01",
            "ends_on": "2012-12-31",
        },
        {
            "external_ref": PARTNERSHIP_OF["bsci"],
            "name": "FTA/BSCI partnership",
            "parties": [party("fta", "initiative"), party("coop", "sponsor"), *funders, party("ilo", "implementer")],
            "countries": ["CN"],
            "starts_on": "2013-01-01",
            "ends_on": "2014-05-31",
            "budget": {"amount": "80000.00", "currency": "USD"},
            "targets": {"enterprises": 10, "workers": 2500},
        },
    ]


def supply_links(enterprises: list[Enterprise]) -> list[Record]:
    """Proposed by the file, confirmed by the loader."""
    return [
        {
            "external_ref": f"{PREFIX}supply-link:{one.key}",
            "buyer_id": organisation_ref(BUYER_OF[one.group]),
            "enterprise_id": one.ref,
            "tier": 1,
            "since": "2010-06-01",
        }
        for one in enterprises
        if one.group in BUYER_OF
    ]


def nominations(group: str, enterprises: list[Enterprise]) -> list[Record]:
    return [
        {"external_ref": f"{PREFIX}nomination:{one.key}", "enterprise_id": one.ref}
        for one in enterprises
        if one.group == group
    ]


def fees(enterprises: list[Enterprise]) -> list[Record]:
    """Of COOP's pilot, as its source tells: USD 3,000 a factory, half paid by COOP, half by the supplier."""
    return [
        {
            "external_ref": f"{PREFIX}fee:{one.key}",
            "enterprise_id": one.ref,
            "amount": {"amount": "3000.00", "currency": "USD"},
            "shares": [{"payer_id": payer, "percent": "50"} for payer in (organisation_ref("coop"), one.ref)],
        }
        for one in enterprises
        if one.group == "coop"
    ]
