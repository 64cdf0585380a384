"""Who has which identifier: nobody's twice at a time, and the past is kept."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import tuple_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.enterprise_svc.enterprises.models import DEAD, Enterprise, IdentifierClaim
from services.enterprise_svc.mergers.models import MergedEnterprise
from shared.changes import record_all
from shared.db import known_ids, now, uuid7
from shared.errors import AlreadyExists, pointer
from shared.events.enterprise import EnterpriseAmended
from shared.sets import among, table_of
from shared.successors import successors_of
from shared.writing import Rows, write

COLLECTION = "/v1/enterprises"

Claim = tuple[UUID, str]  # enterprise, identifier


async def holders_of(session: AsyncSession, identifiers: Iterable[str]) -> dict[str, UUID]:
    """Who has each of `identifiers` now; those nobody has are absent."""
    held = select(IdentifierClaim.identifier, IdentifierClaim.enterprise_id).where(
        among(col(IdentifierClaim.identifier), identifiers), col(IdentifierClaim.until).is_(None)
    )
    return dict((await session.exec(held)).all())


async def make_free(session: AsyncSession, wanted: Sequence[str], news: Sequence[str]) -> None:
    """Of the `wanted` identifiers of an enterprise the `news` may be another's: 409 when that one lives, else it loses them."""
    if not news or not await holders_of(session, news):
        return
    holders = await locked_holders(session, news)
    # read again: while we waited for the lock another may have taken them
    held = await holders_of(session, news)
    dead = {id: holder for id, holder in holders.items() if holder.state in DEAD and not holder.merged_into}
    if taken := [identifier for identifier, id in held.items() if id not in dead]:
        places = [
            pointer("taken", "Another enterprise has this identifier.", "identifiers", wanted.index(one), "value")
            for one in taken
        ]
        raise AlreadyExists(await place_of(session, held[taken[0]]), errors=places)
    if held:
        await take_from(session, [dead[id] for id in sorted(set(held.values()))], held)


async def place_of(session: AsyncSession, id: UUID) -> str | None:
    """None where whoever asks does not see it: an identifier is anybody's once, the enterprise is not anybody's to know."""
    read_as = (await successors_of(session, MergedEnterprise, [id])).get(id, id)
    return f"{COLLECTION}/{read_as}" if await known_ids(session, Enterprise, [read_as]) else None


async def locked_holders(session: AsyncSession, identifiers: Sequence[str]) -> dict[UUID, Enterprise]:
    ids = set((await holders_of(session, identifiers)).values())
    statement = select(Enterprise).where(col(Enterprise.id).in_(ids)).order_by(col(Enterprise.id)).with_for_update()
    return {one.id: one for one in await session.exec(statement)} if ids else {}


async def take_from(session: AsyncSession, holders: Sequence[Enterprise], held: Mapping[str, UUID]) -> None:
    for holder in holders:
        holder.identifiers = [identifier for identifier in holder.identifiers if identifier not in held]
    await release(session, [(id, identifier) for identifier, id in held.items()])
    await record_all(session, holders, EnterpriseAmended)


async def release(session: AsyncSession, lost: Collection[Claim]) -> None:
    """Enterprises have identifiers no more."""
    if lost:
        claims = tuple_(col(IdentifierClaim.enterprise_id), col(IdentifierClaim.identifier)).in_(lost)
        ended = update(IdentifierClaim).where(claims, col(IdentifierClaim.until).is_(None)).values(until=now())
        await session.execute(ended, execution_options={"synchronize_session": False})


async def claim(session: AsyncSession, claims: Iterable[Claim]) -> None:
    """Enterprises have identifiers from now on; call it after the enterprise is stored."""
    if told := claimed(claims):
        await write(session, told)


def claimed(claims: Iterable[Claim]) -> list[Rows]:
    """The same, to be written with the enterprise."""
    rows = [
        {"id": uuid7(), "identifier": identifier, "enterprise_id": enterprise_id, "since": now()}
        for enterprise_id, identifier in claims
    ]
    return [Rows.new(table_of(IdentifierClaim), rows)] if rows else []
