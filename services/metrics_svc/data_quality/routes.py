from typing import Annotated

from fastapi import Query

from services.metrics_svc.data_quality import commands
from services.metrics_svc.data_quality.models import Finding
from services.metrics_svc.data_quality.schemas import FindingOut, FindingQuery
from shared.answers import PageAnswer, ResourceAnswer, found
from shared.contract import page_of
from shared.pagination import PagesDep, select_matching
from shared.routing import ReaderDep, Router, SessionDep, VerbMatchDep
from shared.types import Id

router = Router("data-quality")


@router.get("", response_model=page_of(FindingOut))
async def list_findings(pages: PagesDep, query: Annotated[FindingQuery, Query()]) -> PageAnswer:
    """What somebody should look at: records of merged enterprises that had the same key, of which one counts."""
    return await pages.of(select_matching(Finding, query), Finding, FindingOut, query)


@router.get("/{finding_id}", response_model=FindingOut)
async def get_finding(reader: ReaderDep, finding_id: Id) -> ResourceAnswer:
    """One finding."""
    return found(FindingOut.model_validate(await Finding.read(reader, finding_id)))


@router.post("/{finding_id}/accept", response_model=FindingOut)
async def accept_finding(session: SessionDep, finding_id: Id, match: VerbMatchDep) -> ResourceAnswer:
    """It is as it should be."""
    return found(FindingOut.model_validate(await commands.accept_finding(session, finding_id, match)))


@router.post("/{finding_id}/mend", response_model=FindingOut)
async def mend_finding(session: SessionDep, finding_id: Id, match: VerbMatchDep) -> ResourceAnswer:
    """It has been put right. A collision that is gone, because the merger was undone, is mended by itself."""
    return found(FindingOut.model_validate(await commands.mend_finding(session, finding_id, match)))
