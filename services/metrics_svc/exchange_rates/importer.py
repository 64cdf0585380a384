from collections.abc import Hashable, Iterable, Mapping, Sequence

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.metrics_svc.exchange_rates.models import ExchangeRate
from services.metrics_svc.exchange_rates.schemas import ExchangeRateRow
from services.metrics_svc.records.keys import columns_of, with_keys
from shared.changes import record_all
from shared.events.metrics import ExchangeRateAmended, ExchangeRateRecorded
from shared.imports import Importer, Job, Outcome, Row
from shared.imports.refs import TAKEN, Refs, keys_with

Key = tuple[str, str]


class ExchangeRateImporter(Importer[ExchangeRateRow]):
    """The natural key is currency and month; another rate replaces the one that is there."""

    collection, row = "exchange-rates", ExchangeRateRow

    def key(self, values: ExchangeRateRow) -> Hashable:
        return values.currency, values.month

    def keys(self, values: ExchangeRateRow) -> Iterable[Hashable]:
        return keys_with(self.key(values), values.external_ref)

    async def store(self, session: AsyncSession, rows: Sequence[Row[ExchangeRateRow]], job: Job) -> list[Outcome]:
        present = await present_rates(session, [row.values for row in rows])
        refs = await Refs.of(session, ExchangeRate, [row.values.external_ref for row in rows], job.by)
        outcomes = [outcome_of(row.values, present, refs) for row in rows]
        news = [(row.values, outcome) for row, outcome in zip(rows, outcomes, strict=True)]
        made = [ExchangeRate.made(**values.model_dump()) for values, outcome in news if outcome == "created"]
        await record_all(session, made, ExchangeRateRecorded)
        amended = [amend(present, values, refs) for values, outcome in news if outcome == "updated"]
        await record_all(session, amended, ExchangeRateAmended)
        return outcomes


async def present_rates(session: AsyncSession, rows: Sequence[ExchangeRateRow]) -> dict[Key, ExchangeRate]:
    columns = columns_of(ExchangeRate, ("currency", "month"))
    there = with_keys(select(ExchangeRate), columns, [(row.currency, row.month) for row in rows])
    found = await session.exec(there.order_by(*columns).with_for_update(of=ExchangeRate))
    return {(rate.currency, rate.month): rate for rate in found}


def outcome_of(row: ExchangeRateRow, present: Mapping[Key, ExchangeRate], refs: Refs) -> Outcome:
    rate = present.get((row.currency, row.month))
    if refs.taken(row.external_ref, rate):
        return TAKEN
    if rate is None:
        return "created"
    same = rate.per_usd == row.per_usd and not refs.changed(row.external_ref, rate)
    return "unchanged" if same else "updated"


def amend(present: Mapping[Key, ExchangeRate], row: ExchangeRateRow, refs: Refs) -> ExchangeRate:
    rate = present[(row.currency, row.month)]
    rate.per_usd = row.per_usd
    if refs.changed(row.external_ref, rate):
        rate.external_ref = row.external_ref
    return rate
