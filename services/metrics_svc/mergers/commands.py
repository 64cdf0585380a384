"""What follows an enterprise into the one it was merged into, and back."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from services.metrics_svc.data_quality.commands import keep_collisions
from services.metrics_svc.data_quality.models import Collision
from services.metrics_svc.mergers.training import tell_of_enterprises
from services.metrics_svc.observations.models import Observation
from services.metrics_svc.read_models.models import (
    AttendanceView,
    ConsentView,
    CycleView,
    MergedEnterprise,
    ParticipantView,
    SupplyLinkView,
    VisitView,
)
from services.metrics_svc.records.keys import Key
from services.metrics_svc.records.versions import RecordState, VersionedColumns
from services.metrics_svc.savings.models import Saving
from services.metrics_svc.surveys.models import SurveyResponse
from shared.changes import changed_among, record_each
from shared.events.enterprise import EnterpriseState
from shared.successors import Homes, affected, astray, learn, move_copies, move_lists, moves_home

COPIES = (AttendanceView, VisitView, ParticipantView, SupplyLinkView, ConsentView)


async def follow_merger(session: AsyncSession, told: EnterpriseState) -> None:
    """A merger or its undoing, in whatever order they come."""
    if homes := await learn(session, MergedEnterprise, told):
        await move_all(session, homes)


async def move_stragglers(session: AsyncSession) -> int:
    """What a request was writing under the old id while word of the merger came."""
    homes = await astray(session, MergedEnterprise, (*COPIES, SurveyResponse, Observation, Saving))
    await move_all(session, homes)
    return 0


async def move_all(session: AsyncSession, homes: Homes) -> None:
    if not homes:
        return
    for view in COPIES:
        await move_copies(session, view, homes)
    version: Any = SurveyResponse.version
    await move_copies(session, SurveyResponse, homes, version=version + 1)
    await move_lists(session, CycleView, MergedEnterprise, homes)
    for model in (Observation, Saving):
        await move_records(session, model, homes)
    await tell_of_enterprises(session, {*homes, *homes.values()})


async def move_records(session: AsyncSession, model: type[VersionedColumns], homes: Homes) -> None:
    rows: Sequence[Any] = await affected(session, model, homes)
    places = {row.enterprise_id for row in rows}
    moved = {row.id for row in rows if moves_home(row, homes)}
    for versions in by_key(rows).values():
        settle(versions)
    changed = changed_among(rows)
    # who gives way does so before another comes, and only after that anybody gets its place back: one of a key is approved
    gave_way = [row for row in changed if row.outranked_from is not None]
    others = sorted((row for row in changed if row.outranked_from is None), key=lambda row: row.id not in moved)
    superseded, amended = model.FACTS.moved[RecordState.SUPERSEDED], model.FACTS.amended
    await record_each(session, [*((row, superseded) for row in gave_way), *((row, amended) for row in others)])
    await keep_collisions(
        session, model.__tablename__, places | {row.enterprise_id for row in rows}, list(collisions(rows))
    )


def by_key(rows: Sequence[Any]) -> dict[Key, list[Any]]:
    found: dict[Key, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.key].append(row)
    return found


def settle(versions: Sequence[VersionedColumns]) -> None:
    """Of what several ids recorded under one key the last approved counts: the enterprise's own before that of one merged into
    it. All before that are superseded as long as they lie with it.
    """
    standing = [one for one in versions if one.stands]
    approved = [one for one in standing if one.standing == RecordState.APPROVED]
    first = max(approved, key=lambda one: one.place, default=None)
    for one in standing:
        if first is not None and one.recorded_under != first.recorded_under and one.precedes(first):
            one.give_way()
        else:
            one.take_place_again()


def collisions(rows: Sequence[Any]) -> Sequence[Collision]:
    """One for each key under which more than one id recorded something that would stand."""
    found = []
    for versions in by_key([row for row in rows if row.stands]).values():
        if len({one.recorded_under for one in versions}) > 1:
            ordered = sorted(versions, key=lambda one: (one.outranked_from is None, one.place))
            counts, others = ordered[-1], ordered[:-1]
            found.append(Collision(counts.enterprise_id, counts.key_in_words, counts.id, [one.id for one in others]))
    return found
