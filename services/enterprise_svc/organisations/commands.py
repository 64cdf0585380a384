from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, insert, text
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from services.enterprise_svc.organisations import queries
from services.enterprise_svc.organisations.models import Membership, Organisation
from services.enterprise_svc.organisations.schemas import OrganisationIdentifier, RegisterOrganisation
from shared.changes import record
from shared.conditions import IfMatch
from shared.db import refuse_taken_ref, refuse_unknowns
from shared.errors import AlreadyExists, ValidationFailed, pointer
from shared.events.enterprise import OrganisationAmended, OrganisationOpened, OrganisationRegistered, OrganisationShut
from shared.merge_patch import Patch

ONE_AT_A_TIME = text("select pg_advisory_xact_lock(hashtext('score memberships'))")
ONE_NAMES_AT_A_TIME = text("select pg_advisory_xact_lock(hashtext('score identifiers of organisations'))")


async def register_organisation(session: AsyncSession, command: RegisterOrganisation) -> Organisation:
    await refuse_taken_ref(session, Organisation, command.external_ref)
    await refuse_unknowns(session, Organisation, command.member_of, "member_of")
    await refuse_taken_identifiers(session, command.identifiers)
    organisation = Organisation(**command.model_dump())
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
    await refuse_taken_identifiers(session, command.identifiers, besides=id)
    await refuse_circle(session, id, command.member_of)
    organisation.sqlmodel_update(command.model_dump(exclude={"member_of"}))
    organisation.be_member_of(command.member_of)
    await record(session, organisation, OrganisationAmended)
    await keep_memberships(session, organisation)
    return organisation


async def open_organisation(session: AsyncSession, id: UUID, match: IfMatch, federation_id: UUID) -> Organisation:
    """It lets what it is a member of see what it has agreed on."""
    organisation = await Organisation.for_change(session, id)
    match.check(organisation.version)
    if federation_id not in organisation.member_of:
        place = pointer("not_a_member", "The organisation is not a member of this one.", "organisation_id")
        raise ValidationFailed(errors=[place])
    organisation.open_up(federation_id)
    await record(session, organisation, OrganisationOpened)
    await keep_memberships(session, organisation)
    return organisation


async def shut_organisation(session: AsyncSession, id: UUID, match: IfMatch, federation_id: UUID) -> Organisation:
    """From now on it does not; whether it ever did is no matter."""
    organisation = await Organisation.for_change(session, id)
    match.check(organisation.version)
    organisation.shut(federation_id)
    await record(session, organisation, OrganisationShut)
    await keep_memberships(session, organisation)
    return organisation


async def refuse_taken_identifiers(
    session: AsyncSession, identifiers: Sequence[OrganisationIdentifier], besides: UUID | None = None
) -> None:
    """409 `already-exists` with `Location` of the holder. One writer at a time looks: two might take the same."""
    if identifiers:
        await session.execute(ONE_NAMES_AT_A_TIME)
    for index, identifier in enumerate(identifiers):
        if holder := await queries.holder_of(session, identifier, besides):
            place = pointer("taken", "Another organisation has this identifier.", "identifiers", index, "value")
            raise AlreadyExists(str(holder), errors=[place])


async def refuse_circle(session: AsyncSession, id: UUID, member_of: Sequence[UUID]) -> None:
    """Nothing is a member of itself, by whatever way. One writer at a time looks: two might close a circle."""
    await session.execute(ONE_AT_A_TIME)
    for index, parent in enumerate(member_of):
        if id in await queries.all_above(session, parent):
            detail = "The organisation would be a member of itself by way of this one."
            raise ValidationFailed(errors=[pointer("membership_circle", detail, "member_of", index)])


async def keep_memberships(session: AsyncSession, organisation: Organisation) -> None:
    await session.execute(delete(Membership).where(col(Membership.member_id) == organisation.id))
    if ids := set(organisation.member_of):
        rows = [
            {"member_id": organisation.id, "organisation_id": id, "open": id in organisation.open_to}
            for id in sorted(ids)
        ]
        await session.execute(insert(Membership), rows)
