from collections.abc import Hashable, Iterable, Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from services.metrics_svc.records.rows import store_rows
from services.metrics_svc.savings.models import Saving
from services.metrics_svc.savings.schemas import SavingRow
from shared.imports import Importer, Job, Outcome, Row
from shared.imports.refs import keys_with


class SavingImporter(Importer[SavingRow]):
    """The natural key is enterprise, month, recurrence and reference."""

    collection, row = "savings", SavingRow

    def key(self, values: SavingRow) -> Hashable:
        return values.enterprise_id, values.month, values.recurrence, values.reference

    def keys(self, values: SavingRow) -> Iterable[Hashable]:
        return keys_with(self.key(values), values.external_ref)

    async def store(self, session: AsyncSession, rows: Sequence[Row[SavingRow]], job: Job) -> list[Outcome]:
        return await store_rows(session, Saving, [row.values.columns() for row in rows], [[]] * len(rows), job)
