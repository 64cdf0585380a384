"""Keeping the keys under which enterprises are found, and refusing what looks like one of them."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlmodel.ext.asyncio.session import AsyncSession

from services.enterprise_svc.enterprises.models import Enterprise
from services.enterprise_svc.matching.errors import PossibleDuplicate
from services.enterprise_svc.matching.likeness.blocking import keys_of, keys_to_look_up
from services.enterprise_svc.matching.likeness.decision import possible_duplicate
from services.enterprise_svc.matching.likeness.facts import Facts, facts_of
from services.enterprise_svc.matching.models import MatchKeys
from services.enterprise_svc.matching.queries import candidate_of, candidates_for
from services.enterprise_svc.matching.schemas import Candidate

# in their order, so that two who wait for one another never meet
LOCK = text("select pg_advisory_xact_lock(key) from (select unnest(:keys) as key order by 1) as sorted").bindparams(
    bindparam("keys", type_=ARRAY(BigInteger))
)


async def refuse_duplicate(session: AsyncSession, enterprise: Enterprise) -> None:
    """409 `possible-duplicate` with the candidates that the caller may see.

    Two who register twins at the same moment come one after the other, so that the second is told of the first. An import waits
    for nobody: what comes beside it in the same moments is not found.
    """
    facts = facts_of(enterprise)
    await session.execute(LOCK, {"keys": keys_of(facts)})
    if candidates := await candidates_for(session, facts):
        raise PossibleDuplicate([candidate.model_dump(mode="json") for candidate in candidates])


async def keep_keys(session: AsyncSession, enterprises: Sequence[Enterprise]) -> None:
    """Call it when they are stored: made, or amended in what is compared."""
    if not enterprises:
        return
    rows = [{"enterprise_id": one.id, "keys": keys_of(facts_of(one))} for one in enterprises]
    kept: Any = insert(MatchKeys)
    await session.execute(
        kept.on_conflict_do_update(index_elements=["enterprise_id"], set_={"keys": kept.excluded["keys"]}), rows
    )


class Newcomers:
    """Those of one batch that are to be made: each is compared with those before it, which no table has yet."""

    def __init__(self) -> None:
        self._by_key: dict[int, list[tuple[UUID, Facts]]] = {}

    def add(self, id: UUID, facts: Facts) -> None:
        for key in keys_of(facts):
            self._by_key.setdefault(key, []).append((id, facts))

    def like(self, facts: Facts) -> Iterable[Candidate]:
        before = {id: one for key in keys_to_look_up(facts) for id, one in self._by_key.get(key, ())}
        return (candidate_of(id, found) for id, one in before.items() if (found := possible_duplicate(facts, one)))
