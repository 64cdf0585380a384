from uuid import UUID

from sqlalchemy import delete, insert
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from services.enterprise_svc.organisations.models import Membership, Organisation
from services.enterprise_svc.organisations.schemas import RegisterOrganisation
from shared.changes import record
from shared.conditions import IfMatch
from shared.db import refuse_taken_ref, refuse_unknowns
from shared.events.enterprise import OrganisationAmended, OrganisationRegistered
from shared.merge_patch import Patch


async def register_organisation(session: AsyncSession, command: RegisterOrganisation) -> Organisation:
    await refuse_taken_ref(session, Organisation, command.external_ref)
    await refuse_unknowns(session, Organisation, command.member_of, "member_of")
    organisation = Organisation(**command.model_dump())
    session.add(organisation)
    await record(session, organisation, OrganisationRegistered)
    await keep_memberships(session, organisation)
    return organisation


async def amend_organisation(session: AsyncSession, id: UUID, match: IfMatch, patch: Patch) -> Organisation:
    organisation = await Organisation.for_change(session, id)
    match.check(organisation.version)
    command = patch.onto(RegisterOrganisation.model_validate(organisation))
    if command.external_ref != organisation.external_ref:
        await refuse_taken_ref(session, Organisation, command.external_ref)
    await refuse_unknowns(session, Organisation, command.member_of, "member_of")
    organisation.sqlmodel_update(command.model_dump())
    await record(session, organisation, OrganisationAmended)
    await keep_memberships(session, organisation)
    return organisation


async def keep_memberships(session: AsyncSession, organisation: Organisation) -> None:
    await session.execute(delete(Membership).where(col(Membership.member_id) == organisation.id))
    if ids := set(organisation.member_of):
        rows = [{"member_id": organisation.id, "organisation_id": id} for id in sorted(ids)]
        await session.execute(insert(Membership), rows)
