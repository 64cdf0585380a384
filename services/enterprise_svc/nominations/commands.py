from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.enterprise_svc.consents.models import Consent
from services.enterprise_svc.country_policies.models import CountryPolicy
from services.enterprise_svc.enterprises.countries import country_of
from services.enterprise_svc.enterprises.models import DEAD, Enterprise
from services.enterprise_svc.nominations.models import OPEN, Nomination, NominationState
from services.enterprise_svc.nominations.queries import overdue
from services.enterprise_svc.nominations.schemas import NominateEnterprise
from services.enterprise_svc.partnerships.models import Partnership, PartnershipState
from services.enterprise_svc.supply_links.models import SupplyLink, SupplyLinkState
from shared.changes import record, record_all
from shared.conditions import IfMatch
from shared.consents import live_now
from shared.context import Context, current, using
from shared.db import now, unfenced, unknown_place
from shared.errors import AlreadyExists, UnknownReference, WrongState, pointer
from shared.events.enterprise import (
    NominationAccepted,
    NominationCancelled,
    NominationDeclined,
    NominationExpired,
    NominationSent,
)
from shared.permissions.roles import Role

EXPIRED_AT_ONCE = 500
BY_ITSELF = Context(subject="score")  # whom history and events name when time alone changes something


async def nominate_enterprise(session: AsyncSession, partnership_id: UUID, command: NominateEnterprise) -> Nomination:
    partnership = await Partnership.named(session, partnership_id)
    await expire(session, await overdue_of(session, partnership_id, command.enterprise_id))
    await refuse_second(session, partnership_id, command)
    if partnership.state == PartnershipState.CLOSED:
        raise WrongState(partnership.state, partnership.allowed_actions)
    country = await country_of_nominee(session, command.enterprise_id)
    nomination = Nomination(
        partnership_id=partnership_id,
        country=country,
        party_ids=partnership.party_ids,
        expires_at=now() + await days_to_answer(session, country),
        **command.model_dump(),
    )
    await record(session, nomination, NominationSent)
    return nomination


async def country_of_nominee(session: AsyncSession, enterprise_id: UUID) -> str:
    """A buyer may ask whoever supplies it or has granted it anything, whether or not it may see it by name."""
    if current().who.role != Role.BUYER:
        await refuse_ended(session, enterprise_id)
        return await country_of(session, enterprise_id, "enterprise_id")
    for known in (supplying(enterprise_id), granting(enterprise_id)):
        if country := (await session.exec(known)).first():
            return str(country)
    raise UnknownReference(errors=[unknown_place("enterprise_id")])


async def refuse_ended(session: AsyncSession, enterprise_id: UUID) -> None:
    """Who has left the programme is asked no more."""
    enterprise = await session.get(Enterprise, enterprise_id)
    if enterprise and enterprise.state in DEAD:
        place = pointer("left", f"The enterprise has left the programme: it is {enterprise.state}.", "enterprise_id")
        raise WrongState(enterprise.state, enterprise.allowed_actions, errors=[place])


def supplying(enterprise_id: UUID) -> Any:
    """Of the links its buyer sees those that have not ended."""
    today = datetime.now(UTC).date()
    living = (
        col(SupplyLink.state) != SupplyLinkState.ENDED,
        or_(col(SupplyLink.until).is_(None), col(SupplyLink.until) >= today),
    )
    return select(SupplyLink.country).where(SupplyLink.enterprise_id == enterprise_id, *living)


def granting(enterprise_id: UUID) -> Any:
    """Of the consents its grantee sees those that are live."""
    return select(Consent.country).where(Consent.enterprise_id == enterprise_id, *live_now(Consent))


async def days_to_answer(session: AsyncSession, country: str) -> timedelta:
    """By the policy of the enterprise's country, as it is on the day of the nomination."""
    return timedelta(days=(await CountryPolicy.of(session, country)).nomination_days)


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


async def withdraw_open_nominations(session: AsyncSession, partnership_id: UUID) -> None:
    """The partnership is over: whoever has not answered is asked no longer, also those that its closer does not see."""
    asked = select(Nomination).where(
        Nomination.partnership_id == partnership_id, Nomination.state == NominationState.SENT
    )
    async with unfenced(session):
        still_open = (await session.exec(asked.with_for_update())).all()
        late = [nomination for nomination in still_open if nomination.present_state == NominationState.EXPIRED]
        await expire(session, late)
        others = [nomination for nomination in still_open if nomination not in late]
        for nomination in others:
            nomination.cancel()
        await record_all(session, others, NominationCancelled)


# --- time runs out ---------------------------------------------------------------------------------------------


async def expire_nominations(session: AsyncSession) -> int:
    """Writes down and tells that nominations have expired, a bounded number at once; gives the number."""
    statement = select(Nomination).where(overdue()).limit(EXPIRED_AT_ONCE).with_for_update(skip_locked=True)
    nominations = (await session.exec(statement)).all()
    with using(BY_ITSELF):
        await expire(session, nominations)
    return len(nominations)


async def overdue_of(session: AsyncSession, partnership_id: UUID, enterprise_id: UUID) -> Sequence[Nomination]:
    """Of one enterprise, locked: it may be asked again although nobody has written down yet that it was too late."""
    its_own = (Nomination.partnership_id == partnership_id, Nomination.enterprise_id == enterprise_id)
    return (await session.exec(select(Nomination).where(*its_own, overdue()).with_for_update())).all()


async def expire(session: AsyncSession, nominations: Sequence[Nomination]) -> None:
    for nomination in nominations:
        nomination.expire()
    await record_all(session, nominations, NominationExpired)
