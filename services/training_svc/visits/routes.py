from typing import Annotated

from fastapi import Body, Query

from services.training_svc.visits import commands, queries
from services.training_svc.visits.importer import VisitImporter
from services.training_svc.visits.models import Visit
from services.training_svc.visits.schemas import (
    VISIT,
    ProposeVisit,
    ReportVisit,
    RescheduleVisit,
    VisitOut,
    VisitQuery,
    VisitTookPlace,
)
from shared.answers import PageAnswer, ResourceAnswer, created, found
from shared.contract import page_of, patch_body
from shared.imports import import_routes
from shared.pagination import PagesDep
from shared.routing import IfMatchDep, PatchDep, ReaderDep, Router, SessionDep, VerbMatchDep
from shared.types import Id

router = Router("visits")
importer = VisitImporter()
import_routes(router, importer)


@router.post("", status_code=201, response_model=VisitOut)
async def propose_visit(session: SessionDep, command: ProposeVisit) -> ResourceAnswer:
    """Propose a visit to an enterprise of a cycle; with `done_on` it is recorded as done."""
    return created(VisitOut.model_validate(await commands.propose_visit(session, command)))


@router.get("", response_model=page_of(VISIT.any, named="VisitPage"))
async def list_visits(pages: PagesDep, query: Annotated[VisitQuery, Query()]) -> PageAnswer:
    """Visits, filtered by cycle, enterprise, trainer, state and day (`from`, `to`: done or, before that, planned)."""
    return await pages.of(queries.visits(query), Visit, VISIT.form(), query)


@router.get("/{visit_id}", response_model=VISIT.any)
async def get_visit(reader: ReaderDep, visit_id: Id) -> ResourceAnswer:
    """One visit, with the verbs that are possible now."""
    return found(VISIT.form().model_validate(await Visit.read(reader, visit_id)))


@router.patch("/{visit_id}", response_model=VisitOut, openapi_extra=patch_body(ProposeVisit))
async def amend_visit(session: SessionDep, visit_id: Id, match: IfMatchDep, patch: PatchDep) -> ResourceAnswer:
    """Change a visit that is not reported yet (JSON Merge Patch). Cycle, enterprise and sequence stay."""
    return found(VisitOut.model_validate(await commands.amend_visit(session, visit_id, match, patch)))


@router.post("/{visit_id}/confirm", response_model=VisitOut)
async def confirm_visit(session: SessionDep, visit_id: Id, match: VerbMatchDep) -> ResourceAnswer:
    """The enterprise expects the visit."""
    return found(VisitOut.model_validate(await commands.confirm_visit(session, visit_id, match)))


@router.post("/{visit_id}/reschedule", response_model=VisitOut)
async def reschedule_visit(
    session: SessionDep,
    visit_id: Id,
    match: VerbMatchDep,
    command: Annotated[RescheduleVisit | None, Body()] = None,
) -> ResourceAnswer:
    """A confirmed visit is proposed again, for another day."""
    asked = command or RescheduleVisit()
    return found(VisitOut.model_validate(await commands.reschedule_visit(session, visit_id, match, asked)))


@router.post("/{visit_id}/done", response_model=VisitOut)
async def visit_took_place(
    session: SessionDep, visit_id: Id, match: VerbMatchDep, command: VisitTookPlace
) -> ResourceAnswer:
    """The visit took place; it need not have been confirmed before."""
    return found(VisitOut.model_validate(await commands.visit_took_place(session, visit_id, match, command)))


@router.post("/{visit_id}/report", response_model=VisitOut)
async def report_visit(
    session: SessionDep, visit_id: Id, match: VerbMatchDep, command: Annotated[ReportVisit | None, Body()] = None
) -> ResourceAnswer:
    """The visit is reported; left out, the report is the one already there."""
    asked = command or ReportVisit()
    return found(VisitOut.model_validate(await commands.report_visit(session, visit_id, match, asked)))


@router.post("/{visit_id}/approve", response_model=VisitOut)
async def approve_visit(session: SessionDep, visit_id: Id, match: VerbMatchDep) -> ResourceAnswer:
    """The report is accepted."""
    return found(VisitOut.model_validate(await commands.approve_visit(session, visit_id, match)))


@router.post("/{visit_id}/return", response_model=VisitOut)
async def return_visit(session: SessionDep, visit_id: Id, match: VerbMatchDep) -> ResourceAnswer:
    """The report goes back: the visit is done, and to be reported again."""
    return found(VisitOut.model_validate(await commands.return_visit(session, visit_id, match)))


@router.post("/{visit_id}/cancel", response_model=VisitOut)
async def cancel_visit(session: SessionDep, visit_id: Id, match: VerbMatchDep) -> ResourceAnswer:
    """It does not take place."""
    return found(VisitOut.model_validate(await commands.cancel_visit(session, visit_id, match)))
