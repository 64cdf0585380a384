from typing import Annotated

from fastapi import Query

from services.metrics_svc.indicators import commands
from services.metrics_svc.indicators.models import Indicator
from services.metrics_svc.indicators.schemas import DefineIndicator, IndicatorOut, IndicatorQuery
from shared.answers import PageAnswer, ResourceAnswer, created, found
from shared.contract import page_of, patch_body
from shared.pagination import PagesDep, select_matching
from shared.routing import IfMatchDep, PatchDep, ReaderDep, Router, SessionDep
from shared.types import Id

router = Router("indicators")


@router.post("", status_code=201, response_model=IndicatorOut)
async def define_indicator(session: SessionDep, command: DefineIndicator) -> ResourceAnswer:
    """Define an indicator beside those of the catalogue."""
    return created(IndicatorOut.model_validate(await commands.define_indicator(session, command)))


@router.get("", response_model=page_of(IndicatorOut))
async def list_indicators(pages: PagesDep, query: Annotated[IndicatorQuery, Query()]) -> PageAnswer:
    """Indicators: the programme's catalogue and those defined since."""
    return await pages.of(select_matching(Indicator, query), Indicator, IndicatorOut, query)


@router.get("/{indicator_id}", response_model=IndicatorOut)
async def get_indicator(reader: ReaderDep, indicator_id: Id) -> ResourceAnswer:
    """One indicator."""
    return found(IndicatorOut.model_validate(await Indicator.read(reader, indicator_id)))


@router.patch("/{indicator_id}", response_model=IndicatorOut, openapi_extra=patch_body(DefineIndicator))
async def amend_indicator(session: SessionDep, indicator_id: Id, match: IfMatchDep, patch: PatchDep) -> ResourceAnswer:
    """Rename an indicator (JSON Merge Patch); its other fields say what it is and stay."""
    return found(IndicatorOut.model_validate(await commands.amend_indicator(session, indicator_id, match, patch)))
