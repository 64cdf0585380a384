from typing import Annotated

from fastapi import Query

from services.enterprise_svc.access_log import queries
from services.enterprise_svc.access_log.schemas import AccessOut
from services.enterprise_svc.enterprises.models import Enterprise
from shared.answers import PageAnswer
from shared.contract import page_of
from shared.pagination import PageQuery, PagesDep
from shared.routing import Router, SessionDep
from shared.types import Id

router = Router("enterprises")


@router.get("/{enterprise_id}/access-log", response_model=page_of(AccessOut))
async def list_accesses(
    session: SessionDep, pages: PagesDep, enterprise_id: Id, query: Annotated[PageQuery, Query()]
) -> PageAnswer:
    """Who outside the programme's staff read this enterprise's data, which fields, under which consent, when."""
    await Enterprise.named(session, enterprise_id)
    return await pages.by_number(queries.readings_of(enterprise_id), queries.NUMBER, AccessOut, query)
