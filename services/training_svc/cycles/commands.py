from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.training_svc.cycles import guards
from services.training_svc.cycles.models import Cycle, CycleState
from services.training_svc.cycles.references import refuse_unfounded
from services.training_svc.cycles.schemas import DraftCycle
from services.training_svc.modules.models import STANDARD
from services.training_svc.read_models.registry import MergedEnterprise
from shared.changes import record
from shared.conditions import IfMatch
from shared.db import refuse_taken_ref
from shared.events import Event
from shared.events import training as events
from shared.merge_patch import Patch
from shared.successors import successors_of

Guard = Callable[[AsyncSession, Cycle], Awaitable[None]]


async def draft_cycle(session: AsyncSession, command: DraftCycle) -> Cycle:
    await refuse_taken_ref(session, Cycle, command.external_ref)
    await refuse_unfounded(session, command)
    cycle = Cycle(**stored(command))
    await record(session, cycle, events.CycleDrafted)
    return cycle


async def amend_cycle(session: AsyncSession, id: UUID, match: IfMatch, patch: Patch) -> Cycle:
    cycle = await Cycle.for_change(session, id)
    match.check(cycle.version)
    cycle.refuse_amending_after_start()
    command = patch.onto(DraftCycle.model_validate(cycle))
    await refuse_unfounded(session, command)
    await guards.refuse_losing_records(session, cycle, command)
    cycle.sqlmodel_update(stored(command))
    if named := cycle.recorded_ids:
        cycle.rename_enterprises(await successors_of(session, MergedEnterprise, named))
    await record(session, cycle, events.CycleAmended)
    return cycle


def stored(command: DraftCycle) -> dict[str, Any]:
    """The command as columns: enterprises and days are JSON, what filters need is computed."""
    days = [day.date for day in command.classroom]
    return command.model_dump() | {
        "variant": command.variant or STANDARD,
        "enterprises": [enterprise.model_dump(mode="json") for enterprise in command.enterprises],
        "enterprise_ids": [enterprise.enterprise_id for enterprise in command.enterprises],
        "classroom": [day.model_dump(mode="json") for day in command.classroom],
        "first_day": min(days, default=None),
        "last_day": max(days, default=None),
    }


# --- verbs -----------------------------------------------------------------------------------------------------


async def plan_cycle(session: AsyncSession, id: UUID, match: IfMatch) -> Cycle:
    return await move(session, id, match, "plan", CycleState.PLANNED, events.CyclePlanned)


async def open_cycle(session: AsyncSession, id: UUID, match: IfMatch) -> Cycle:
    return await move(session, id, match, "open", CycleState.OPEN, events.CycleOpened)


async def confirm_cycle(session: AsyncSession, id: UUID, match: IfMatch) -> Cycle:
    fits = guards.refuse_wrong_group
    return await move(session, id, match, "confirm", CycleState.CONFIRMED, events.CycleConfirmed, fits)


async def start_cycle(session: AsyncSession, id: UUID, match: IfMatch) -> Cycle:
    prepared = guards.refuse_unprepared
    return await move(session, id, match, "start", CycleState.IN_CLASSROOM, events.CycleStarted, prepared)


async def begin_visits_of_cycle(session: AsyncSession, id: UUID, match: IfMatch) -> Cycle:
    return await move(session, id, match, "begin-visits", CycleState.VISITS, events.CycleVisitsBegun)


async def begin_reporting_of_cycle(session: AsyncSession, id: UUID, match: IfMatch) -> Cycle:
    return await move(session, id, match, "begin-reporting", CycleState.REPORTING, events.CycleReportingBegun)


async def close_cycle(session: AsyncSession, id: UUID, match: IfMatch) -> Cycle:
    return await move(session, id, match, "close", CycleState.CLOSED, events.CycleClosed)


async def cancel_cycle(session: AsyncSession, id: UUID, match: IfMatch) -> Cycle:
    return await move(session, id, match, "cancel", CycleState.CANCELLED, events.CycleCancelled)


async def move(
    session: AsyncSession,
    id: UUID,
    match: IfMatch,
    verb: str,
    target: CycleState,
    fact: type[Event],
    guard: Guard | None = None,
) -> Cycle:
    cycle = await Cycle.for_change(session, id)
    match.check(cycle.version)
    cycle.demand(verb)
    if guard:
        await guard(session, cycle)
    cycle.state = target
    await record(session, cycle, fact)
    return cycle
