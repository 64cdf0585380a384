"""What this service has received: each event takes effect once, however often it is delivered."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession

from shared.sets import among
from shared.tables import inbox
from shared.writing import Rows, write

KEPT_FOR = timedelta(days=30)  # longer than any way an event may come again: the stream keeps 14 days
FORGOTTEN_AT_ONCE = 10_000


async def take(
    session: AsyncSession, arrivals: Mapping[UUID, tuple[str, int]], besides: Sequence[Rows] = ()
) -> set[UUID]:
    """Records `arrivals` (event id -> subject, sequence in the stream); gives those that had not come before.

    Their effects belong into the same transaction. `besides`: what is written with them, whether they had come before or not.
    """
    rows = [{"event_id": id, "subject": what, "stream_seq": seq} for id, (what, seq) in sorted(arrivals.items())]
    written = await write(session, [Rows.new(inbox, rows, "leave")], besides)
    return set(arrivals) if written == len(rows) else await taken_just_now(session, arrivals)


async def taken_just_now(session: AsyncSession, ids: Iterable[UUID]) -> set[UUID]:
    """Of several, some of which had come before."""
    ours = literal_column("inbox.xmin") == func.pg_current_xact_id().op("::")(literal_column("xid"))
    fresh = select(inbox.c.event_id).where(among(inbox.c.event_id, ids), ours)
    return set((await (await session.connection()).execute(fresh)).scalars())


async def forget_old(session: AsyncSession) -> int:
    """Removes what came more than 30 days ago, a bounded number at once; gives the number."""
    old = select(inbox.c.event_id).where(inbox.c.received_at < func.now() - KEPT_FOR).limit(FORGOTTEN_AT_ONCE)
    return (await (await session.connection()).execute(delete(inbox).where(inbox.c.event_id.in_(old)))).rowcount
