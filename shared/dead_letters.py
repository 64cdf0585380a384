"""Events that could not take effect: kept as they came, looked at and tried again by an operator.

python -m shared.dead_letters training list
python -m shared.dead_letters training redrive [EVENT_ID]
"""

import argparse
import asyncio
import importlib
import os
import sys
from collections.abc import Sequence
from uuid import NAMESPACE_OID, UUID, uuid5

from sqlalchemy import RowMapping, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel.ext.asyncio.session import AsyncSession

from shared import inbox
from shared.db import Database, create_engine
from shared.envelope import Envelope
from shared.failures import reason
from shared.nats import Delivery
from shared.settings import Environment
from shared.subscriptions import Subscriptions
from shared.tables import dead_letters


async def keep(session: AsyncSession, delivery: Delivery, error: Exception) -> None:
    """Keeps what was delivered; a second time only counts, and makes it due again."""
    row = {
        "event_id": id_of(delivery),
        "subject": delivery.subject,
        "headers": {name: value.replace("\x00", "?") for name, value in delivery.headers.items()},
        "payload": delivery.payload,
        "error": reason(error),
        "stream_seq": delivery.stream_seq,
        "attempts": delivery.delivered,
    }
    again = {name: row[name] for name in ("error", "stream_seq", "attempts")} | {"redriven_at": None}
    statement = insert(dead_letters).values(row)
    await (await session.connection()).execute(statement.on_conflict_do_update(index_elements=["event_id"], set_=again))


def id_of(delivery: Delivery) -> UUID:
    try:
        return UUID(delivery.headers.get("ce-id", ""))
    except ValueError:
        return uuid5(NAMESPACE_OID, f"{delivery.subject} {delivery.stream_seq}")


# --- for an operator -------------------------------------------------------------------------------------------


async def waiting(session: AsyncSession) -> Sequence[RowMapping]:
    due = select(dead_letters).where(dead_letters.c.redriven_at.is_(None)).order_by(dead_letters.c.stream_seq)
    return (await (await session.connection()).execute(due)).mappings().all()


async def redrive(session: AsyncSession, subscriptions: Subscriptions, letter: RowMapping) -> bool:
    """Lets `letter` take effect as if it had just arrived; False if it had meanwhile. Raises what its handler raises."""
    envelope = Envelope.read(letter["subject"], letter["headers"], letter["payload"])
    fresh = await inbox.take(session, {envelope.event_id: (letter["subject"], letter["stream_seq"])})
    if fresh:
        await subscriptions.handle(session, envelope)
    done = update(dead_letters).where(dead_letters.c.event_id == letter["event_id"]).values(redriven_at=func.now())
    await (await session.connection()).execute(done)
    return bool(fresh)


async def redrive_all(database: Database, subscriptions: Subscriptions, only: UUID | None) -> int:
    """Each in a transaction of its own, in the order of the stream; gives the number of those that failed again."""
    async with database.transaction() as session:
        letters = [letter for letter in await waiting(session) if only in (None, letter["event_id"])]
    failed = 0
    for letter in letters:
        try:
            async with database.transaction() as session:
                fresh = await redrive(session, subscriptions, letter)
            print(letter["event_id"], "took effect" if fresh else "had taken effect already")
        except Exception as error:
            failed += 1
            print(letter["event_id"], "failed again:", reason(error))
    print(f"{len(letters) - failed} of {len(letters)} redriven")
    return failed


async def show(database: Database) -> None:
    async with database.transaction() as session:
        letters = await waiting(session)
    for letter in letters:
        told = (letter["event_id"], letter["subject"], letter["first_failed_at"].isoformat(), letter["error"])
        print(*told, f"({letter['attempts']} attempts)")
    print(f"{len(letters)} dead letters")


def subscriptions_of(service: str) -> Subscriptions:
    """By name: `shared` knows no service."""
    found: Subscriptions = importlib.import_module(f"services.{service}_svc.subscribers").subscriptions
    return found


def database_of(service: str) -> Database:
    return Database(create_engine(Environment(os.environ).need(f"SCORE_DATABASE_URL_{service.upper()}"), pool_size=1))


async def run(service: str, verb: str, only: UUID | None) -> int:
    database = database_of(service)
    try:
        if verb == "redrive":
            return await redrive_all(database, subscriptions_of(service), only)
        await show(database)
        return 0
    finally:
        await database.close()


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m shared.dead_letters", epilog="for example: python -m shared.dead_letters training redrive"
    )
    parser.add_argument("service", choices=["enterprise", "training", "metrics"])
    parser.add_argument("verb", choices=["list", "redrive"])
    parser.add_argument("event_id", type=UUID, nargs="?", help="only this one")
    options = parser.parse_args()
    sys.exit(1 if asyncio.run(run(options.service, options.verb, options.event_id)) else 0)


if __name__ == "__main__":
    main()
