"""An example for every body, coming and going: made from its schema, and where that has none from the words below."""

import copy
from typing import Any

from services.gateway.samples import named, sample

Document = dict[str, Any]
JSON = ("application/json", "application/merge-patch+json")
PATCHED = 2  # fields in the example of a merge patch
DECIMAL = "18670.50"  # what any exact number shows, if it says nothing of itself
DAY, ID = "2012-03-31", "019a5c3e-7f00-7000-8000-000000000000"

WORDS: Document = {
    "external_ref": "erp-1042",
    "next_cursor": None,
    "total": 120,
    "version": 1,
    "name": "COOP Switzerland",
    "code": "KPI02",
    "title": "Workplace cooperation",
    "country": "CN",
    "countries": ["CN", "VN"],
    "languages": ["zh", "en"],
    "trade_names": ["Copper Finch"],
    "local_name": "铜雀针织厂",
    "member_of": [],
    "reason": "Moved to another country",
    "detail": "workforce.women (120) is more than workforce.total (100).",
    "share": 83,
    "coverage": 57,
    "mean_change": -11,
    "mean_amount": "18670.00",
    "gain": 12,
    "trained": 53,
    "reporters": 30,
    "improved": 25,
    "suppressed": False,
    "by": "client 019a5c3e",
    "scopes": ["enterprises:read", "results:read"],
    "street": "12 Lotus Road",
    "city": "Dongguan",
    "postal_code": "523000",
    "region": "Guangdong",
    "women": 70,
    "managers": 12,
    "workers": 5000,
    "enterprises": 53,
    "visits": 3,
    "sequence": 1,
    "isic": "1410",
    "unit": "units",
    "production_unit": "pair of socks",
    "reference": "order 17",
    "report": "Five S zones marked; the suggestion box is read every Friday.",
    "venue": "Training room of the factory",
    "purpose": "Progress report of the partnership",
    "evidence": "Letter of 1 March 2012, file 12/0301",
    "variant": "standard",
    "prerequisites": ["M1"],
    "planned_on": DAY,
    "done_on": DAY,
    "max_days_per_month": 12,
    "grace_seconds": 3600,
    "eligible": True,
    "text": "Managers listen to our suggestions",
    "answered": 40,
    "agree": 33,
    "amount": "18670.00",
    "per_usd": "6.3082",
    "request_id": ID,
    "row": 7,
    "column": "workforce.women",
    "group_min": 4,
    "group_max": 6,
    "classroom_days": 2,
    "weeks": 12,
    "latitude": "23.0207",
    "longitude": "113.7518",
    "sectors": ["garments"],
    "min_workers": 50,
    "max_workers": 500,
    "nomination_days": 30,
    "certificate_months": 24,
    "small_cell_threshold": 5,
}
BODIES: Document = {
    "RegisterClient": {
        "name": "Sourcing platform of a buyer",
        "role": "buyer",
        "organisation_id": ID,
        "scopes": ["enterprises:read", "results:read"],
    },
    "RecordExchangeRate": {"currency": "CNY", "month": "2012-03", "per_usd": "6.3082"},
    "ApproveObservations": {"filter": {"enterprise_id": [ID], "from": "2012-01", "to": "2012-06"}},
    "ApproveSavings": {"filter": {"enterprise_id": [ID], "from": "2012-01", "to": "2012-06"}},
}
FILES = {
    "enterprises": "legal_name,country,address.city,workforce.as_of,workforce.total,identifiers.gln,external_ref\n"
    "Copper Finch Knitwear (synthetic),CN,Dongguan,2012-03-31,120,8712345000318,erp-1042\n",
    "participants": "enterprise,reference,sex,category\nref:erp-1042,p-017,female,worker\n",
    "attendances": "cycle,enterprise,reference,sex,category,date\nref:cycle-7,ref:erp-1042,p-017,female,worker,2012-03-31\n",
    "visits": "cycle,enterprise,sequence,planned_on,done_on,report\nref:cycle-7,gln:8712345000318,1,2012-04-12,2012-04-12,\n",
    "observations": "enterprise,indicator,period,point,numerator,denominator,unit,production_unit\n"
    "gln:8712345000318,KPI02,2012-03,monthly,50,1000,units,pair of socks\n",
    "savings": "enterprise,month,amount.amount,amount.currency,recurrence,reference\n"
    "ref:erp-1042,2012-03,80000.00,CNY,annual,order 17\n",
    "exchange-rates": "currency,month,per_usd\nCNY,2012-03,6.3082\n",
    "responses": "enterprise,category,sex,reference,answers.relations\nref:erp-1042,worker,female,slip-7f3a,yes\n",
}


def illustrated(document: Document) -> Document:
    """The document with an `example` at every JSON body; the one given is left as it is."""
    told = copy.deepcopy(document)
    tell_words(told)
    for name, body in BODIES.items():
        if name in told["components"]["schemas"]:
            told["components"]["schemas"][name]["examples"] = [body]
    for path, item in told["paths"].items():
        for method, operation in item.items():
            if isinstance(operation, dict) and "responses" in operation:
                illustrate(method, operation, told)
        if path.endswith("/imports") and "post" in item:
            *_, collection, _ = path.split("/")
            item["post"]["requestBody"]["content"]["text/csv"].setdefault("example", FILES[collection])
    return told


def tell_words(part: Any) -> None:
    """Gives each property that has no example the word for its name."""
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        tell_words(inner)
    properties = part.get("properties") if isinstance(part, dict) else None
    for name, schema in (properties or {}).items():
        if isinstance(schema, dict) and name in WORDS and fits(schema) and fits_type(WORDS[name], schema):
            schema["examples"] = [WORDS[name]]


def fits(schema: Document) -> bool:
    return schema.get("examples") in (None, [DECIMAL]) and not {"example", "const", "enum", "$ref"} & schema.keys()


def fits_type(word: Any, schema: Document) -> bool:
    """A word is a string where strings are taken, and so on; a reference may be of any type and keeps its own example."""
    kinds = {one.get("type") for one in (schema, *schema.get("anyOf", ()))}
    return {str: "string", bool: "boolean", int: "integer", list: "array", type(None): "null"}[type(word)] in kinds


def illustrate(method: str, operation: Document, document: Document) -> None:
    for kind, content in operation.get("requestBody", {}).get("content", {}).items():
        if kind in JSON and "schema" in content:
            content.setdefault("example", body_of(method, content["schema"], document))
    for status, answer in operation["responses"].items():
        for kind, content in answer.get("content", {}).items():
            if status.startswith("2") and kind in JSON and "schema" in content:
                content.setdefault("example", sample(content["schema"], document))


def body_of(method: str, schema: Document, document: Document) -> Any:
    """A merge patch shows few fields: what is left out stays."""
    whole = sample(schema, document)
    if method != "patch" or not isinstance(whole, dict):
        return whole
    properties = named(schema, document).get("properties", {})
    texts = [name for name, field in properties.items() if "$ref" not in field and not name.endswith("_id")]
    return {name: whole[name] for name in (texts or list(whole))[:PATCHED]}
