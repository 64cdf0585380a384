from typing import Annotated

from fastapi import Query

from services.enterprise_svc.programmes import commands
from services.enterprise_svc.programmes.models import Programme
from services.enterprise_svc.programmes.schemas import ProgrammeOut, ProgrammeQuery, StartProgramme
from shared.answers import PageAnswer, ResourceAnswer, created, found
from shared.contract import page_of, patch_body
from shared.pagination import PagesDep, select_matching
from shared.routing import IfMatchDep, PatchDep, ReaderDep, Router, SessionDep
from shared.types import Id

router = Router("programmes")


@router.post("", status_code=201, response_model=ProgrammeOut)
async def start_programme(session: SessionDep, command: StartProgramme) -> ResourceAnswer:
    """Start a programme; its phases are resources of their own."""
    return created(ProgrammeOut.model_validate(await commands.start_programme(session, command)))


@router.get("", response_model=page_of(ProgrammeOut))
async def list_programmes(pages: PagesDep, query: Annotated[ProgrammeQuery, Query()]) -> PageAnswer:
    """Programmes, filtered by code."""
    return await pages.of(select_matching(Programme, query), Programme, ProgrammeOut, query)


@router.get("/{programme_id}", response_model=ProgrammeOut)
async def get_programme(reader: ReaderDep, programme_id: Id) -> ResourceAnswer:
    """One programme."""
    return found(ProgrammeOut.model_validate(await Programme.read(reader, programme_id)))


@router.patch("/{programme_id}", response_model=ProgrammeOut, openapi_extra=patch_body(StartProgramme))
async def amend_programme(session: SessionDep, programme_id: Id, match: IfMatchDep, patch: PatchDep) -> ResourceAnswer:
    """Change a programme's code or name (JSON Merge Patch)."""
    return found(ProgrammeOut.model_validate(await commands.amend_programme(session, programme_id, match, patch)))
