"""COOP's interviews: slips of managers and workers."""

from random import Random
from typing import Any

from deploy.demo.make_records.chance import dice
from deploy.demo.make_records.enterprises import PREFIX, Enterprise
from deploy.demo.make_records.registry import PARTNERSHIP_OF

MANAGERS_EACH = 2
WORKERS = (10, 11, 10)
# Of the workers, how many do not agree; the managers all agree.
DISAGREE = {"relations": 3, "environment": 2, "efficiency": 4}
AGREE_POINTS, DISAGREE_POINTS = "45", "123"


def surveys() -> list[dict[str, Any]]:
    both, managers, workers = ["manager", "worker"], ["manager"], ["worker"]
    return [
        {
            "external_ref": f"{PREFIX}survey:coop",
            "code": "DEMO-COOP-2012",
            "title": "COOP pilot: interviews at the end (synthetic)",
            "country": "CN",
            "partnership_id": f"ref:{PARTNERSHIP_OF['coop']}",
            "conducted_on": "2012-12-11",
            "items": [
                item("relations", "Managers and workers get on better; there is more trust and respect", both),
                item("costs", "Production costs less, and productivity is up", managers),
                item("environment", "The working environment is better", workers),
                item("efficiency", "We work much more efficiently", workers, scale="five_point"),
            ],
        }
    ]


def item(code: str, text: str, about: list[str], scale: str = "yes_no") -> dict[str, Any]:
    return {"code": code, "text": text, "scale": scale, "about": about}


def response_rows(enterprises: list[Enterprise]) -> list[dict[str, str]]:
    random = dice("survey")
    coop = [e for e in enterprises if e.group == "coop"]
    managers = [manager_slip(e, random) for e in coop for _ in range(MANAGERS_EACH)]
    opinions = worker_opinions(sum(WORKERS), random)
    at = [e for e, count in zip(coop, WORKERS, strict=True) for _ in range(count)]
    return managers + [worker_slip(e, opinion, random) for e, opinion in zip(at, opinions, strict=True)]


def worker_opinions(count: int, random: Random) -> list[dict[str, bool]]:
    """Agreement item by item, those who disagree drawn anew for each."""
    against = {code: set(random.sample(range(count), few)) for code, few in DISAGREE.items()}
    return [{code: n not in few for code, few in against.items()} for n in range(count)]


def slip(enterprise: Enterprise, category: str, random: Random) -> dict[str, str]:
    """Slip numbers are drawn: a number says nothing of the person."""
    return {
        "enterprise": enterprise.ref,
        "category": category,
        "sex": random.choice(("female", "male")),
        "reference": f"demo-{random.getrandbits(48):012x}",
        "answers.relations": "yes",
        "answers.costs": "",
        "answers.environment": "",
        "answers.efficiency": "",
    }


def manager_slip(enterprise: Enterprise, random: Random) -> dict[str, str]:
    return slip(enterprise, "manager", random) | {"answers.costs": "yes"}


def worker_slip(enterprise: Enterprise, opinion: dict[str, bool], random: Random) -> dict[str, str]:
    points = random.choice(AGREE_POINTS if opinion["efficiency"] else DISAGREE_POINTS)
    return slip(enterprise, "worker", random) | {
        "answers.relations": yes_no(opinion["relations"]),
        "answers.environment": yes_no(opinion["environment"]),
        "answers.efficiency": points,
    }


def yes_no(agrees: bool) -> str:
    return "yes" if agrees else "no"
