"""Who may be the same: looked up by blocking keys and identifiers, compared by `likeness`, as far as the caller may see."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Integer, bindparam, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.enterprise_svc.enterprises.models import DEAD, Enterprise, IdentifierClaim
from services.enterprise_svc.matching.likeness.blocking import Sought
from services.enterprise_svc.matching.likeness.decision import Likeness, possible_duplicate
from services.enterprise_svc.matching.likeness.facts import Facts, facts_of
from services.enterprise_svc.matching.schemas import Candidate
from services.enterprise_svc.mergers.models import MergedEnterprise
from shared.sets import among
from shared.successors import successors_of

MOST_COMPARED = 200  # those with the most keys in common
MOST_TOLD = 20
ANEW, AS_USUAL = "force_custom_plan", "auto"
# for each of several at once, whoever shares a key with it; at its end it says how what follows is to be planned
SHARING = text(
    """
    select n, enterprise_id from (
        select wanted.n, match_keys.enterprise_id,
               row_number() over (partition by wanted.n order by count(*) desc, match_keys.enterprise_id desc) as place
        from unnest(:numbers, :keys) as wanted (n, key)
        join match_keys on match_keys.keys @> array[wanted.key]
        group by wanted.n, match_keys.enterprise_id
    ) as found
    where place <= :most
    union all
    select null, null from (select set_config('plan_cache_mode', :planned, true) as mode offset 0) as told where mode is null
    """
).bindparams(bindparam("numbers", type_=ARRAY(Integer)), bindparam("keys", type_=ARRAY(BigInteger)))


async def candidates_for(session: AsyncSession, sought: Sought) -> list[Candidate]:
    return (await candidates_for_each(session, [sought]))[0]


async def candidates_for_each(session: AsyncSession, newcomers: Sequence[Sought]) -> list[list[Candidate]]:
    """For each of them, the surest first. Three statements, however many there are."""
    sharing = await sharing_a_key(session, newcomers)
    holding = await holding_an_identifier(session, [one.facts for one in newcomers])
    known = await living(session, {id for ids in [*sharing, *holding] for id in ids})
    homes = await successors_of(session, MergedEnterprise, known)
    return [
        candidates_among({id: known[id] for id in {*by_key, *by_identifier} if id in known}, one.facts, homes)
        for one, by_key, by_identifier in zip(newcomers, sharing, holding, strict=True)
    ]


def candidates_among(known: Mapping[UUID, Facts], facts: Facts, homes: Mapping[UUID, UUID]) -> list[Candidate]:
    """One that was merged is told as what it is read as, by whichever of the two is more like."""
    found = [
        candidate_of(homes.get(id, id), likeness)
        for id, one in known.items()
        if (likeness := possible_duplicate(facts, one))
    ]
    surest = {one.enterprise_id: one for one in sorted(found, key=lambda candidate: candidate.score)}
    return sorted(surest.values(), key=lambda candidate: (-candidate.score, str(candidate.enterprise_id)))[:MOST_TOLD]


def candidate_of(id: UUID, likeness: Likeness) -> Candidate:
    reasons = [{"code": reason.code, "detail": reason.detail} for reason in likeness.reasons]
    return Candidate.model_validate({"enterprise_id": id, "score": likeness.score, "reasons": reasons})


async def sharing_a_key(session: AsyncSession, newcomers: Sequence[Sought]) -> list[set[UUID]]:
    pairs = [(n, key) for n, one in enumerate(newcomers) for key in one.keys_around]
    found: list[set[UUID]] = [set() for _ in newcomers]
    if pairs:
        numbers, keys = zip(*pairs, strict=True)
        # planned anew each time: while a file fills the table, a plan made for a small one would be kept. What is written of one
        # newcomer is not: with all the fences around it, to plan it takes longer than to do it
        await session.execute(select(func.set_config("plan_cache_mode", ANEW, True)))
        planned = ANEW if len(newcomers) > 1 else AS_USUAL
        given: dict[str, Any] = {"numbers": numbers, "keys": keys, "most": MOST_COMPARED, "planned": planned}
        for n, id in await session.execute(SHARING, given):
            found[n].add(id)
    return found


async def holding_an_identifier(session: AsyncSession, newcomers: Sequence[Facts]) -> list[set[UUID]]:
    wanted = [{f"{scheme}:{value}" for scheme, value in facts.identifiers.items()} for facts in newcomers]
    everything = sorted(set().union(*wanted))
    if not everything:
        return [set() for _ in newcomers]
    held = select(IdentifierClaim.identifier, IdentifierClaim.enterprise_id).where(
        among(col(IdentifierClaim.identifier), everything), col(IdentifierClaim.until).is_(None)
    )
    holders = dict((await session.exec(held)).all())
    return [{holders[one] for one in identifiers if one in holders} for identifiers in wanted]


async def living(session: AsyncSession, ids: set[UUID]) -> dict[UUID, Facts]:
    """What is known of those of them that live and that the caller sees."""
    if not ids:
        return {}
    columns: Any = (
        Enterprise.id,
        Enterprise.legal_name,
        Enterprise.local_name,
        Enterprise.trade_names,
        Enterprise.country,
        Enterprise.subdivision,
        Enterprise.address,
        Enterprise.location,
        Enterprise.identifiers,
    )
    alive = select(*columns).where(among(col(Enterprise.id), ids), col(Enterprise.state).not_in(DEAD))
    return {row.id: facts_of(row) for row in await session.exec(alive)}
