"""Builds a service's views of one aggregate anew: `python -m shared.rebuild training enterprise`.

The views are emptied and the request to the owner is announced in one transaction; the owner answers with a snapshot of every
present state, which arrives like any event. Until then the views lack what has not come yet.
"""

import argparse
import asyncio
import sys

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from shared.db import uuid7
from shared.dead_letters import database_of, subscriptions_of
from shared.events.rebuild import BY_SUBSCRIBER
from shared.outbox import announce
from shared.subscriptions import Subscriptions


async def rebuild(session: AsyncSession, service: str, subscriptions: Subscriptions, aggregate: str) -> None:
    for view in subscriptions.views_of(aggregate):
        await (await session.connection()).execute(delete(view))
    await announce(session, BY_SUBSCRIBER[service](id=uuid7(), version=1, aggregate=aggregate))


async def run(service: str, aggregate: str) -> None:
    subscriptions = subscriptions_of(service)
    if not subscriptions.views_of(aggregate):
        sys.exit(f"{service} keeps no views of {aggregate!r}; it does of: {', '.join(subscriptions.aggregates)}")
    database = database_of(service)
    async with database.transaction() as session:
        await rebuild(session, service, subscriptions, aggregate)
    await database.close()
    print(f"{service}: the views of {aggregate} are empty and will be told again")


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m shared.rebuild", epilog="for example: python -m shared.rebuild training enterprise"
    )
    parser.add_argument("service", choices=sorted(BY_SUBSCRIBER))
    parser.add_argument("aggregate")
    options = parser.parse_args()
    asyncio.run(run(options.service, options.aggregate))


if __name__ == "__main__":
    main()
