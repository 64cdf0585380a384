"""Receipts: whoever is no staff and reads an identified enterprise's data is written down where the enterprise can read it.

A resource says of which enterprises it tells (`Answer.tells_of`), and the door notes it of every read: no route can forget it.
What is no resource is noted by whoever answers it:

await receipts.note(session, [enterprise.id], ["results"], [consent.id])

What a request has noted is kept in its transaction, as one statement, before the answer leaves: no answer without its receipt,
whatever dies. The registry keeps it as rows; the other services announce it to the registry.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import select
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.auth import Principal
from shared.consents import live_now, shown_to
from shared.context import current
from shared.db import now, uuid7
from shared.events.access import Accesses, Reading
from shared.outbox import announce
from shared.permissions.roles import Role
from shared.types import Answer

READERS = frozenset({Role.BUYER, Role.DONOR})
AT_ONCE = 2_000  # enterprises of one event: the broker takes no larger ones

Keep = Callable[[AsyncSession, Accesses], Awaitable[None]]


@dataclass(frozen=True)
class Receipts:
    """`keep` writes down what was read; `consents` is the service's table of what lets readers in."""

    keep: Keep
    consents: Any


async def note_answer(session: AsyncSession, principal: Principal, told: Iterable[BaseModel], consents: Any) -> None:
    """Of resources that `principal` read: each form's fields, of the enterprises it tells of."""
    if principal.role not in READERS:
        return
    for form, ids in enterprises_by_form(told).items():
        allowing = await consents_allowing(session, consents, ids, principal.organisation_id)
        await note(session, sorted(ids), form.model_fields, allowing)


def enterprises_by_form(told: Iterable[BaseModel]) -> dict[type[Answer], set[UUID]]:
    found: dict[type[Answer], set[UUID]] = {}
    for one in told:
        if isinstance(one, Answer) and (ids := one.tells_of):
            found.setdefault(type(one), set()).update(ids)
    return found


async def consents_allowing(
    session: AsyncSession, consents: Any, enterprise_ids: Iterable[UUID], organisation_id: UUID | None
) -> list[UUID]:
    """Those by which `organisation_id` sees name and figures of these enterprises now."""
    live = (*live_now(consents), shown_to(consents, organisation_id))
    asked = select(consents.id).where(consents.enterprise_id.in_(list(enterprise_ids)), *live)
    return list((await session.execute(asked)).scalars())


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
