"""Loads records through the public API, as a partner would."""

from collections.abc import Iterable, Sequence
from typing import Any

from tests import builders
from tests.conftest import Api
from tests.results import by_hand

DAYS = ("2012-03-05", "2012-03-06")


async def make_enterprises(api: Api, names: Sequence[str], **fields: Any) -> dict[str, str]:
    return {name: (await api.make("/v1/enterprises", builders.enterprise(**fields)))["id"] for name in names}


async def make_cycle(api: Api, enterprise_ids: Sequence[str], days: Sequence[str] = DAYS, **fields: Any) -> str:
    classroom = [{"date": day} for day in days]
    made = await api.make("/v1/cycles", builders.cycle(list(enterprise_ids), classroom=classroom, **fields))
    return str(made["id"])


async def attend(
    api: Api,
    cycle_id: str,
    enterprise_ids: Iterable[str],
    days: Sequence[str] = DAYS,
    people: Sequence[str] = ("a", "b"),
) -> None:
    """Each of `people` of each enterprise on each day."""
    rows = [
        f"{cycle_id},{enterprise_id},{person},female,worker,{day}"
        for enterprise_id in enterprise_ids
        for person in people
        for day in days
    ]
    job = await api.load(
        "/v1/attendances/imports", "\n".join(["cycle,enterprise,reference,sex,category,date", *rows, ""])
    )
    assert job["summary"]["rejected"] == 0, job


async def visit(
    api: Api, cycle_id: str, enterprise_id: str, sequence: int, *verbs: str, done_on: str = "2012-04-10"
) -> None:
    """A visit that was taken through `verbs`."""
    made = await api.make("/v1/visits", builders.visit(cycle_id, enterprise_id, sequence=sequence))
    for verb in verbs:
        said = {"done": {"done_on": done_on}, "report": {"report": "Seen."}}.get(verb)
        await api.do(f"/v1/visits/{made['id']}", verb, said)


async def make_module(api: Api) -> str:
    """A module of the test's own: the core five are everybody's."""
    return str((await api.make("/v1/modules", builders.module(prerequisites=[])))["code"])


async def make_partnership(api: Api, **fields: Any) -> str:
    return str((await api.make("/v1/partnerships", builders.partnership(**fields)))["id"])


async def make_buyer(api: Api) -> str:
    return str((await api.make("/v1/organisations", builders.organisation()))["id"])


async def make_phase(api: Api, **fields: Any) -> str:
    programme = await api.make("/v1/programmes", builders.programme())
    return str((await api.make("/v1/phases", builders.phase(programme["id"], **fields)))["id"])


async def report(
    api: Api, ids: dict[str, str], observations: Iterable[by_hand.Raw], savings: Iterable[by_hand.Raw]
) -> None:
    for collection, rows in (("observations", observations), ("savings", savings)):
        for row in rows:
            said = {name: value for name, value in row.items() if name != "enterprise" and value is not None}
            await api.make(f"/v1/{collection}", {"enterprise_id": ids[row["enterprise"]]} | said)


async def set_rates(api: Api, rates: Iterable[by_hand.Raw]) -> None:
    """Rates are everybody's: one that is there stays."""
    for rate in rates:
        answer = await api.post("/v1/exchange-rates", json=rate)
        assert answer.status_code in (200, 201, 409), answer.text


async def load_by_hand(api: Api) -> dict[str, str]:
    """Ids by name; `phase` and `partnership` besides the enterprises."""
    ids = await make_enterprises(api, by_hand.ENTERPRISES)
    trained = [ids[name] for name in by_hand.TRAINED]
    phase_id = await make_phase(api)
    first = await make_cycle(api, trained, phase_id=phase_id)
    second = await make_cycle(api, [ids["alpha"]], days=["2012-06-04"], module="M2", phase_id=phase_id)
    await attend(api, first, trained)
    await attend(api, second, [ids["alpha"]], days=["2012-06-04"])
    await visit(api, first, ids["alpha"], 1, "confirm", "done")
    await visit(api, first, ids["alpha"], 2, "confirm", "done", "report")
    await visit(api, first, ids["beta"], 1, "confirm", "done", "report", "approve")
    await visit(api, second, ids["alpha"], 1, "confirm", "done", done_on="2012-12-31")
    await visit(api, first, ids["gamma"], 1, "confirm")
    await visit(api, first, ids["gamma"], 2, "cancel")
    await visit(api, first, ids["delta"], 1, "confirm", "done", done_on="2013-01-01")
    await set_rates(api, by_hand.RATES)
    await report(api, ids, by_hand.OBSERVATIONS, by_hand.SAVINGS)
    return ids | {"phase": phase_id}
