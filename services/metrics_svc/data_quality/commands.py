from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.metrics_svc.data_quality.models import Collision, Finding, FindingKind
from shared.changes import changed_among, record, record_all
from shared.conditions import IfMatch


async def keep_collisions(
    session: AsyncSession, collection: Any, enterprise_ids: Collection[UUID], found: Sequence[Collision]
) -> None:
    """`found` are all there are of these enterprises: others found before are mended."""
    known = select(Finding).where(Finding.kind == FindingKind.COLLISION, col(Finding.collection) == str(collection))
    ours = known.where(col(Finding.enterprise_id).in_(enterprise_ids)).with_for_update()
    there = {(one.enterprise_id, one.subject): one for one in await session.exec(ours)}
    new: list[Finding] = []
    changed: list[Finding] = []
    for one in found:
        if known_one := there.pop((one.enterprise_id, one.subject), None):
            known_one.tell(one)
            changed.append(known_one)
        else:
            new.append(Finding.of(collection, one))
    for gone in there.values():
        gone.be_over()
    session.add_all(new)
    await record_all(session, [*new, *changed_among([*changed, *there.values()])], None)


async def places_of(session: AsyncSession, collection: str, record_id: UUID) -> set[UUID]:
    """The enterprises of whose findings it is a part."""
    named = or_(col(Finding.record_id) == record_id, col(Finding.other_ids).contains([record_id]))
    findings = select(Finding.enterprise_id).where(col(Finding.collection) == collection, named)
    return set(await session.exec(findings))


async def accept_finding(session: AsyncSession, id: UUID, match: IfMatch) -> Finding:
    finding = await Finding.for_change(session, id)
    match.check(finding.version)
    finding.accept()
    await record(session, finding, None)
    return finding


async def mend_finding(session: AsyncSession, id: UUID, match: IfMatch) -> Finding:
    finding = await Finding.for_change(session, id)
    match.check(finding.version)
    finding.mend()
    await record(session, finding, None)
    return finding
