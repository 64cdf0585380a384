"""Announcing: an event is a row written in the transaction of the change it tells of. The relay carries it to the broker."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import RowMapping, delete, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from shared import errors
from shared.context import Context, current
from shared.db import now, uuid7
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


async def unpublished(connection: AsyncConnection, limit: int) -> Sequence[RowMapping]:
    """The first `limit` rows the broker does not have, by `seq`; a row that was committed late is among them."""
    statement = select(outbox).where(outbox.c.published_at.is_(None)).order_by(outbox.c.seq).limit(limit)
    return (await connection.execute(statement)).mappings().all()


MARK = text(
    "update outbox set published_at = now(), stream_seq = place.seq "
    "from unnest(cast(:ids as uuid[]), cast(:places as bigint[])) as place(id, seq) where event_id = place.id"
)


async def mark_published(connection: AsyncConnection, places: Mapping[UUID, int]) -> None:
    """`places`: event id -> sequence in the stream."""
    await connection.execute(MARK, {"ids": list(places), "places": list(places.values())})


async def publish_again(connection: AsyncConnection) -> int:
    """All that is kept counts as unpublished again; for a stream that was lost. Gives their number."""
    kept = update(outbox).where(outbox.c.published_at.is_not(None)).values(published_at=None, stream_seq=None)
    return (await connection.execute(kept)).rowcount


# --- housekeeping ----------------------------------------------------------------------------------------------


async def forget_old(session: AsyncSession) -> int:
    """Removes what was published more than 14 days ago, a bounded number at once; gives the number."""
    old = select(outbox.c.event_id).where(outbox.c.published_at < func.now() - KEPT_FOR).limit(FORGOTTEN_AT_ONCE)
    return (await (await session.connection()).execute(delete(outbox).where(outbox.c.event_id.in_(old)))).rowcount
