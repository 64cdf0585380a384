"""The figures of a service's events: what waits, what was given up, what came twice."""

from typing import Any

from prometheus_client import Counter, Gauge
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from shared.db import Database
from shared.nats import BrokerError, Bus
from shared.tables import dead_letters, outbox
from shared.telemetry import Metrics

WAITING = (
    select(
        func.count(),
        func.coalesce(func.extract("epoch", func.now() - func.min(outbox.c.occurred_at)), 0),
    )
    .select_from(outbox)
    .where(outbox.c.published_at.is_(None))
)
GIVEN_UP = select(func.count()).select_from(dead_letters).where(dead_letters.c.redriven_at.is_(None))


class EventFigures:
    """Gauges are taken when somebody asks; a part that does not answer makes its gauges NaN, never old."""

    def __init__(self, metrics: Metrics) -> None:
        def gauge(name: str, what: str) -> Gauge:
            return Gauge(f"score_{name}", what, registry=metrics.registry)

        self._backlog = gauge("outbox_backlog", "Announced events that the broker does not have yet")
        self._oldest = gauge("outbox_oldest_unpublished_seconds", "Age of the oldest of them")
        self._given_up = gauge("dead_letters", "Events that could not take effect and wait for an operator")
        self._pending = gauge("consumer_pending", "Events at the broker that were not delivered yet")
        self._under_way = gauge("consumer_ack_pending", "Events delivered and not settled")
        self._redelivered = gauge("consumer_redelivered", "Of those, delivered more than once")
        self.duplicates = Counter(
            "score_inbox_duplicates", "Events that had taken effect before", registry=metrics.registry
        )

    async def take(self, database: Database, bus: Bus) -> None:
        backlog, oldest, given_up = await of_database(database)
        info = await of_broker(bus)
        for gauge, value in (
            (self._backlog, backlog),
            (self._oldest, oldest),
            (self._given_up, given_up),
            (self._pending, info["num_pending"]),
            (self._under_way, info["num_ack_pending"]),
            (self._redelivered, info["num_redelivered"]),
        ):
            gauge.set(value)


async def of_database(database: Database) -> tuple[float, float, float]:
    try:
        async with database.transaction() as session:
            connection = await session.connection()
            backlog, oldest = (await connection.execute(WAITING)).one()
            return float(backlog), float(oldest), float(await connection.scalar(GIVEN_UP) or 0)
    except (SQLAlchemyError, OSError):
        return NAN, NAN, NAN


async def of_broker(bus: Bus) -> dict[str, Any]:
    try:
        return await bus.consumer_info()
    except BrokerError:
        return dict.fromkeys(("num_pending", "num_ack_pending", "num_redelivered"), NAN)


NAN = float("nan")
