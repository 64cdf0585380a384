from typing import Annotated

from fastapi import Query

from services.enterprise_svc.organisations import commands, queries
from services.enterprise_svc.organisations.models import Organisation
from services.enterprise_svc.organisations.schemas import (
    NameFederation,
    OrganisationOut,
    OrganisationQuery,
    RegisterOrganisation,
)
from shared.answers import PageAnswer, ResourceAnswer, created, found
from shared.contract import page_of, patch_body
from shared.pagination import PagesDep
from shared.routing import IfMatchDep, PatchDep, ReaderDep, Router, SessionDep, VerbMatchDep
from shared.types import Id

router = Router("organisations")


@router.post("", status_code=201, response_model=OrganisationOut)
async def register_organisation(session: SessionDep, command: RegisterOrganisation) -> ResourceAnswer:
    """Register a buyer, federation, donor, office or provider."""
    return created(OrganisationOut.model_validate(await commands.register_organisation(session, command)))


@router.get("", response_model=page_of(OrganisationOut))
async def list_organisations(pages: PagesDep, query: Annotated[OrganisationQuery, Query()]) -> PageAnswer:
    """Organisations, filtered by country, kind and what they are members of."""
    return await pages.of(queries.organisations_matching(query), Organisation, OrganisationOut, query)


@router.get("/{organisation_id}", response_model=OrganisationOut)
async def get_organisation(reader: ReaderDep, organisation_id: Id) -> ResourceAnswer:
    """One organisation."""
    return found(OrganisationOut.model_validate(await Organisation.read(reader, organisation_id)))


@router.patch("/{organisation_id}", response_model=OrganisationOut, openapi_extra=patch_body(RegisterOrganisation))
async def amend_organisation(
    session: SessionDep, organisation_id: Id, match: IfMatchDep, patch: PatchDep
) -> ResourceAnswer:
    """Change what is known of an organisation (JSON Merge Patch)."""
    return found(
        OrganisationOut.model_validate(await commands.amend_organisation(session, organisation_id, match, patch))
    )


@router.post("/{organisation_id}/open", response_model=OrganisationOut)
async def open_organisation(
    session: SessionDep, organisation_id: Id, match: VerbMatchDep, command: NameFederation
) -> ResourceAnswer:
    """Let a federation it is a member of see the partnerships it is a party to, and their progress; nobody's figures by name."""
    organisation = await commands.open_organisation(session, organisation_id, match, command.organisation_id)
    return found(OrganisationOut.model_validate(organisation))


@router.post("/{organisation_id}/shut", response_model=OrganisationOut)
async def shut_organisation(
    session: SessionDep, organisation_id: Id, match: VerbMatchDep, command: NameFederation
) -> ResourceAnswer:
    """Let that federation see them no longer."""
    organisation = await commands.shut_organisation(session, organisation_id, match, command.organisation_id)
    return found(OrganisationOut.model_validate(organisation))
