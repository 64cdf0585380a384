from collections.abc import Hashable, Mapping, Sequence

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.metrics_svc.exchange_rates.models import ExchangeRate
from services.metrics_svc.exchange_rates.schemas import ExchangeRateRow
from services.metrics_svc.records.keys import columns_of, with_keys
from shared.changes import record_all
from shared.events.metrics import ExchangeRateAmended, ExchangeRateRecorded
from shared.imports import Importer, Job, Outcome, Row

Key = tuple[str, str]


class ExchangeRateImporter(Importer[ExchangeRateRow]):
    """The natural key is currency and month; another rate replaces the one that is there."""

    collection, row = "exchange-rates", ExchangeRateRow

    def key(self, values: ExchangeRateRow) -> Hashable:
        return values.currency, values.month

    async def store(self, session: AsyncSession, rows: Sequence[Row[ExchangeRateRow]], job: Job) -> list[Outcome]:
        present = await present_rates(session, [row.values for row in rows])
        outcomes = [outcome_of(row.values, present) for row in rows]
        news = [(row.values, outcome) for row, outcome in zip(rows, outcomes, strict=True) if outcome != "unchanged"]
        made = [ExchangeRate.made(**values.model_dump()) for values, outcome in news if outcome == "created"]
        await record_all(session, made, ExchangeRateRecorded)
        amended = [amend(present, values) for values, outcome in news if outcome == "updated"]
        await record_all(session, amended, ExchangeRateAmended)
        return outcomes


async def present_rates(session: AsyncSession, rows: Sequence[ExchangeRateRow]) -> dict[Key, ExchangeRate]:
    columns = columns_of(ExchangeRate, ("currency", "month"))
    there = with_keys(select(ExchangeRate), columns, [(row.currency, row.month) for row in rows])
    found = await session.exec(there.order_by(*columns).with_for_update(of=ExchangeRate))
    return {(rate.currency, rate.month): rate for rate in found}


def outcome_of(row: ExchangeRateRow, present: Mapping[Key, ExchangeRate]) -> Outcome:
    rate = present.get((row.currency, row.month))
    if rate is None:
        return "created"
    return "unchanged" if rate.per_usd == row.per_usd else "updated"


def amend(present: Mapping[Key, ExchangeRate], row: ExchangeRateRow) -> ExchangeRate:
    rate = present[(row.currency, row.month)]
    rate.per_usd = row.per_usd
    return rate
