from typing import Annotated

from fastapi import Depends, Query, Request
from sqlmodel import col, select

from services.metrics_svc.publication.offered import is_outside
from services.metrics_svc.publication.outside import with_all_in_sight
from services.metrics_svc.surveys import commands
from services.metrics_svc.surveys.importer import ResponseImporter
from services.metrics_svc.surveys.models import Category, Survey, SurveyResponse
from services.metrics_svc.surveys.queries import survey_response, survey_results, within_days
from services.metrics_svc.surveys.schemas import (
    AnnounceSurvey,
    RecordResponse,
    ResponseOut,
    ResponseQuery,
    SurveyOut,
    SurveyQuery,
    SurveyResults,
)
from services.metrics_svc.surveys.slips import Slips
from shared.answers import JsonAnswer, PageAnswer, ResourceAnswer, created, found
from shared.contract import page_of, patch_body
from shared.imports import import_routes
from shared.pagination import PERIOD, PagesDep, matching, select_matching
from shared.routing import IfMatchDep, PatchDep, PrincipalDep, ReaderDep, Router, SessionDep
from shared.types import Id

router = Router("surveys")
import_routes(router, ResponseImporter, under="/{survey_id}/responses")


async def slips_of(request: Request) -> Slips:
    return Slips(request.app.state.settings.secret.get_secret_value())


SlipsDep = Annotated[Slips, Depends(slips_of)]


@router.post("", status_code=201, response_model=SurveyOut)
async def announce_survey(session: SessionDep, command: AnnounceSurvey) -> ResourceAnswer:
    """Announce a survey with its items."""
    return created(SurveyOut.model_validate(await commands.announce_survey(session, command)))


@router.get("", response_model=page_of(SurveyOut))
async def list_surveys(pages: PagesDep, query: Annotated[SurveyQuery, Query()]) -> PageAnswer:
    """Surveys, filtered by country, partnership, phase and day."""
    statement = select_matching(Survey, query, *PERIOD).where(*within_days(query))
    return await pages.of(statement, Survey, SurveyOut, query)


@router.get("/{survey_id}", response_model=SurveyOut)
async def get_survey(reader: ReaderDep, survey_id: Id) -> ResourceAnswer:
    """One survey."""
    return found(SurveyOut.model_validate(await Survey.read(reader, survey_id)))


@router.patch("/{survey_id}", response_model=SurveyOut, openapi_extra=patch_body(AnnounceSurvey))
async def amend_survey(session: SessionDep, survey_id: Id, match: IfMatchDep, patch: PatchDep) -> ResourceAnswer:
    """Change a survey (JSON Merge Patch); its code stays, and its items once there are responses."""
    return found(SurveyOut.model_validate(await commands.amend_survey(session, survey_id, match, patch)))


@router.get("/{survey_id}/results", response_model=SurveyResults)
async def get_survey_results(
    request: Request,
    session: SessionDep,
    principal: PrincipalDep,
    survey_id: Id,
    category: Annotated[Category | None, Query()] = None,
) -> JsonAnswer:
    """How many agreed with each item: yes, or 4 and 5; blanks count nowhere. What so few answered that it tells of persons is
    suppressed outside the programme's staff."""
    survey = await Survey.named(session, survey_id)
    if not is_outside(principal):
        return JsonAnswer(await survey_results(session, survey, category, suppress=False))
    async with with_all_in_sight(request.app.state.database) as ours:
        return JsonAnswer(await survey_results(ours, survey, category, suppress=True))


@router.post("/{survey_id}/responses", status_code=201, response_model=ResponseOut)
async def record_response(
    session: SessionDep, survey_id: Id, command: RecordResponse, slips: SlipsDep
) -> ResourceAnswer:
    """Record one anonymous interview."""
    return created(ResponseOut.model_validate(await commands.record_response(session, survey_id, command, slips)))


@router.get("/{survey_id}/responses", response_model=page_of(ResponseOut))
async def list_responses(
    session: SessionDep, pages: PagesDep, survey_id: Id, query: Annotated[ResponseQuery, Query()]
) -> PageAnswer:
    """Responses to a survey, those of one day in no order."""
    await Survey.named(session, survey_id)
    of_survey = select(SurveyResponse).where(col(SurveyResponse.survey_id) == survey_id)
    return await pages.of(of_survey.where(*matching(SurveyResponse, query)), SurveyResponse, ResponseOut, query)


@router.get("/{survey_id}/responses/{response_id}", response_model=ResponseOut)
async def get_response(session: SessionDep, survey_id: Id, response_id: Id) -> ResourceAnswer:
    """One anonymous response."""
    return found(ResponseOut.model_validate(await survey_response(session, survey_id, response_id)))
