"""Training tells the present state of each of its aggregates again when another service asks."""

from shared.db import Database, create_engine
from shared.rebuild import rebuild
from shared.subscriptions import Subscriptions
from tests import builders
from tests.conftest import Api, System, pause
from tests.training import database, scenes

KINDS = {
    "module": "modules",
    "trainer": "trainers",
    "cycle": "cycles",
    "participant": "participants",
    "attendance": "attendances",
    "visit": "visits",
}
SNAPSHOTS = "select aggregate_id::text, max(aggregate_version) as version from outbox where subject = $1 group by 1"


async def test_each_aggregate_is_told_in_its_present_version(api: Api, system: System) -> None:
    cycle = await scenes.cycle_in(api, "planned", lead_trainer_id=await scenes.trainer(api))
    await scenes.attend(api, cycle)
    await api.make("/v1/visits", builders.visit(cycle["id"], scenes.first_enterprise(cycle)))
    for aggregate, table in KINDS.items():
        present = await database.rows(system, f"select id::text, version from {table}")
        wanted = {row["id"]: row["version"] for row in present}
        assert wanted
        await ask(system, aggregate)
        for _ in range(400):
            rows = await database.rows(system, SNAPSHOTS, f"score.training.{aggregate}.snapshot.v1")
            if (told := {row["aggregate_id"]: row["version"] for row in rows}) == wanted:
                break
            await pause()
        assert told == wanted, aggregate


async def ask(system: System, aggregate: str) -> None:
    """As `python -m shared.rebuild metrics <aggregate>`, for a service that keeps no views and so empties none."""
    metrics = Database(create_engine(system.database_url("metrics"), pool_size=1))
    async with metrics.transaction() as session:
        await rebuild(session, "metrics", Subscriptions(), aggregate)
    await metrics.close()
