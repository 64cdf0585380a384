"""What this service has received: each event takes effect once, however often it is delivered."""

from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.dml import ReturningInsert

from shared.sets import carry_out, insertion
from shared.tables import inbox

KEPT_FOR = timedelta(days=30)  # longer than any way an event may come again: the stream keeps 14 days
FORGOTTEN_AT_ONCE = 10_000


async def take(session: AsyncSession, arrivals: Mapping[UUID, tuple[str, int]]) -> set[UUID]:
    """Records `arrivals` (event id -> subject, sequence in the stream); gives those that had not come before.

    Their effects belong into the same transaction.
    """
    rows = [{"event_id": id, "subject": what, "stream_seq": seq} for id, (what, seq) in sorted(arrivals.items())]
    fresh = await carry_out(session, taking(), rows)
    return set(fresh.scalars())


@cache
def taking() -> ReturningInsert[tuple[UUID]]:
    return insertion(inbox, ("event_id", "subject", "stream_seq")).on_conflict_do_nothing().returning(inbox.c.event_id)


async def forget_old(session: AsyncSession) -> int:
    """Removes what came more than 30 days ago, a bounded number at once; gives the number."""
    old = select(inbox.c.event_id).where(inbox.c.received_at < func.now() - KEPT_FOR).limit(FORGOTTEN_AT_ONCE)
    return (await (await session.connection()).execute(delete(inbox).where(inbox.c.event_id.in_(old)))).rowcount
