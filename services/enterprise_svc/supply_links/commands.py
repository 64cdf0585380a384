from contextlib import nullcontext
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.enterprise_svc.enterprises.countries import country_of
from services.enterprise_svc.organisations.models import Organisation
from services.enterprise_svc.supply_links.models import SupplyLink, SupplyLinkState
from services.enterprise_svc.supply_links.schemas import ProposeSupplyLink
from shared.changes import record
from shared.conditions import IfMatch
from shared.context import current
from shared.db import refuse_taken_ref, refuse_unknown, unfenced
from shared.errors import ValidationFailed, pointer
from shared.events.enterprise import SupplyLinkAmended, SupplyLinkConfirmed, SupplyLinkEnded, SupplyLinkProposed
from shared.merge_patch import Patch
from shared.permissions.roles import Role


async def propose_supply_link(session: AsyncSession, command: ProposeSupplyLink) -> SupplyLink:
    await refuse_taken_ref(session, SupplyLink, command.external_ref)
    country = await check_references(session, command)
    link = SupplyLink(**command.model_dump(), country=country)
    await record(session, link, SupplyLinkProposed)
    return link


async def amend_supply_link(session: AsyncSession, id: UUID, match: IfMatch, patch: Patch) -> SupplyLink:
    """Once confirmed it stays between the two who confirmed it."""
    link = await SupplyLink.for_change(session, id)
    match.check(link.version)
    command = patch.onto(
        ProposeSupplyLink.model_validate(link), fixed=("buyer_id", "enterprise_id") if link.confirmed else ()
    )
    if link.state == SupplyLinkState.ENDED and command.until is None:
        raise ValidationFailed(errors=[pointer("missing", "A link that has ended has a last day.", "until")])
    if command.external_ref != link.external_ref:
        await refuse_taken_ref(session, SupplyLink, command.external_ref)
    country = await check_references(session, command)
    link.sqlmodel_update(command.model_dump() | {"country": country})
    await record(session, link, SupplyLinkAmended)
    return link


async def check_references(session: AsyncSession, command: ProposeSupplyLink) -> str:
    """The enterprise's country. A buyer knows its suppliers by their ids, whether or not it may see them."""
    await refuse_unknown(session, Organisation, command.buyer_id, "buyer_id")
    by_buyer = current().who.role == Role.BUYER
    async with unfenced(session) if by_buyer else nullcontext():
        return await country_of(session, command.enterprise_id, "enterprise_id")


async def confirm_supply_link(session: AsyncSession, id: UUID, match: IfMatch) -> SupplyLink:
    link = await SupplyLink.for_change(session, id)
    match.check(link.version)
    link.confirm()
    await record(session, link, SupplyLinkConfirmed)
    return link


async def end_supply_link(session: AsyncSession, id: UUID, match: IfMatch) -> SupplyLink:
    link = await SupplyLink.for_change(session, id)
    match.check(link.version)
    link.end()
    await record(session, link, SupplyLinkEnded)
    return link
