from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.metrics_svc.indicators.queries import indicators_by_code
from services.metrics_svc.observations.errors import ComputedIndicator, UnitUnknown
from services.metrics_svc.observations.models import Observation
from services.metrics_svc.observations.queries import observations_in
from services.metrics_svc.observations.rules import COMPUTED, NO_INDICATOR, UNIT_UNKNOWN, breaches
from services.metrics_svc.observations.schemas import AmendObservation, ApproveObservations, RecordObservation
from services.metrics_svc.read_models.models import EnterpriseView
from services.metrics_svc.records.approval import Approval, approve_matching, approve_named
from services.metrics_svc.records.versions import Stored, amend, move, store
from shared import errors
from shared.conditions import IfMatch
from shared.db import refuse_unknown
from shared.merge_patch import Patch


async def record_observation(session: AsyncSession, command: RecordObservation) -> Stored:
    await refuse_unknown(session, EnterpriseView, command.enterprise_id, "enterprise_id")
    await refuse_breaches(session, command)
    return await store(session, Observation, command.model_dump())


async def amend_observation(session: AsyncSession, id: UUID, match: IfMatch, patch: Patch) -> Observation:
    observation = await Observation.for_change(session, id)
    match.check(observation.version)
    observation.demand_amendable()
    command = patch.onto(AmendObservation.model_validate(observation), fixed=Observation.KEY)
    await refuse_breaches(session, command)
    await amend(session, observation, command.model_dump())
    return observation


async def submit_observation(session: AsyncSession, id: UUID, match: IfMatch) -> Observation:
    return await move(session, Observation, id, "submit", match)


async def approve_observation(session: AsyncSession, id: UUID, match: IfMatch) -> Observation:
    return await move(session, Observation, id, "approve", match)


async def return_observation(session: AsyncSession, id: UUID, match: IfMatch, reason: str) -> Observation:
    return await move(session, Observation, id, "return", match, reason)


async def approve_observations(session: AsyncSession, command: ApproveObservations) -> Approval:
    if command.filter is None:
        return await approve_named(session, Observation, command.ids or [])
    return await approve_matching(session, Observation, observations_in(command.filter))


async def refuse_breaches(session: AsyncSession, content: AmendObservation | RecordObservation) -> None:
    indicator = (await indicators_by_code(session, [content.indicator])).get(content.indicator)
    if indicator is None:
        raise errors.UnknownReference(errors=[errors.pointer("unknown_reference", NO_INDICATOR, "indicator")])
    if found := breaches(indicator, content):
        places = [errors.pointer(breach.code, breach.detail, breach.field) for breach in found]
        problems = {COMPUTED: ComputedIndicator, UNIT_UNKNOWN: UnitUnknown}
        raise problems.get(found[0].code, errors.ValidationFailed)(errors=places)
