from fractions import Fraction
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, text
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from services.metrics_svc.surveys.models import Category, Survey, SurveyResponse
from services.metrics_svc.surveys.schemas import ExactShare, ItemResult, SurveyQuery, SurveyResults
from shared import errors

# agreeing is yes, or 4 and 5; the answers kept have no blanks
COUNT_ANSWERS = text(
    """
    select answer.key, count(*) as answered, count(*) filter (where answer.value in ('true', '4', '5')) as agree
    from survey_responses, jsonb_each_text(answers) as answer
    where survey_id = :survey_id and (cast(:category as text) is null or category = :category)
    group by answer.key
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


async def survey_results(session: AsyncSession, survey_id: UUID, category: Category | None) -> SurveyResults:
    survey = await Survey.named(session, survey_id)
    counted = await session.execute(COUNT_ANSWERS, {"survey_id": survey_id, "category": category})
    counts = {code: (answered, agree) for code, answered, agree in counted}
    items = [result_of(item, *counts.get(item["code"], (0, 0))) for item in survey.items]
    return SurveyResults(survey_id=survey_id, category=category, items=items)


def result_of(item: dict[str, Any], answered: int, agree: int) -> ItemResult:
    share = Fraction(agree, answered) if answered else None
    return ItemResult(
        code=item["code"],
        text=item["text"],
        answered=answered,
        agree=agree,
        share=per_cent(share),
        exact=ExactShare(share=None if share is None else f"{share.numerator}/{share.denominator}"),
        suppressed=False,
    )


def per_cent(share: Fraction | None) -> int | None:
    """Half up."""
    return None if share is None else (200 * share.numerator + share.denominator) // (2 * share.denominator)
