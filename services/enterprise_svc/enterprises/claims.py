"""Who has which identifier: nobody's twice at a time, and the past is kept."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import insert, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.enterprise_svc.enterprises.models import DEAD, Enterprise, IdentifierClaim
from shared.changes import record_all
from shared.db import now, uuid7
from shared.errors import AlreadyExists, pointer
from shared.events.enterprise import EnterpriseAmended

COLLECTION = "/v1/enterprises"


async def holders_of(session: AsyncSession, identifiers: Iterable[str]) -> dict[str, UUID]:
    """Who has each of `identifiers` now; those nobody has are absent."""
    held = select(IdentifierClaim.identifier, IdentifierClaim.enterprise_id).where(
        col(IdentifierClaim.identifier).in_(list(identifiers)), col(IdentifierClaim.until).is_(None)
    )
    return dict((await session.exec(held)).all())


async def make_free(session: AsyncSession, wanted: Sequence[str], news: Sequence[str]) -> None:
    """Of the `wanted` identifiers of an enterprise the `news` may be another's: 409 when that one lives, else it loses them."""
    held = await holders_of(session, news) if news else {}
    if not held:
        return
    statement = select(Enterprise).where(col(Enterprise.id).in_(set(held.values()))).order_by(col(Enterprise.id))
    holders = {one.id: one for one in await session.exec(statement.with_for_update())}
    if taken := [identifier for identifier, id in held.items() if holders[id].state not in DEAD]:
        places = [
            pointer("taken", "Another enterprise has this identifier.", "identifiers", wanted.index(one), "value")
            for one in taken
        ]
        raise AlreadyExists(f"{COLLECTION}/{held[taken[0]]}", errors=places)
    for holder in holders.values():
        holder.identifiers = [identifier for identifier in holder.identifiers if identifier not in held]
    await release(session, held)
    await record_all(session, list(holders.values()), EnterpriseAmended)


async def release(session: AsyncSession, lost: Iterable[str]) -> None:
    """Their holders have them no more."""
    if lost := list(lost):
        held = col(IdentifierClaim.identifier).in_(lost) & col(IdentifierClaim.until).is_(None)
        await session.execute(
            update(IdentifierClaim).where(held).values(until=now()).execution_options(synchronize_session=False)
        )


async def claim(session: AsyncSession, claims: Iterable[tuple[UUID, str]]) -> None:
    """Enterprises have identifiers from now on; call it after the enterprise is stored."""
    rows = [
        {"id": uuid7(), "identifier": identifier, "enterprise_id": enterprise_id, "since": now()}
        for enterprise_id, identifier in claims
    ]
    if rows:
        await session.execute(insert(IdentifierClaim), rows)
