from tests import builders
from tests.conftest import Api
from tests.training import scenes


async def test_visits_are_found_by_cycle_enterprise_trainer_state_and_day(api: Api) -> None:
    cycle, trainer = await scenes.cycle(api, 2), await scenes.trainer(api)
    first, second = (one["enterprise_id"] for one in cycle["enterprises"])
    one = await api.make("/v1/visits", builders.visit(cycle["id"], first))
    undated = await api.make("/v1/visits", builders.visit(cycle["id"], first, sequence=2, planned_on=None))
    done = {"done_on": "2012-05-02", "trainer_id": trainer}
    two = await api.make("/v1/visits", builders.visit(cycle["id"], second, **done))
    path = f"/v1/visits?cycle_id={cycle['id']}"
    assert (await api.get(path)).json()["items"] == [one, undated, two]
    for query in (f"enterprise_id={second}", f"trainer_id={trainer}", "state=done,approved", "from=2012-05-02"):
        assert (await api.get(f"{path}&{query}")).json()["items"] == [two], query
    # the day it was done counts, not the day it was planned for
    assert (await api.get(f"{path}&to=2012-05-01")).json()["items"] == [one]
