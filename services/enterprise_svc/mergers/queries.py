"""What was recorded since a merger."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_
from sqlalchemy.ext.asyncio import AsyncSession as AnySession
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.enterprise_svc.consents.models import Consent
from services.enterprise_svc.enterprises.models import Enterprise
from services.enterprise_svc.fees.models import Fee
from services.enterprise_svc.mergers.models import LaterFact, MergedEnterprise
from services.enterprise_svc.nominations.models import Nomination
from services.enterprise_svc.read_models.training import CycleView
from services.enterprise_svc.supply_links.models import SupplyLink
from shared.successors import Placing, recorded_under
from shared.views import Row

OWN: dict[str, Any] = {"supply_link": SupplyLink, "nomination": Nomination, "consent": Consent, "fee": Fee}


def of_survivors(kind: str) -> Placing:
    """Of what another service tells, what was recorded under an id that others are read as."""

    async def chosen(session: AnySession, rows: Sequence[Row]) -> list[Row]:
        own = [row for row in rows if row["recorded_under"] is None]
        survivors = await survivors_among(session, {row["enterprise_id"] for row in own})
        return [{**row, "kind": kind} for row in own if row["enterprise_id"] in survivors]

    return chosen


async def survivors_among(session: AnySession, ids: set[UUID]) -> set[UUID]:
    into = col(MergedEnterprise.merged_into)
    return set((await session.execute(select(into).where(into.in_(ids)).distinct())).scalars()) if ids else set()  # type: ignore[arg-type]


async def above(session: AsyncSession, merged: Enterprise) -> AsyncIterator[tuple[UUID, datetime]]:
    """What it was merged into, and that into, each with the instant since which it has been read as that."""
    one, since = merged, merged.merged_at
    while one.merged_into is not None and since is not None:
        yield one.merged_into, since
        parent = await session.get(Enterprise, one.merged_into)
        assert parent is not None, "a merged enterprise names its survivor by a foreign key"
        one, since = parent, max(since, parent.merged_at or since)


async def later_facts(session: AsyncSession, merged: Enterprise) -> dict[str, int]:
    """How many of each kind were recorded for what it is read as, since it is."""
    found: dict[str, int] = {}
    async for id, since in above(session, merged):
        for kind, number in [*await told_by_others(session, id, since), *await own_since(session, id, since)]:
            if number:
                found[kind] = found.get(kind, 0) + number
    return found


async def told_by_others(session: AsyncSession, id: UUID, since: datetime) -> list[tuple[str, int]]:
    """Ids are made when something is recorded, and tell when that was."""
    facts = select(LaterFact.kind, func.count()).where(LaterFact.enterprise_id == id, made_since(LaterFact.id, since))
    cycles = select(func.count()).where(naming(id), made_since(CycleView.id, since))
    counted = [(kind, number) for kind, number in await session.exec(facts.group_by(col(LaterFact.kind)))]
    return [*counted, ("cycle", (await session.exec(cycles)).one())]


def made_since(id: Any, instant: datetime) -> ColumnElement[bool]:
    return func.uuid_extract_timestamp(id) > instant


def naming(id: UUID) -> ColumnElement[bool]:
    columns: Any = CycleView
    recorded = columns.recorded_ids.contains([id])
    return or_(recorded, columns.recorded_ids.is_(None) & columns.enterprise_ids.contains([id]))


async def own_since(session: AsyncSession, id: UUID, since: datetime) -> list[tuple[str, int]]:
    counts = []
    for kind, model in OWN.items():
        later = select(func.count()).where(recorded_under(model, [id]), model.created_at > since)
        counts.append((kind, (await session.exec(later)).one()))
    return counts
