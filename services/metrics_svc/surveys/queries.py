from fractions import Fraction
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, text
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from services.metrics_svc.suppression.respondents import DEFAULT_THRESHOLD
from services.metrics_svc.surveys.editions import (
    Counts,
    all_counts,
    answers_of,
    counts_told,
    is_told,
    of_category,
)
from services.metrics_svc.surveys.models import Category, Survey, SurveyResponse
from services.metrics_svc.surveys.schemas import ExactShare, ItemResult, SurveyQuery, SurveyResults
from shared import errors

SILENCE: dict[str, None] = {"answered": None, "agree": None, "share": None}


THRESHOLD = text(
    """
    select max(coalesce(small_cell_threshold, :default))
    from survey_responses join enterprise_views on enterprise_views.id = enterprise_id
    left join country_policy_views using (country)
    where survey_id = :survey_id
    """
)


def within_days(query: SurveyQuery) -> list[ColumnElement[bool]]:
    day = col(Survey.conducted_on)
    low = [day >= query.from_] if query.from_ else []
    return [*low, *([day <= query.to] if query.to else [])]


async def survey_response(session: AsyncSession, survey_id: UUID, id: UUID) -> SurveyResponse:
    response = await SurveyResponse.named(session, id)
    if response.survey_id != survey_id:
        raise errors.NotFound()
    return response


async def survey_results(
    session: AsyncSession, survey: Survey, category: Category | None, *, suppress: bool
) -> SurveyResults:
    """`suppress`: for whoever is no staff of the programme."""
    enough = await threshold(session, survey) if suppress else 0
    if suppress:
        counts = await counts_told(session, survey, category, enough)
    else:
        counts = all_counts(await answers_of(session, survey))
    items = [result_of(item, counts.get(item["code"], {}), category, enough) for item in survey.items]
    return SurveyResults(survey_id=survey.id, category=category, items=items)


async def threshold(session: AsyncSession, survey: Survey) -> int:
    """The highest of the countries the answers come from."""
    found = await session.execute(THRESHOLD, {"survey_id": survey.id, "default": DEFAULT_THRESHOLD})
    return found.scalar() or DEFAULT_THRESHOLD


def result_of(item: dict[str, Any], answers: Counts, category: Category | None, enough: int) -> ItemResult:
    code, question = item["code"], item["text"]
    if not is_told(answers, category, enough):
        return ItemResult(code=code, text=question, suppressed=True, exact=ExactShare(share=None), **SILENCE)
    told = of_category(answers, category)
    share = Fraction(told.agree, told.answered) if told.answered else None
    return ItemResult(
        code=code,
        text=question,
        answered=told.answered,
        agree=told.agree,
        share=per_cent(share),
        exact=ExactShare(share=None if share is None else f"{share.numerator}/{share.denominator}"),
        suppressed=False,
    )


def per_cent(share: Fraction | None) -> int | None:
    """Half up."""
    return None if share is None else (200 * share.numerator + share.denominator) // (2 * share.denominator)
