from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.metrics_svc.indicators.models import Indicator
from services.metrics_svc.indicators.schemas import DefineIndicator
from shared.changes import record
from shared.conditions import IfMatch
from shared.db import refuse_taken_code, refuse_taken_ref
from shared.events.metrics import IndicatorAmended, IndicatorDefined
from shared.merge_patch import Patch

WHAT_IT_IS = ("code", "unit", "direction", "aggregation")


async def define_indicator(session: AsyncSession, command: DefineIndicator) -> Indicator:
    await refuse_taken_ref(session, Indicator, command.external_ref)
    await refuse_taken_code(session, Indicator, command.code)
    indicator = Indicator(**command.model_dump())
    await record(session, indicator, IndicatorDefined)
    return indicator


async def amend_indicator(session: AsyncSession, id: UUID, match: IfMatch, patch: Patch) -> Indicator:
    indicator = await Indicator.for_change(session, id)
    match.check(indicator.version)
    command = patch.onto(DefineIndicator.model_validate(indicator), fixed=WHAT_IT_IS)
    indicator.sqlmodel_update(command.model_dump())
    await record(session, indicator, IndicatorAmended)
    return indicator
