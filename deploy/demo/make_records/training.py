"""Cycles, attendances and visits.

A cycle names the phase or the partnership, never both: so the three scopes share no attendance, and none moves
another's figures.
"""

from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any

from deploy.demo.make_records import calendar
from deploy.demo.make_records.chance import dice, partition
from deploy.demo.make_records.enterprises import PREFIX, Enterprise
from deploy.demo.make_records.registry import PARTNERSHIP_OF, organisation_ref

PHASE_ONE = f"ref:{PREFIX}phase:one"
CHINA_STAFF, CHINA_VISITS = 784, 224
GROUP_SIZES = [5] * 9 + [4] * 2
# These groups took the second module too.
GROUPS_WITH_QUALITY = (0, 2, 5, 8)
FIRST_MONTH = calendar.month_number(2010, 3)
MONTHS_BETWEEN_GROUPS, MONTHS_UNTIL_QUALITY = 3, 7
SCOPE_OF = {"china": {"phase_id": PHASE_ONE}} | {
    group: {"partnership_id": f"ref:{ref}"} for group, ref in PARTNERSHIP_OF.items()
}


@dataclass(frozen=True)
class Cycle:
    key: str
    module: str
    days: tuple[date, date]
    enterprises: tuple[Enterprise, ...]

    @property
    def external_ref(self) -> str:
        return f"{PREFIX}cycle:{self.key}"

    @property
    def ref(self) -> str:
        return f"ref:{self.external_ref}"


@dataclass(frozen=True)
class Person:
    reference: str
    sex: str
    category: str


def all_cycles(enterprises: list[Enterprise]) -> list[Cycle]:
    return china_cycles([e for e in enterprises if e.group == "china"]) + partnership_cycles(enterprises)


def china_cycles(enterprises: list[Enterprise]) -> list[Cycle]:
    cycles, start = [], 0
    for n, size in enumerate(GROUP_SIZES):
        group = tuple(enterprises[start : start + size])
        month = FIRST_MONTH + n * MONTHS_BETWEEN_GROUPS
        cycles.append(Cycle(f"china-{n + 1:02}-m1", "M1", calendar.classroom_days(month, 6 + n), group))
        if n in GROUPS_WITH_QUALITY:
            days = calendar.classroom_days(month + MONTHS_UNTIL_QUALITY, 9 + n)
            cycles.append(Cycle(f"china-{n + 1:02}-m2", "M2", days, group))
        start += size
    return cycles


def partnership_cycles(enterprises: list[Enterprise]) -> list[Cycle]:
    coop = tuple(e for e in enterprises if e.group == "coop")
    bsci = tuple(e for e in enterprises if e.group == "bsci")
    return [
        Cycle("coop-m1", "M1", (date(2012, 3, 6), date(2012, 3, 7)), coop),
        Cycle("bsci-1-m1", "M1", (date(2013, 4, 16), date(2013, 4, 17)), bsci[:5]),
        Cycle("bsci-2-m1", "M1", (date(2013, 6, 18), date(2013, 6, 19)), bsci[5:]),
    ]


def cycle_record(cycle: Cycle) -> dict[str, Any]:
    baseline_on = calendar.weeks_after(cycle.days[0], -2, 0).isoformat()
    return {
        "external_ref": cycle.external_ref,
        "module": cycle.module,
        "country": "CN",
        "provider_id": organisation_ref("provider"),
        **SCOPE_OF[cycle.enterprises[0].group],
        "enterprises": [{"enterprise_id": e.ref, "baseline_on": baseline_on} for e in cycle.enterprises],
        "classroom": [{"date": day.isoformat(), "venue": cycle.enterprises[0].city} for day in cycle.days],
    }


def rosters(enterprises: list[Enterprise]) -> dict[Enterprise, list[Person]]:
    """The people each enterprise sent, all cycles together."""
    random = dice("rosters")
    china = [e for e in enterprises if e.group == "china"]
    sizes = dict(zip(china, partition(CHINA_STAFF, len(china), 8, 22, random), strict=True))
    return {e: roster(e, sizes.get(e) or random.choice((4, 4, 5, 6)), random) for e in enterprises}


def roster(enterprise: Enterprise, size: int, random: Random) -> list[Person]:
    return [
        Person(
            f"demo-{enterprise.key}-{n:02}",
            random.choice(("female", "female", "male", "male", "unknown") if n % 7 == 0 else ("female", "male")),
            "manager" if n % 2 else "worker",
        )
        for n in range(1, size + 1)
    ]


def sent_to(cycle: Cycle, people: list[Person], took_quality: bool) -> list[Person]:
    """Who of the roster came: the second module saw some of the first's people again and some new ones."""
    if not took_quality:
        return people
    return people[:-3] if cycle.module == "M1" else people[-6:]


def attendance_rows(cycles: list[Cycle], people: dict[Enterprise, list[Person]]) -> list[dict[str, str]]:
    random = dice("attendances")
    with_quality = {e for cycle in cycles if cycle.module == "M2" for e in cycle.enterprises}
    return [
        {
            "cycle": cycle.ref,
            "enterprise": e.ref,
            "reference": person.reference,
            "sex": person.sex,
            "category": person.category,
            "date": day.isoformat(),
        }
        for cycle in cycles
        for e in cycle.enterprises
        for person in sent_to(cycle, people[e], e in with_quality)
        for day in days_attended(cycle, random)
    ]


def days_attended(cycle: Cycle, random: Random) -> tuple[date, ...]:
    """Most came on both days."""
    return random.choice([cycle.days] * 8 + [cycle.days[:1], cycle.days[1:]])


def visit_rows(cycles: list[Cycle], enterprises: list[Enterprise]) -> list[dict[str, str]]:
    random = dice("visits")
    china = [e for e in enterprises if e.group == "china"]
    counts = dict(zip(china, partition(CHINA_VISITS, len(china), 3, 6, random), strict=True))
    with_quality = {e for cycle in cycles if cycle.module == "M2" for e in cycle.enterprises}
    return [
        {"cycle": cycle.ref, "enterprise": e.ref, "sequence": str(n), "done_on": day.isoformat()}
        for cycle in cycles
        for e in cycle.enterprises
        for n, day in visits_of(cycle, visits_in(cycle, counts.get(e, 3), e in with_quality), random)
    ]


def visits_in(cycle: Cycle, count: int, took_quality: bool) -> int:
    """With two modules, one visit belongs to the second."""
    if not took_quality:
        return count
    return count - 1 if cycle.module == "M1" else 1


def visits_of(cycle: Cycle, count: int, random: Random) -> list[tuple[int, date]]:
    """(sequence, day), three weeks apart."""
    return [(n, calendar.weeks_after(cycle.days[1], 3 * n - 1, random.randint(0, 4))) for n in range(1, count + 1)]
