from collections.abc import Collection, Sequence
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.enterprise_svc.enterprises import claims
from services.enterprise_svc.enterprises.models import Enterprise
from services.enterprise_svc.mergers.errors import FactsNotToldApart, IdentifiersTaken, OtherCountry
from services.enterprise_svc.mergers.models import MergedEnterprise
from services.enterprise_svc.mergers.moving import move_records
from services.enterprise_svc.mergers.queries import above, later_facts
from services.enterprise_svc.mergers.schemas import MergeEnterprise, UnmergeEnterprise
from shared.changes import record_each
from shared.conditions import IfMatch
from shared.db import OUTSIDE, refuse_unknown, unfenced
from shared.errors import Forbidden, NotFound, ValidationFailed, WrongState, pointer
from shared.events.enterprise import EnterpriseAmended, EnterpriseMerged, EnterpriseUnmerged
from shared.successors import learn

# --- merge -----------------------------------------------------------------------------------------------------


async def merge_enterprise(session: AsyncSession, id: UUID, match: IfMatch, command: MergeEnterprise) -> Enterprise:
    """The one that goes on. Both must lie where the caller may change things."""
    await Enterprise.named(session, id)
    await refuse_unknown(session, Enterprise, command.into, "into")
    if command.into == id:
        raise ValidationFailed(errors=[pointer("itself", "It can't be merged into itself.", "into")])
    both = {one: await Enterprise.for_change(session, one) for one in sorted((id, command.into))}
    merged, survivor = both[id], both[command.into]
    match.check(merged.version)
    if merged.country != survivor.country:
        raise OtherCountry()
    survivor.take_over(merged)
    merged.merge_into(survivor)
    await hand_over(session, merged, survivor)
    await record_each(session, [(merged, EnterpriseMerged), (survivor, EnterpriseAmended)])
    await move_records(session, await learn(session, MergedEnterprise, merged))
    return survivor


async def hand_over(session: AsyncSession, giver: Enterprise, taker: Enterprise) -> None:
    """Identifiers of schemes that the survivor has, too, stay with the merged one: they are read as the survivor's."""
    numbers = (giver.taken_over or {})["identifiers"]
    await claims.release(session, [(giver.id, number) for number in numbers])
    await claims.claim(session, [(taker.id, number) for number in numbers])


# --- unmerge ---------------------------------------------------------------------------------------------------


async def unmerge_enterprise(session: AsyncSession, id: UUID, match: IfMatch, command: UnmergeEnterprise) -> Enterprise:
    """The one that was merged, as it was. `id` is its own, or that of the one that went on."""
    merged = await merged_one(session, id, command.merged_id)
    survivors = await locked(session, [one async for one, _ in above(session, merged)])
    match.check((merged if merged.id == id else survivors[-1]).version)
    if later := await later_facts(session, merged):
        raise FactsNotToldApart(later)
    family = {merged.id, *merged.merged_from}
    await take_back(session, merged, survivors)
    for survivor in survivors:
        survivor.disown(family)
    merged.stand_alone()
    amended = [(survivor, EnterpriseAmended) for survivor in survivors]
    await record_each(session, [(merged, EnterpriseUnmerged), *amended])
    await move_records(session, await learn(session, MergedEnterprise, merged))
    return merged


async def merged_one(session: AsyncSession, id: UUID, merged_id: UUID | None) -> Enterprise:
    """Locked; 404 where the caller may not see what the address names, 403 where it may not change it."""
    named = await session.get(Enterprise, id)
    if named is None:
        raise NotFound()
    if named.merged_into is not None:
        return (await locked(session, [id]))[0]
    if not named.merged_from:
        raise WrongState(named.state, named.allowed_actions)
    wanted = merged_id or (named.merged_from[0] if len(named.merged_from) == 1 else None)
    if wanted not in named.merged_from:
        told = ", ".join(map(str, named.merged_from))
        raise ValidationFailed(
            errors=[pointer("not_one_of", f"Say which of those merged into it: {told}.", "merged_id")]
        )
    return (await locked(session, [wanted]))[0]


async def locked(session: AsyncSession, ids: Sequence[UUID]) -> list[Enterprise]:
    """In the order of `ids`, locked in that of all ids."""
    wanted = select(Enterprise).where(col(Enterprise.id).in_(ids)).order_by(col(Enterprise.id)).with_for_update()
    found = {one.id: one for one in await session.exec(wanted.execution_options(populate_existing=True))}
    if found.keys() != set(ids):
        raise Forbidden(OUTSIDE)
    return [found[id] for id in ids]


async def take_back(session: AsyncSession, merged: Enterprise, survivors: Sequence[Enterprise]) -> None:
    """Its identifiers: from the one it was merged into or from those that took them over from that."""
    numbers: Collection[str] = (merged.taken_over or {})["identifiers"]
    async with unfenced(session):
        holders = await claims.holders_of(session, numbers)
    known = {one.id for one in survivors}
    if any(holder not in known for holder in holders.values()):
        raise IdentifiersTaken()
    survivors[0].give_back(merged)
    for survivor in survivors:
        survivor.forget_identifiers(numbers)
    await claims.release(session, [(holder, number) for number, holder in holders.items()])
    await claims.claim(session, [(merged.id, number) for number in numbers])
