"""Receipts: whoever is no staff and reads an identified enterprise's data is written down where the enterprise can read it.

await receipts.note(session, [enterprise.id], ["legal_name", "workforce"], [consent.id])

What a request has noted is kept in its transaction, as one statement, before the answer leaves: no answer without its receipt,
whatever dies. The registry keeps it as rows; the other services announce it to the registry.
"""

from collections.abc import Awaitable, Callable, Iterable
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from shared.auth import Principal
from shared.context import current
from shared.db import now, uuid7
from shared.events.access import Accesses, Reading
from shared.outbox import announce
from shared.permissions.roles import Role

READERS = frozenset({Role.BUYER, Role.DONOR})
AT_ONCE = 2_000  # enterprises of one event: the broker takes no larger ones

Keep = Callable[[AsyncSession, Accesses], Awaitable[None]]


async def note(
    session: AsyncSession, enterprise_ids: Iterable[UUID], fields: Iterable[str], consent_ids: Iterable[UUID] = ()
) -> None:
    """The answer has `fields` of each of `enterprise_ids`, which `consent_ids` allow. Say it whoever asks: staff leave none."""
    ids, named, consents = list(enterprise_ids), sorted(fields), list(consent_ids)
    portions = [ids[first : first + AT_ONCE] for first in range(0, len(ids), AT_ONCE)]
    noted = session.info.setdefault("readings", [])
    noted += [Reading(enterprise_ids=portion, fields=named, consent_ids=consents) for portion in portions]


async def hand_over(session: AsyncSession, principal: Principal, operation: str, keep: Keep) -> None:
    """Keeps what the request of `principal` has noted."""
    readings: list[Reading] = session.info.pop("readings", [])
    if principal.role in READERS:
        for reading in readings:
            await keep(session, accesses_of(principal, operation, reading))


def accesses_of(principal: Principal, operation: str, reading: Reading) -> Accesses:
    return Accesses(
        id=uuid7(),
        version=1,
        at=now(),
        by=principal.subject,
        client_id=principal.client_id,
        role=principal.role,
        organisation_id=principal.organisation_id,
        operation=operation,
        request_id=current().request_id,
        readings=[reading],
    )


def told_as(fact: type[Accesses]) -> Keep:
    """For a service that is not the registry: it announces `fact`."""

    async def tell(session: AsyncSession, accesses: Accesses) -> None:
        await announce(session, fact.model_validate(accesses, from_attributes=True))

    return tell
