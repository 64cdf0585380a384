from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.metrics_svc.read_models.models import EnterpriseView, PartnershipView, PhaseView
from services.metrics_svc.surveys.errors import SurveyAnswered
from services.metrics_svc.surveys.models import Survey, SurveyResponse
from services.metrics_svc.surveys.rules import breaches, filled
from services.metrics_svc.surveys.schemas import AnnounceSurvey, RecordResponse
from services.metrics_svc.surveys.slips import Slips
from shared import errors
from shared.changes import record
from shared.conditions import IfMatch
from shared.db import refuse_taken_code, refuse_taken_ref, refuse_unknown
from shared.events.metrics import SurveyAmended, SurveyAnnounced
from shared.merge_patch import Patch


async def announce_survey(session: AsyncSession, command: AnnounceSurvey) -> Survey:
    await refuse_taken_ref(session, Survey, command.external_ref)
    await refuse_taken_code(session, Survey, command.code)
    await refuse_unknown_scope(session, command)
    survey = Survey(**stored(command))
    await record(session, survey, SurveyAnnounced)
    return survey


async def amend_survey(session: AsyncSession, id: UUID, match: IfMatch, patch: Patch) -> Survey:
    survey = await Survey.for_change(session, id)
    match.check(survey.version)
    command = patch.onto(AnnounceSurvey.model_validate(survey), fixed=("code",))
    await refuse_unknown_scope(session, command)
    changes = stored(command)
    if changes["items"] != survey.items and await is_answered(session, survey):
        raise SurveyAnswered(errors=[errors.pointer("read_only", "This stays as it is.", "items")])
    survey.sqlmodel_update(changes)
    await record(session, survey, SurveyAmended)
    return survey


async def record_response(
    session: AsyncSession, survey_id: UUID, command: RecordResponse, slips: Slips
) -> SurveyResponse:
    """No history, no event: nothing tells who or which came when."""
    survey = await survey_for_answers(session, survey_id)
    await refuse_unknown(session, EnterpriseView, command.enterprise_id, "enterprise_id")
    refuse_wrong_answers(survey, command)
    slip = slips.mark(survey_id, command.reference) if command.reference else None
    await refuse_known_slip(session, survey_id, slip)
    values = command.model_dump(exclude={"reference"}) | {"answers": filled(command.answers)}
    response = SurveyResponse(survey_id=survey_id, slip=slip, **values)
    session.add(response)
    await session.flush()
    return response


async def survey_for_answers(session: AsyncSession, id: UUID) -> Survey:
    """The survey, its items held as they are until the transaction ends."""
    found = (await session.exec(select(Survey).where(Survey.id == id).with_for_update(read=True))).first()
    if found is None:
        raise errors.NotFound()
    return found


async def refuse_unknown_scope(session: AsyncSession, command: AnnounceSurvey) -> None:
    await refuse_unknown(session, PartnershipView, command.partnership_id, "partnership_id")
    await refuse_unknown(session, PhaseView, command.phase_id, "phase_id")


async def is_answered(session: AsyncSession, survey: Survey) -> bool:
    some = select(SurveyResponse.id).where(col(SurveyResponse.survey_id) == survey.id).limit(1)
    return (await session.exec(some)).first() is not None


def refuse_wrong_answers(survey: Survey, command: RecordResponse) -> None:
    found = breaches(survey, command.category, command.answers)
    if places := [errors.pointer(breach.code, breach.detail, "answers", breach.item) for breach in found]:
        raise errors.ValidationFailed(errors=places)


async def refuse_known_slip(session: AsyncSession, survey_id: UUID, slip: bytes | None) -> None:
    """The refusal leads to all responses: to name the one would tell whoever holds the slip what was answered on it."""
    same = select(SurveyResponse.id).where(col(SurveyResponse.survey_id) == survey_id, col(SurveyResponse.slip) == slip)
    if slip and (await session.exec(same)).first():
        place = errors.pointer("taken", "This slip was recorded before.", "reference")
        raise errors.AlreadyExists(f"/v1/surveys/{survey_id}/responses", errors=[place])


def stored(command: AnnounceSurvey) -> dict[str, Any]:
    """The command as columns: the items are JSON."""
    return command.model_dump() | {"items": [item.model_dump(mode="json") for item in command.items]}
