"""What follows an enterprise into the one it was merged into, and back."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from services.enterprise_svc.consents.models import Consent
from services.enterprise_svc.fees.models import Fee
from services.enterprise_svc.mergers.models import MergedEnterprise
from services.enterprise_svc.nominations.models import Nomination
from services.enterprise_svc.read_models.metrics import ObservationView, SavingView
from services.enterprise_svc.read_models.training import AttendanceView, CycleView
from services.enterprise_svc.supply_links.models import SupplyLink
from shared.changes import changed_among, record_all
from shared.db import unfenced
from shared.events import Event
from shared.events.enterprise import ConsentMoved, FeeAmended, NominationMoved, SupplyLinkAmended
from shared.successors import Homes, affected, astray, move_copies, move_lists, moves_home

COPIES = (AttendanceView, ObservationView, SavingView)


async def move_stragglers(session: AsyncSession) -> int:
    """What was being written under the old id while it was merged."""
    if homes := await astray(session, MergedEnterprise, (SupplyLink, Nomination, Consent, Fee, *COPIES)):
        await move_records(session, homes)
    return 0


async def move_records(session: AsyncSession, homes: Homes) -> None:
    """All of them, whoever merges: what is recorded of one enterprise must not lie with two."""
    async with unfenced(session):
        await move(session, SupplyLink, homes, SupplyLinkAmended, lambda link: (link.buyer_id, link.enterprise_id))
        await move(session, Nomination, homes, NominationMoved, lambda one: (one.partnership_id, one.enterprise_id))
        await move(session, Consent, homes, ConsentMoved)
        await move_fees(session, homes)
        for view in COPIES:
            await move_copies(session, view, homes)
        await move_lists(session, CycleView, MergedEnterprise, homes)


async def move(
    session: AsyncSession, model: Any, homes: Homes, fact: type[Event], key: Callable[[Any], Any] | None = None
) -> None:
    """Where there is a `key`, of those that have the same one counts, and the others give way as long as they lie there."""
    rows = await affected(session, model, homes)
    moved = {row.id for row in rows if moves_home(row, homes)}
    for rivals in grouped(rows, key) if key else ():
        settle(rivals)
    changed = changed_among(rows)
    # who gives way does so before another comes, and only after that anybody gets its place back
    changed.sort(key=lambda row: (getattr(row, "outranked_from", None) is None, row.id not in moved))
    await record_all(session, changed, fact)


async def move_fees(session: AsyncSession, homes: Homes) -> None:
    fees: Sequence[Fee] = await affected(session, Fee, homes)
    for fee in fees:
        before = fee.enterprise_id
        if moves_home(fee, homes):
            fee.follow_payer(before)
    await record_all(session, changed_among(fees), FeeAmended)


def grouped(rows: Sequence[Any], key: Callable[[Any], Any]) -> list[list[Any]]:
    groups: dict[Any, list[Any]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return list(groups.values())


def settle(rivals: Sequence[Any]) -> None:
    standing = [one for one in rivals if one.stands]
    first = max(standing, key=lambda one: one.standing, default=None)
    for one in standing:
        outranked = one.recorded_under != first.recorded_under if first else False
        if outranked and one.outranked_from is None:
            one.give_way()
        elif not outranked and one.outranked_from is not None:
            one.take_place_again()
