from collections.abc import Hashable, Iterable, Mapping, Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from services.metrics_svc.indicators.models import Indicator
from services.metrics_svc.indicators.queries import indicators_by_code
from services.metrics_svc.observations.models import Observation
from services.metrics_svc.observations.rules import NO_INDICATOR, breaches
from services.metrics_svc.observations.schemas import ObservationRow
from services.metrics_svc.records.rows import store_rows
from shared.imports import Importer, Job, Outcome, Row, RowError
from shared.imports.refs import keys_with


class ObservationImporter(Importer[ObservationRow]):
    """The natural key is enterprise, indicator, period and point."""

    collection, row = "observations", ObservationRow

    def key(self, values: ObservationRow) -> Hashable:
        return values.enterprise_id, values.indicator, values.period, values.point

    def keys(self, values: ObservationRow) -> Iterable[Hashable]:
        return keys_with(self.key(values), values.external_ref)

    async def store(self, session: AsyncSession, rows: Sequence[Row[ObservationRow]], job: Job) -> list[Outcome]:
        indicators = await indicators_by_code(session, [row.values.indicator for row in rows])
        faults = [faults_of(row.values, indicators) for row in rows]
        return await store_rows(session, Observation, [row.values.model_dump() for row in rows], faults, job)


def faults_of(values: ObservationRow, indicators: Mapping[str, Indicator]) -> list[RowError]:
    indicator = indicators.get(values.indicator)
    if indicator is None:
        return [RowError("indicator", "unknown_reference", NO_INDICATOR)]
    return [RowError(breach.field, breach.code, breach.detail) for breach in breaches(indicator, values)]
