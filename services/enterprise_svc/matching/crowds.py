"""Enterprises that come by the thousand in one transaction: too many for a lock of each key.

They are compared when they come, and once more at the end with whatever others have brought meanwhile: one at a time, for the few
milliseconds of a comparison and a commit. A single newcomer holds the same lock beside others of its kind, from before it looks
until it is there: so of two twins at least one is sure to see the other.
"""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel.ext.asyncio.session import AsyncSession

from services.enterprise_svc.matching.likeness.decision import possible_duplicate
from services.enterprise_svc.matching.queries import living
from shared.db import unfenced
from shared.imports.importer import Overtaken

SINCE, SAID_TO_BE_OTHERS = "crowd compared since", "crowd said to be others"
OLDEST_RUNNING = text("select pg_snapshot_xmin(pg_current_snapshot())::text")
ALONE = text("select pg_advisory_xact_lock(hashtext('score newcomers'))")
# what others have committed since then
NEWS = text(
    """
    select distinct aggregate_id from history
    where aggregate = 'Enterprise' and xid >= cast(cast(:since as text) as xid8) and xid <> pg_current_xact_id()
    """
)
# beside what was made here under one of its keys
MEETING = text(
    """
    select mine.enterprise_id as mine, theirs.enterprise_id as theirs
    from match_keys as theirs
    join match_keys as mine on mine.keys && theirs.keys_around
    join history as made on made.aggregate_id = mine.enterprise_id and made.version = 1 and made.xid = pg_current_xact_id()
    where theirs.enterprise_id = any(:news)
    """
).bindparams(bindparam("news", type_=ARRAY(Uuid)))


async def begin_to_compare(session: AsyncSession) -> None:
    """Before newcomers are looked for."""
    if SINCE not in session.info:
        session.info[SINCE] = (await session.execute(OLDEST_RUNNING)).scalar_one()


def leave_out(session: AsyncSession, said_to_be_others: Collection[UUID]) -> None:
    """Of those that have come: what they are like does not matter."""
    if SINCE in session.info:
        session.info.setdefault(SAID_TO_BE_OTHERS, set()).update(said_to_be_others)


async def refuse_twins(session: AsyncSession) -> None:
    """The last of the transaction. `Overtaken` where somebody has brought a twin since: whoever tries again is told of it."""
    if SINCE not in session.info:
        return
    await session.execute(ALONE)
    async with unfenced(session):
        news = (await session.execute(NEWS, {"since": session.info[SINCE]})).scalars().all()
        met = (await session.execute(MEETING, {"news": news})).all() if news else []
    left_out = session.info.get(SAID_TO_BE_OTHERS, set())
    pairs = [pair for pair in met if pair.mine not in left_out]
    known = await living(session, {id for pair in pairs for id in pair})
    both = ((known.get(mine), known.get(theirs)) for mine, theirs in pairs)
    if any(mine and theirs and possible_duplicate(mine, theirs) for mine, theirs in both):
        raise Overtaken
