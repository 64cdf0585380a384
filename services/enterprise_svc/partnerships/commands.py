from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlmodel.ext.asyncio.session import AsyncSession

from services.enterprise_svc.fees.models import Fee
from services.enterprise_svc.fees.queries import currency_of_fees
from services.enterprise_svc.nominations.commands import withdraw_open_nominations
from services.enterprise_svc.nominations.models import Nomination
from services.enterprise_svc.organisations.models import Organisation
from services.enterprise_svc.partnerships.models import Partnership
from services.enterprise_svc.partnerships.schemas import DraftPartnership
from services.enterprise_svc.phases.models import Phase
from shared.changes import record
from shared.conditions import IfMatch
from shared.db import await_ids, refuse_taken_ref, refuse_unknown, unfenced, unknown_place
from shared.errors import UnknownReference, ValidationFailed, pointer
from shared.events.enterprise import (
    PartnershipActivated,
    PartnershipAmended,
    PartnershipClosed,
    PartnershipDrafted,
    PartnershipSigned,
)
from shared.merge_patch import Patch

OF_PARTIES: Sequence[Any] = (Nomination, Fee)


async def draft_partnership(session: AsyncSession, command: DraftPartnership) -> Partnership:
    await refuse_taken_ref(session, Partnership, command.external_ref)
    await check_references(session, command)
    partnership = Partnership(**stored(command))
    await record(session, partnership, PartnershipDrafted)
    return partnership


async def amend_partnership(session: AsyncSession, id: UUID, match: IfMatch, patch: Patch) -> Partnership:
    partnership = await Partnership.for_change(session, id)
    match.check(partnership.version)
    command = patch.onto(DraftPartnership.model_validate(partnership))
    if command.external_ref != partnership.external_ref:
        await refuse_taken_ref(session, Partnership, command.external_ref)
    await check_references(session, command)
    await refuse_other_currency(session, partnership, command)
    before = partnership.party_ids
    partnership.sqlmodel_update(stored(command))
    await record(session, partnership, PartnershipAmended)
    if partnership.party_ids != before:
        await tell_parties(session, partnership)
    return partnership


async def tell_parties(session: AsyncSession, partnership: Partnership) -> None:
    """Whoever is a party sees all nominations and fees, those too that its amender does not."""
    async with unfenced(session):
        for model in OF_PARTIES:
            its_own = update(model).where(model.partnership_id == partnership.id)
            await session.execute(
                its_own.values(party_ids=partnership.party_ids), execution_options={"synchronize_session": False}
            )


async def refuse_other_currency(session: AsyncSession, partnership: Partnership, command: DraftPartnership) -> None:
    """What was agreed in one currency is not held against a budget in another."""
    if command.budget and (counted := await currency_of_fees(session, partnership.id)) not in (
        None,
        command.budget.currency,
    ):
        detail = f"budget.currency ({command.budget.currency}) is not the currency of the fees there are ({counted})."
        raise ValidationFailed(errors=[pointer("other_currency", detail, "budget", "currency")])


async def check_references(session: AsyncSession, command: DraftPartnership) -> None:
    await refuse_unknown(session, Phase, command.phase_id, "phase_id")
    known = await await_ids(session, Organisation, [party.organisation_id for party in command.parties])
    if places := [
        unknown_place("parties", index, "organisation_id")
        for index, party in enumerate(command.parties)
        if party.organisation_id not in known
    ]:
        raise UnknownReference(errors=places)


def stored(command: DraftPartnership) -> dict[str, Any]:
    """The command as columns: objects are JSON."""
    return command.model_dump() | command.model_dump(mode="json", include={"parties", "budget", "targets"})


async def sign_partnership(session: AsyncSession, id: UUID, match: IfMatch) -> Partnership:
    partnership = await Partnership.for_change(session, id)
    match.check(partnership.version)
    partnership.sign()
    await record(session, partnership, PartnershipSigned)
    return partnership


async def activate_partnership(session: AsyncSession, id: UUID, match: IfMatch) -> Partnership:
    partnership = await Partnership.for_change(session, id)
    match.check(partnership.version)
    partnership.activate()
    await record(session, partnership, PartnershipActivated)
    return partnership


async def close_partnership(session: AsyncSession, id: UUID, match: IfMatch) -> Partnership:
    partnership = await Partnership.for_change(session, id)
    match.check(partnership.version)
    partnership.close()
    await record(session, partnership, PartnershipClosed)
    await withdraw_open_nominations(session, id)
    return partnership
