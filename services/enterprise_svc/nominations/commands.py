from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.enterprise_svc.enterprises.models import Enterprise
from services.enterprise_svc.nominations.models import OPEN, Nomination
from services.enterprise_svc.nominations.schemas import NominateEnterprise
from services.enterprise_svc.partnerships.models import Partnership, PartnershipState
from shared.changes import record
from shared.conditions import IfMatch
from shared.context import current
from shared.db import refuse_unknown
from shared.errors import AlreadyExists, WrongState, pointer
from shared.events.enterprise import NominationAccepted, NominationCancelled, NominationDeclined, NominationSent


async def nominate_enterprise(session: AsyncSession, partnership_id: UUID, command: NominateEnterprise) -> Nomination:
    partnership = await Partnership.named(session, partnership_id)
    await refuse_second(session, partnership_id, command)
    if partnership.state == PartnershipState.CLOSED:
        raise WrongState(partnership.state, partnership.allowed_actions)
    await refuse_unknown(session, Enterprise, command.enterprise_id, "enterprise_id")
    nomination = Nomination(partnership_id=partnership_id, **command.model_dump())
    session.add(nomination)
    await record(session, nomination, NominationSent)
    return nomination


async def refuse_second(session: AsyncSession, partnership_id: UUID, command: NominateEnterprise) -> None:
    """409 `already-exists` when this client used the `external_ref` here, or the enterprise has an open nomination."""
    here = select(Nomination.id).where(Nomination.partnership_id == partnership_id)
    mine = here.where(Nomination.external_ref == command.external_ref, Nomination.created_by == current().subject)
    if command.external_ref is not None and (first := (await session.exec(mine)).first()):
        place = pointer("taken", "You have used this external_ref before.", "external_ref")
        raise AlreadyExists(str(first), errors=[place])
    still_open = here.where(Nomination.enterprise_id == command.enterprise_id, col(Nomination.state).in_(OPEN))
    if first := (await session.exec(still_open)).first():
        raise AlreadyExists(str(first), errors=[pointer("taken", "It has been nominated already.", "enterprise_id")])


async def accept_nomination(session: AsyncSession, partnership_id: UUID, id: UUID, match: IfMatch) -> Nomination:
    nomination = await Nomination.of(session, partnership_id, id, lock=True)
    match.check(nomination.version)
    nomination.accept()
    await record(session, nomination, NominationAccepted)
    return nomination


async def decline_nomination(session: AsyncSession, partnership_id: UUID, id: UUID, match: IfMatch) -> Nomination:
    nomination = await Nomination.of(session, partnership_id, id, lock=True)
    match.check(nomination.version)
    nomination.decline()
    await record(session, nomination, NominationDeclined)
    return nomination


async def cancel_nomination(session: AsyncSession, partnership_id: UUID, id: UUID, match: IfMatch) -> Nomination:
    nomination = await Nomination.of(session, partnership_id, id, lock=True)
    match.check(nomination.version)
    nomination.cancel()
    await record(session, nomination, NominationCancelled)
    return nomination
