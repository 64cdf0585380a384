"""The results tables, R1 to R19, as the API computes them. Which figure stands where is said here; no figure is."""

from dataclasses import dataclass
from decimal import Decimal

import pycountry

from deploy.demo.api import Api, Document

NOTHING = "–"
Ids = dict[str, str]
COOP_ENDS, PHASE_ONE_ENDS, BSCI_ENDS = "2012-12-31", "2013-12-31", "2014-05-31"


@dataclass(frozen=True)
class Line:
    """One result: `counted` is n/N of a share, `coverage` those who reported of those trained."""

    number: str
    what: str
    value: str
    counted: str = ""
    coverage: str = ""


@dataclass(frozen=True)
class Section:
    """The results of one scope; a `wordy` one has texts for values, and no shares."""

    title: str
    lines: list[Line]
    footnote: str
    wordy: bool = False


async def all_sections(api: Api, ids: Ids) -> list[Section]:
    return [await coop(api, ids), await china(api, ids), await bsci(api, ids), await programme(api, ids)]


async def coop(api: Api, ids: Ids) -> Section:
    scope = {"partnership_id": ids["synthetic-demo:partnership:coop"], "as_of": COOP_ENDS}
    results = await api.get("/v1/results", **scope)
    named = await api.get("/v1/results", enterprise_id=ids["synthetic-demo:enterprise:coop-01"], as_of=COOP_ENDS)
    lines = [
        count("R1", "supplier enterprises trained", results, "enterprises_trained"),
        await opinion(api, ids, "R2", "interviewees: better relations, more trust and respect", "relations"),
        await opinion(api, ids, "R3", "managers: production cost down, productivity up", "costs", "manager"),
        mean("R4", "Lianglonog Socks: production cost", named, "KPI10"),
        mean("R5", "Lianglonog Socks: output capacity", named, "KPI11"),
        await opinion(api, ids, "R6", "workers: working environment improved", "environment", "worker"),
        await opinion(api, ids, "R7", "workers: working efficiency increased", "efficiency", "worker"),
        share("", "better defect rate", results, "KPI02"),
        share("", "fewer accidents", results, "KPI06F"),
        share("", "less energy", results, "KPI04"),
        share("", "less waste", results, "KPI05"),
        share("", "cost savings", results, "KPI01"),
    ]
    return Section("COOP pilot, China, 2011-2012", lines, footnote(results))


async def china(api: Api, ids: Ids) -> Section:
    scope = {"phase_id": ids["synthetic-demo:phase:one"], "country": "CN", "as_of": PHASE_ONE_ENDS}
    results = await api.get("/v1/results", **scope)
    lines = [
        count("R8", "SMEs trained", results, "enterprises_trained"),
        count("R9", "staff trained", results, "staff_trained"),
        count("R10", "enterprise visits", results, "visits"),
        count("", "enterprises reporting", results, "enterprises_reporting"),
        share("R11", "enterprises reporting cost savings", results, "KPI01"),
        amount("R12", "savings, average of those", results, "KPI01"),
        share("R13", "enterprises reporting fewer defects", results, "KPI02"),
        mean("R14", "change in defects, average of those", results, "KPI02"),
        share("R15", "enterprises with less material used", results, "KPI03"),
        share("R16", "enterprises with less energy used", results, "KPI04"),
        mean("R17", "kWh per production unit, average of those", results, "KPI04"),
    ]
    return Section("China, Phase I", lines, footnote(results))


async def bsci(api: Api, ids: Ids) -> Section:
    partnership_id = ids["synthetic-demo:partnership:bsci"]
    partnership = await api.get(f"/v1/partnerships/{partnership_id}")
    results = await api.get("/v1/results", partnership_id=partnership_id, as_of=BSCI_ENDS)
    members = await api.get("/v1/enterprises", partnership_id=partnership_id, limit="500")
    workers = sum(member["workforce"]["total"] for member in members["items"])
    budget, targets = partnership["budget"], partnership["targets"]
    lines = [
        Line("R18", "budget", money(budget["amount"], budget["currency"])),
        Line("", "SMEs, target", str(targets["enterprises"])),
        Line("", "SMEs trained", str(results["population"]["enterprises_trained"])),
        Line("", "workers, target (up to)", f"{targets['workers']:,}"),
        Line("", "workers in the SMEs that joined", f"{workers:,}"),
        Line("", "partners", await parties(api, partnership, {"sponsor", "initiative"})),
        Line("", "funders", await parties(api, partnership, {"funder"})),
    ]
    return Section("FTA/BSCI partnership, China, 2013 - May 2014", lines, footnote(results), wordy=True)


async def programme(api: Api, ids: Ids) -> Section:
    phases = await api.get("/v1/phases", programme_id=ids["synthetic-demo:programme:score"])
    codes = dict.fromkeys(code for phase in phases["items"] for code in phase["countries"])
    names = ", ".join(map(country_name, codes))
    named = ", ".join(phase["name"] for phase in phases["items"])
    return Section("Programme SCORE", [Line("R19", "countries", names)], f"of {named}", wordy=True)


def country_name(code: str) -> str:
    country = pycountry.countries.get(alpha_2=code)
    return country.name if country else code


def footnote(results: Document) -> str:
    return f"as of {results['as_of']}, rule set {results['rule_set']}; demo records are synthetic"


def count(number: str, what: str, results: Document, name: str) -> Line:
    return Line(number, what, f"{results['population'][name]:,}")


def row_of(results: Document, indicator: str) -> Document:
    """The indicator's row; where recurrences are told apart, the one over all."""
    row: Document = next(row for row in results["rows"] if row["indicator"] == indicator)
    return row


def share(number: str, what: str, results: Document, indicator: str) -> Line:
    row = row_of(results, indicator)
    return Line(number, what, per_cent(row["share"]), f"{row['improved']}/{row['reporters']}", coverage(row))


def mean(number: str, what: str, results: Document, indicator: str) -> Line:
    row = row_of(results, indicator)
    return Line(number, what, per_cent(row["mean_change"], signed=True), f"mean of {row['improved']}", coverage(row))


def amount(number: str, what: str, results: Document, indicator: str) -> Line:
    row = row_of(results, indicator)
    return Line(number, what, money(row["mean_amount"], "USD"), f"mean of {row['improved']}", coverage(row))


async def opinion(api: Api, ids: Ids, number: str, what: str, item: str, category: str | None = None) -> Line:
    """Agreement with one item of COOP's survey, of all asked or of one category."""
    who = {"category": category} if category else {}
    results = await api.get(f"/v1/surveys/{ids['synthetic-demo:survey:coop']}/results", **who)
    found = next(one for one in results["items"] if one["code"] == item)
    return Line(number, what, per_cent(found["share"]), f"{found['agree']}/{found['answered']}")


async def parties(api: Api, partnership: Document, roles: set[str]) -> str:
    chosen = [party["organisation_id"] for party in partnership["parties"] if party["role"] in roles]
    return ", ".join([(await api.get(f"/v1/organisations/{id}"))["name"] for id in chosen])


def coverage(row: Document) -> str:
    return f"{row['reporters']}/{row['trained']} = {per_cent(row['coverage'])}"


def per_cent(value: int | None, signed: bool = False) -> str:
    return NOTHING if value is None else f"{value:+} %" if signed else f"{value} %"


def money(value: str | None, currency: str) -> str:
    return NOTHING if value is None else f"{currency} {Decimal(value):,.0f}"
