"""Keeping the keys under which enterprises are found, and refusing what looks like one of them."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from sqlalchemy import BigInteger, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel.ext.asyncio.session import AsyncSession

from services.enterprise_svc.matching.errors import PossibleDuplicate
from services.enterprise_svc.matching.likeness.blocking import Sought
from services.enterprise_svc.matching.likeness.decision import possible_duplicate
from services.enterprise_svc.matching.likeness.facts import Facts
from services.enterprise_svc.matching.models import MatchKeys
from services.enterprise_svc.matching.queries import candidate_of, candidates_for
from services.enterprise_svc.matching.schemas import Candidate
from shared.sets import table_of
from shared.writing import Rows

KEPT = ("keys", "keys_around")
# beside others of its kind; then the keys in their order, so that two who wait for one another never meet
LOCK = text(
    """
    select pg_advisory_xact_lock_shared(hashtext('score newcomers'))
    union all
    select pg_advisory_xact_lock(key) from (select unnest(:keys) as key order by 1) as sorted
    """
).bindparams(bindparam("keys", type_=ARRAY(BigInteger)))


async def refuse_duplicate(session: AsyncSession, sought: Sought) -> None:
    """409 `possible-duplicate` with the candidates that the caller may see.

    Two who register twins at the same moment come one after the other, so that the second is told of the first. Who comes beside
    an import is seen by it when it concludes, or sees what it has made: see `matching.crowds`.
    """
    await session.execute(LOCK, {"keys": [*{*sought.keys, *sought.keys_around}]})
    if candidates := await candidates_for(session, sought):
        raise PossibleDuplicate([candidate.model_dump(mode="json") for candidate in candidates])


def kept_keys(sought: Mapping[UUID, Sought]) -> list[Rows]:
    """To be written when enterprises are stored: made, or amended in what is compared."""
    rows = [{"enterprise_id": id, **{name: getattr(one, name) for name in KEPT}} for id, one in sought.items()]
    return [Rows.new(table_of(MatchKeys), rows, "replace")] if rows else []


class Newcomers:
    """Those of one batch that are to be made: each is compared with those before it, which no table has yet."""

    def __init__(self) -> None:
        self._by_key: dict[int, list[tuple[UUID, Facts]]] = {}

    def add(self, id: UUID, sought: Sought) -> None:
        for key in sought.keys:
            self._by_key.setdefault(key, []).append((id, sought.facts))

    def like(self, sought: Sought) -> Iterable[Candidate]:
        before = {id: one for key in sought.keys_around for id, one in self._by_key.get(key, ())}
        return (
            candidate_of(id, found) for id, one in before.items() if (found := possible_duplicate(sought.facts, one))
        )
