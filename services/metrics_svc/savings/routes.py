from typing import Annotated

from fastapi import Query
from sqlmodel import select

from services.metrics_svc.records.answers import already_there, approval_answer, recorded
from services.metrics_svc.records.schemas import ApprovalOut, RecordQuery, ReturnToSender
from services.metrics_svc.records.versions import versions_of
from services.metrics_svc.savings import commands
from services.metrics_svc.savings.importer import SavingImporter
from services.metrics_svc.savings.models import Saving
from services.metrics_svc.savings.queries import savings_matching
from services.metrics_svc.savings.schemas import (
    AmendSaving,
    ApproveSavings,
    RecordSaving,
    SavingOut,
    SavingQuery,
)
from shared.answers import JsonAnswer, PageAnswer, ResourceAnswer, found
from shared.contract import page_of, patch_body
from shared.imports import import_routes
from shared.pagination import PagesDep, matching
from shared.routing import IfMatchDep, PatchDep, ReaderDep, Router, SessionDep, VerbMatchDep
from shared.types import Id

router = Router("savings")
importer = SavingImporter()
import_routes(router, importer)


@router.post("", status_code=201, response_model=SavingOut, responses=already_there(SavingOut))
async def record_saving(session: SessionDep, command: RecordSaving) -> ResourceAnswer:
    """Record what an enterprise saved in a month. The same again is 200 with the one there; another amount for the same
    enterprise, month, recurrence and reference is a new version, and the older approved one counts until that is approved."""
    return recorded(await commands.record_saving(session, command), SavingOut)


@router.get("", response_model=page_of(SavingOut))
async def list_savings(pages: PagesDep, query: Annotated[SavingQuery, Query()]) -> PageAnswer:
    """Savings in all their versions."""
    statement = select(Saving).where(*savings_matching(query))
    return await pages.of(statement, Saving, SavingOut, query)


@router.post("/approve", status_code=202, response_model=ApprovalOut)
async def approve_savings(session: SessionDep, command: ApproveSavings) -> JsonAnswer:
    """Approve many submitted savings at once, by their ids or by the list's filters. It is done when the answer comes; what
    the answer calls `remaining` is left for the same request again."""
    return approval_answer(await commands.approve_savings(session, command))


@router.get("/{saving_id}", response_model=SavingOut)
async def get_saving(reader: ReaderDep, saving_id: Id) -> ResourceAnswer:
    """One version of a saving."""
    return found(SavingOut.model_validate(await Saving.read(reader, saving_id)))


@router.patch("/{saving_id}", response_model=SavingOut, openapi_extra=patch_body(AmendSaving))
async def amend_saving(session: SessionDep, saving_id: Id, match: IfMatchDep, patch: PatchDep) -> ResourceAnswer:
    """Correct a draft or submitted saving (JSON Merge Patch); what identifies it stays."""
    return found(SavingOut.model_validate(await commands.amend_saving(session, saving_id, match, patch)))


@router.get("/{saving_id}/versions", response_model=page_of(SavingOut))
async def list_saving_versions(
    session: SessionDep, pages: PagesDep, saving_id: Id, query: Annotated[RecordQuery, Query()]
) -> PageAnswer:
    """All versions of the same enterprise, month, recurrence and reference."""
    versions = await versions_of(session, Saving, saving_id)
    return await pages.of(versions.where(*matching(Saving, query)), Saving, SavingOut, query)


@router.post("/{saving_id}/submit", response_model=SavingOut)
async def submit_saving(session: SessionDep, saving_id: Id, match: VerbMatchDep) -> ResourceAnswer:
    """Hand in a draft or a returned saving."""
    return found(SavingOut.model_validate(await commands.submit_saving(session, saving_id, match)))


@router.post("/{saving_id}/approve", response_model=SavingOut)
async def approve_saving(session: SessionDep, saving_id: Id, match: VerbMatchDep) -> ResourceAnswer:
    """Let it count from now on; versions before it are superseded."""
    return found(SavingOut.model_validate(await commands.approve_saving(session, saving_id, match)))


@router.post("/{saving_id}/return", response_model=SavingOut)
async def return_saving(
    session: SessionDep, saving_id: Id, match: VerbMatchDep, command: ReturnToSender
) -> ResourceAnswer:
    """Give a submitted saving back, with the reason."""
    returned = await commands.return_saving(session, saving_id, match, command.reason)
    return found(SavingOut.model_validate(returned))
