from typing import Annotated

from fastapi import Query

from services.enterprise_svc.enterprises.models import Enterprise
from services.enterprise_svc.identifiers import queries
from services.enterprise_svc.identifiers.schemas import HeldIdentifier
from shared.answers import PageAnswer
from shared.contract import page_of
from shared.pagination import PageQuery, PagesDep
from shared.routing import Router, SessionDep
from shared.types import Id

router = Router("enterprises")


@router.get("/{enterprise_id}/identifiers", response_model=page_of(HeldIdentifier))
async def list_held_identifiers(
    session: SessionDep, pages: PagesDep, enterprise_id: Id, query: Annotated[PageQuery, Query()]
) -> PageAnswer:
    """Which identifiers an enterprise has and had, from when to when. One passes from an enterprise that is closed or has
    withdrawn to the living one that is registered with it."""
    await Enterprise.named(session, enterprise_id)
    return await pages.by_number(queries.identifiers_of(enterprise_id), queries.NUMBER, HeldIdentifier, query)
