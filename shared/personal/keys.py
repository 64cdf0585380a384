"""The keys of persons in the database: made with the person, destroyed when it is erased, and then nobody has them."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.personal.keyring import Key, Keyring
from shared.tables import personal_keys


def keyring_of(session: AsyncSession) -> Keyring:
    """A process that keeps persons has one; `Database` gives it to each of its sessions."""
    found: Keyring = session.info["keyring"]
    return found


async def make_keys(session: AsyncSession, persons: Iterable[UUID]) -> dict[UUID, Key]:
    keyring = keyring_of(session)
    made = {person: keyring.new(person) for person in persons}
    rows = [{"person": person, "wrapped": wrapped} for person, (_, wrapped) in made.items()]
    if rows:
        await (await session.connection()).execute(insert(personal_keys), rows)
    return {person: key for person, (key, _) in made.items()}


async def keys_of(session: AsyncSession, persons: Iterable[UUID]) -> dict[UUID, Key]:
    """Whoever was erased is not among them."""
    keyring, wanted = keyring_of(session), set(persons)
    if not wanted:
        return {}
    kept = select(personal_keys.c.person, personal_keys.c.wrapped).where(personal_keys.c.person.in_(wanted))
    rows = (await (await session.connection()).execute(kept)).all()
    return {row.person: keyring.unwrapped(row.person, row.wrapped) for row in rows}


async def destroy_key(session: AsyncSession, person: UUID) -> None:
    await (await session.connection()).execute(delete(personal_keys).where(personal_keys.c.person == person))
