from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.metrics_svc.exchange_rates.models import ExchangeRate
from services.metrics_svc.exchange_rates.schemas import RecordExchangeRate
from shared import errors
from shared.changes import record
from shared.conditions import IfMatch
from shared.db import refuse_taken_ref
from shared.events.metrics import ExchangeRateAmended, ExchangeRateRecorded
from shared.merge_patch import Patch


async def record_exchange_rate(session: AsyncSession, command: RecordExchangeRate) -> ExchangeRate:
    await refuse_taken_ref(session, ExchangeRate, command.external_ref)
    await refuse_taken_month(session, command)
    rate = ExchangeRate(**command.model_dump())
    await record(session, rate, ExchangeRateRecorded)
    return rate


async def amend_exchange_rate(session: AsyncSession, id: UUID, match: IfMatch, patch: Patch) -> ExchangeRate:
    rate = await ExchangeRate.for_change(session, id)
    match.check(rate.version)
    command = patch.onto(RecordExchangeRate.model_validate(rate), fixed=("currency", "month"))
    rate.sqlmodel_update(command.model_dump())
    await record(session, rate, ExchangeRateAmended)
    return rate


async def refuse_taken_month(session: AsyncSession, command: RecordExchangeRate) -> None:
    same = (col(ExchangeRate.currency) == command.currency, col(ExchangeRate.month) == command.month)
    if there := (await session.exec(select(ExchangeRate.id).where(*same))).first():
        place = errors.pointer("taken", "There is a rate for this currency and month; amend it.", "month")
        raise errors.AlreadyExists(str(there), errors=[place])
