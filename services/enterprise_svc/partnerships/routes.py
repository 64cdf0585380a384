from typing import Annotated

from fastapi import Query

from services.enterprise_svc.partnerships import commands, queries
from services.enterprise_svc.partnerships.models import Partnership
from services.enterprise_svc.partnerships.schemas import DraftPartnership, PartnershipOut, PartnershipQuery
from shared.answers import PageAnswer, ResourceAnswer, created, found
from shared.contract import page_of, patch_body
from shared.pagination import PagesDep
from shared.routing import IfMatchDep, PatchDep, ReaderDep, Router, SessionDep, VerbMatchDep
from shared.types import Id

router = Router("partnerships")


@router.post("", status_code=201, response_model=PartnershipOut)
async def draft_partnership(session: SessionDep, command: DraftPartnership) -> ResourceAnswer:
    """Draft a partnership: its parties, countries, days, budget and targets."""
    return created(PartnershipOut.model_validate(await commands.draft_partnership(session, command)))


@router.get("", response_model=page_of(PartnershipOut))
async def list_partnerships(pages: PagesDep, query: Annotated[PartnershipQuery, Query()]) -> PageAnswer:
    """Partnerships, filtered by country, state, phase, party and days."""
    return await pages.of(queries.partnerships_matching(query), Partnership, PartnershipOut, query)


@router.get("/{partnership_id}", response_model=PartnershipOut)
async def get_partnership(reader: ReaderDep, partnership_id: Id) -> ResourceAnswer:
    """One partnership."""
    return found(PartnershipOut.model_validate(await Partnership.read(reader, partnership_id)))


@router.patch("/{partnership_id}", response_model=PartnershipOut, openapi_extra=patch_body(DraftPartnership))
async def amend_partnership(
    session: SessionDep, partnership_id: Id, match: IfMatchDep, patch: PatchDep
) -> ResourceAnswer:
    """Change a partnership (JSON Merge Patch)."""
    return found(PartnershipOut.model_validate(await commands.amend_partnership(session, partnership_id, match, patch)))


@router.post("/{partnership_id}/sign", response_model=PartnershipOut)
async def sign_partnership(session: SessionDep, partnership_id: Id, match: VerbMatchDep) -> ResourceAnswer:
    """The parties have signed."""
    return found(PartnershipOut.model_validate(await commands.sign_partnership(session, partnership_id, match)))


@router.post("/{partnership_id}/activate", response_model=PartnershipOut)
async def activate_partnership(session: SessionDep, partnership_id: Id, match: VerbMatchDep) -> ResourceAnswer:
    """Work has begun."""
    return found(PartnershipOut.model_validate(await commands.activate_partnership(session, partnership_id, match)))


@router.post("/{partnership_id}/close", response_model=PartnershipOut)
async def close_partnership(session: SessionDep, partnership_id: Id, match: VerbMatchDep) -> ResourceAnswer:
    """It is over: nobody can be nominated any more, and nominations that were not answered are cancelled."""
    return found(PartnershipOut.model_validate(await commands.close_partnership(session, partnership_id, match)))
