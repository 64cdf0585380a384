from collections.abc import Hashable, Mapping, Sequence
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field, create_model
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.metrics_svc.read_models.models import EnterpriseView
from services.metrics_svc.surveys.commands import survey_for_answers
from services.metrics_svc.surveys.models import Scale, Survey, SurveyResponse, today
from services.metrics_svc.surveys.rules import breaches, filled
from services.metrics_svc.surveys.schemas import FivePoints, ResponseRow
from services.metrics_svc.surveys.slips import Slips, mark_of
from shared.changes import values_of
from shared.imports import Importer, Job, Outcome, Rejected, Row, RowError
from shared.references import resolve
from shared.sets import insert_all, table_of
from shared.types import Flag, Input

UNKNOWN = RowError("enterprise_id", "unknown_reference", "This names no enterprise that you may see.")
KINDS: dict[str, Any] = {Scale.YES_NO: Flag | None, Scale.FIVE_POINT: FivePoints | None}
Values = dict[str, Any]


class ResponseImporter(Importer[ResponseRow]):
    """The natural key is the slip number: the same row again is unchanged, another one of the same slip corrects it."""

    collection, row = "survey-responses", ResponseRow
    secret_columns = frozenset({"reference"})

    def __init__(self, slips: Slips) -> None:
        self._slips = slips

    def conceal(self, job: Job, cell: str) -> str:
        return self._slips.conceal(job.ids["survey_id"], cell)

    async def row_for(self, session: AsyncSession, job: Job) -> type[BaseModel]:
        return row_with_answers(await Survey.named(session, job.ids["survey_id"]))

    def key(self, values: ResponseRow) -> Hashable:
        return values.reference

    async def store(self, session: AsyncSession, rows: Sequence[Row[ResponseRow]], job: Job) -> list[Outcome]:
        survey = await survey_for_answers(session, job.ids["survey_id"])
        enterprises = await resolve(session, EnterpriseView, [row.values.enterprise_id for row in rows], job.by)
        faults = [faults_of(survey, row.values, enterprises) for row in rows]
        good = [row.values for row, found in zip(rows, faults, strict=True) if not found]
        sent = {mark_of(row.reference): columns_of(survey, row, enterprises) for row in good}
        kinds = iter(await store_responses(session, survey.id, sent))
        return [Rejected(found) if found else next(kinds) for found in faults]


def row_with_answers(survey: Survey) -> type[ResponseRow]:
    """A row whose `answers` are the survey's items; the category decides later which of them may be filled."""
    fields: dict[str, Any] = {
        f"item_{n}": (KINDS[item["scale"]], Field(None, alias=item["code"])) for n, item in enumerate(survey.items)
    }
    answers = create_model("SurveyAnswers", __base__=Input, **fields)
    return create_model("SurveyResponseRow", __base__=ResponseRow, answers=(answers, Field(default_factory=answers)))


def answers_of(row: ResponseRow) -> Values:
    """By code of the item, without the blanks."""
    sent: Values = row.model_dump(by_alias=True)["answers"]
    return filled(sent)


def faults_of(survey: Survey, row: ResponseRow, enterprises: Mapping[str, UUID]) -> list[RowError]:
    wrong = breaches(survey, row.category, answers_of(row))
    told = [RowError(f"answers.{breach.item}", breach.code, breach.detail) for breach in wrong]
    return told if row.enterprise_id in enterprises else [UNKNOWN, *told]


def columns_of(survey: Survey, row: ResponseRow, enterprises: Mapping[str, UUID]) -> Values:
    return {
        "survey_id": survey.id,
        "enterprise_id": enterprises[row.enterprise_id],
        "category": row.category,
        "sex": row.sex,
        "answers": answers_of(row),
    }


async def store_responses(session: AsyncSession, survey_id: UUID, sent: Mapping[bytes, Values]) -> list[Outcome]:
    """What became of each of `sent` (columns by slip), in their order. New ones are stored in the order of their random ids."""
    present = await known_slips(session, survey_id, list(sent))
    made = [SurveyResponse.made(slip=slip, **values) for slip, values in sent.items() if slip not in present]
    outcomes = [correct(present[slip], values) if slip in present else "created" for slip, values in sent.items()]
    made.sort(key=lambda response: response.id)
    await insert_all(session, table_of(SurveyResponse), [values_of(one) for one in made])
    await session.flush()
    return outcomes


async def known_slips(session: AsyncSession, survey_id: UUID, slips: Sequence[bytes]) -> dict[bytes, SurveyResponse]:
    slip = col(SurveyResponse.slip)
    same = select(SurveyResponse).where(col(SurveyResponse.survey_id) == survey_id, slip.in_(slips))
    return {
        response.slip: response
        for response in await session.exec(same.order_by(slip).with_for_update())
        if response.slip
    }


def correct(response: SurveyResponse, values: Values) -> Outcome:
    if response.says(values):
        return "unchanged"
    response.sqlmodel_update({**values, "version": response.version + 1, "updated_at": today()})
    return "updated"
