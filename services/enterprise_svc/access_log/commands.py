from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.enterprise_svc.access_log.models import AccessReceipt
from services.enterprise_svc.consents.models import Consent
from shared.events.access import Accesses


async def keep_receipts(session: AsyncSession, accesses: Accesses) -> None:
    """A row for each enterprise that was read, in one statement, which gives nothing back: whoever read may not read these."""
    consents = await consents_by_enterprise(session, {id for one in accesses.readings for id in one.consent_ids})
    if rows := list(rows_of(accesses, consents)):
        await session.execute(insert(AccessReceipt.metadata.tables["access_receipts"]).inline(), rows)


async def consents_by_enterprise(session: AsyncSession, ids: Iterable[UUID]) -> dict[UUID, list[UUID]]:
    """The ledger knows whose each of them is."""
    found: dict[UUID, list[UUID]] = {}
    if wanted := list(ids):
        for enterprise_id, id in await session.exec(
            select(Consent.enterprise_id, Consent.id).where(col(Consent.id).in_(wanted))
        ):
            found.setdefault(enterprise_id, []).append(id)
    return found


def rows_of(accesses: Accesses, consents: dict[UUID, list[UUID]]) -> Iterator[dict[str, Any]]:
    read = accesses.model_dump(exclude={"id", "version", "readings"})
    for reading in accesses.readings:
        under = set(reading.consent_ids)
        for enterprise_id in reading.enterprise_ids:
            named = [id for id in consents.get(enterprise_id, ()) if id in under]
            yield read | {"enterprise_id": enterprise_id, "fields": reading.fields, "consent_ids": named}
