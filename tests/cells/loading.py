"""Programmes for whoever looks from outside: enterprises of a country of their own, trained in cycles, reporting defects."""

from collections.abc import Sequence
from typing import Any

from tests import builders
from tests.conftest import Api
from tests.results.loading import attend, make_cycle, make_partnership, make_phase

QUARTER = "2012-12-31"
DAY = "2012-03-05"


async def make_enterprises(api: Api, count: int, country: str, **fields: Any) -> list[str]:
    made = [await api.make("/v1/enterprises", builders.enterprise(country=country, **fields)) for _ in range(count)]
    return [one["id"] for one in made]


async def train(api: Api, ids: Sequence[str], country: str, **cycle: Any) -> str:
    made = await make_cycle(api, ids, days=[DAY], country=country, **cycle)
    await attend(api, made, ids, days=[DAY])
    return made


async def report_defects(
    api: Api, ids: Sequence[str], after: Sequence[int] | None = None, month: str = "2012-09"
) -> None:
    """From 50 of 1000 to `after`; all of them better unless it is said."""
    lines = ["enterprise,indicator,period,point,numerator,denominator,unit,state"]
    for id, figure in zip(ids, after or [40] * len(ids), strict=True):
        lines.append(f"{id},KPI02,2012-02,baseline,50,1000,units,approved")
        lines.append(f"{id},KPI02,{month},final,{figure},1000,units,approved")
    job = await api.load("/v1/observations/imports", "\n".join([*lines, ""]))
    assert job["summary"]["rejected"] == 0, job


async def report_savings(api: Api, amounts: dict[str, str], **fields: Any) -> None:
    for id, amount in amounts.items():
        money = {"amount": amount, "currency": "USD"}
        await api.make("/v1/savings", builders.saving(id, amount=money, **fields))


async def phase_of(api: Api, country: str) -> str:
    return await make_phase(api, countries=[country])


async def partnership_of(api: Api, country: str, *parties: str) -> str:
    told = [{"organisation_id": id, "role": "sponsor"} for id in parties]
    return await make_partnership(api, countries=[country], parties=told)


async def table(client: Api, **parameters: str) -> dict[str, Any]:
    answer = await client.get("/v1/results", params={"as_of": QUARTER} | parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def row(client: Api, indicator: str = "KPI02", **parameters: str) -> dict[str, Any]:
    rows = [one for one in (await table(client, **parameters))["rows"] if one["indicator"] == indicator]
    return rows[0]


def is_silent(row: dict[str, Any]) -> bool:
    figures = ("trained", "reporters", "improved", "coverage", "share", "mean_change", "mean_amount")
    nothing = all(row[name] is None for name in figures) and not any(row["exact"].values())
    return bool(row["suppressed"]) and nothing


async def agree(api: Api, ids: Sequence[str], grantee_id: str = "public", scope: str = "aggregate") -> list[str]:
    made = [await api.make("/v1/consents", builders.consent(id, grantee_id, scope=scope)) for id in ids]
    return [one["id"] for one in made]


async def after(client: Api, other: Api) -> Api:
    """`client`, who sees all that `other` has seen and written."""
    client.consistency = other.consistency
    return client
