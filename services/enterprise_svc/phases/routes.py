from typing import Annotated

from fastapi import Query

from services.enterprise_svc.phases import commands, queries
from services.enterprise_svc.phases.models import Phase
from services.enterprise_svc.phases.schemas import PhaseOut, PhaseQuery, StartPhase
from shared.answers import PageAnswer, ResourceAnswer, created, found
from shared.contract import page_of, patch_body
from shared.pagination import PagesDep
from shared.routing import IfMatchDep, PatchDep, ReaderDep, Router, SessionDep
from shared.types import Id

router = Router("phases")


@router.post("", status_code=201, response_model=PhaseOut)
async def start_phase(session: SessionDep, command: StartPhase) -> ResourceAnswer:
    """Start a phase of a programme, with its donors and countries."""
    return created(PhaseOut.model_validate(await commands.start_phase(session, command)))


@router.get("", response_model=page_of(PhaseOut))
async def list_phases(pages: PagesDep, query: Annotated[PhaseQuery, Query()]) -> PageAnswer:
    """Phases, filtered by programme, country, donor and days."""
    return await pages.of(queries.phases_matching(query), Phase, PhaseOut, query)


@router.get("/{phase_id}", response_model=PhaseOut)
async def get_phase(reader: ReaderDep, phase_id: Id) -> ResourceAnswer:
    """One phase."""
    return found(PhaseOut.model_validate(await Phase.read(reader, phase_id)))


@router.patch("/{phase_id}", response_model=PhaseOut, openapi_extra=patch_body(StartPhase))
async def amend_phase(session: SessionDep, phase_id: Id, match: IfMatchDep, patch: PatchDep) -> ResourceAnswer:
    """Change a phase (JSON Merge Patch)."""
    return found(PhaseOut.model_validate(await commands.amend_phase(session, phase_id, match, patch)))
