"""Announcing: an event is a row written in the transaction of the change it tells of. The relay carries it to the broker."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import orjson
from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared import errors
from shared.context import Context, current
from shared.db import Driver, now, uuid7
from shared.events import Event
from shared.sets import insert_all
from shared.tables import outbox

KEPT_FOR = timedelta(days=14)  # as long as the stream keeps them: a lost stream is filled again from here
MAX_EVENT_BYTES = 900_000  # the broker takes a million with headers, and one that it refuses would stop all behind it
FORGOTTEN_AT_ONCE = 10_000


async def announce(session: AsyncSession, *events: Event) -> None:
    """Writes `events` in this order. `session.info["last_event"]` becomes the id of the last, for the consistency token.

    Change the aggregate's row first: its lock gives the events of one aggregate the order of their versions.
    """
    rows = told_as(events)
    await insert_all(session, outbox, rows)
    are_announced(session, rows)


def told_as(events: Sequence[Event]) -> list[dict[str, Any]]:
    """Rows of the outbox, for a statement that writes more; when it has, they `are_announced`."""
    context = current()
    return [row_of(event, context) for event in events]


def are_announced(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        session.info["last_event"] = rows[-1]["event_id"]


def row_of(event: Event, context: Context) -> dict[str, Any]:
    payload = event.model_dump_json()
    if len(payload) > MAX_EVENT_BYTES:
        raise errors.PayloadTooLarge()
    return {
        "event_id": uuid7(),
        "subject": event.subject,
        "aggregate_id": event.id,
        "aggregate_version": event.version,
        "payload": orjson.Fragment(payload),
        "traceparent": context.traceparent,
        "request_id": context.request_id,
        "by": context.subject,
        "occurred_at": now(),
    }


# --- the relay's side ------------------------------------------------------------------------------------------


# In the driver's own words, each a transaction of its own: the relay says hardly anything else, all day. The payload stays the
# text it is carried as.
WAITING = """
select event_id, subject, aggregate_id, payload::text as payload, traceparent, request_id, by, occurred_at
from outbox where published_at is null order by seq limit $1
"""
MARK = """
update outbox set published_at = now(), stream_seq = place.seq
from unnest($1::uuid[], $2::bigint[]) as place (id, seq) where event_id = place.id
"""


async def unpublished(driver: Driver, limit: int) -> Sequence[asyncpg.Record]:
    """The first `limit` rows the broker does not have, by `seq`; a row that was committed late is among them."""
    return await driver.fetch(WAITING, limit)


async def mark_published(driver: Driver, places: Mapping[UUID, int]) -> None:
    """`places`: event id -> sequence in the stream."""
    await driver.execute(MARK, list(places), list(places.values()))


async def publish_again(connection: AsyncConnection) -> int:
    """All that is kept counts as unpublished again; for a stream that was lost. Gives their number."""
    kept = update(outbox).where(outbox.c.published_at.is_not(None)).values(published_at=None, stream_seq=None)
    return (await connection.execute(kept)).rowcount


# --- housekeeping ----------------------------------------------------------------------------------------------


async def forget_old(session: AsyncSession) -> int:
    """Removes what was published more than 14 days ago, a bounded number at once; gives the number."""
    old = select(outbox.c.event_id).where(outbox.c.published_at < func.now() - KEPT_FOR).limit(FORGOTTEN_AT_ONCE)
    return (await (await session.connection()).execute(delete(outbox).where(outbox.c.event_id.in_(old)))).rowcount
