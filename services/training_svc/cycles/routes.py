from typing import Annotated

from fastapi import Query

from services.training_svc.cycles import commands, queries
from services.training_svc.cycles.models import Cycle
from services.training_svc.cycles.schemas import CYCLE, CycleOut, CycleQuery, DraftCycle
from shared.answers import PageAnswer, ResourceAnswer, created, found
from shared.contract import page_of, patch_body
from shared.pagination import PagesDep
from shared.routing import IfMatchDep, PatchDep, Router, SessionDep, VerbMatchDep
from shared.types import Id

router = Router("cycles")


@router.post("", status_code=201, response_model=CycleOut)
async def draft_cycle(session: SessionDep, command: DraftCycle) -> ResourceAnswer:
    """Draft a cycle: one module for a group of enterprises, with its days in the classroom."""
    return created(CycleOut.model_validate(await commands.draft_cycle(session, command)))


@router.get("", response_model=page_of(CYCLE.any, named="CyclePage"))
async def list_cycles(pages: PagesDep, query: Annotated[CycleQuery, Query()]) -> PageAnswer:
    """Cycles, filtered by what they refer to, country, state, and days in the classroom (`from`, `to`). An enterprise is told of
    itself in them, a buyer of those who allow it."""
    return await pages.of(queries.cycles(query), Cycle, CYCLE.form(), query)


@router.get("/{cycle_id}", response_model=CYCLE.any)
async def get_cycle(session: SessionDep, cycle_id: Id) -> ResourceAnswer:
    """One cycle, with the verbs that are possible now."""
    return found(CYCLE.form().model_validate(await queries.cycle_named(session, cycle_id)))


@router.patch("/{cycle_id}", response_model=CycleOut, openapi_extra=patch_body(DraftCycle))
async def amend_cycle(session: SessionDep, cycle_id: Id, match: IfMatchDep, patch: PatchDep) -> ResourceAnswer:
    """Change a cycle that has not started (JSON Merge Patch). Enterprises and days with records stay."""
    return found(CycleOut.model_validate(await commands.amend_cycle(session, cycle_id, match, patch)))


@router.post("/{cycle_id}/plan", response_model=CycleOut)
async def plan_cycle(session: SessionDep, cycle_id: Id, match: VerbMatchDep) -> ResourceAnswer:
    """The draft becomes a plan."""
    return found(CycleOut.model_validate(await commands.plan_cycle(session, cycle_id, match)))


@router.post("/{cycle_id}/open", response_model=CycleOut)
async def open_cycle(session: SessionDep, cycle_id: Id, match: VerbMatchDep) -> ResourceAnswer:
    """Enterprises may join."""
    return found(CycleOut.model_validate(await commands.open_cycle(session, cycle_id, match)))


@router.post("/{cycle_id}/confirm", response_model=CycleOut)
async def confirm_cycle(session: SessionDep, cycle_id: Id, match: VerbMatchDep) -> ResourceAnswer:
    """The group is settled: it must have the size the variant takes (409 `group-size`)."""
    return found(CycleOut.model_validate(await commands.confirm_cycle(session, cycle_id, match)))


@router.post("/{cycle_id}/start", response_model=CycleOut)
async def start_cycle(session: SessionDep, cycle_id: Id, match: VerbMatchDep) -> ResourceAnswer:
    """The classroom begins. M1 wants each enterprise's `baseline_on` (409 `baseline-missing`), another module an attendance
    of M1 by each enterprise (409 `prerequisite-missing`)."""
    return found(CycleOut.model_validate(await commands.start_cycle(session, cycle_id, match)))


@router.post("/{cycle_id}/begin-visits", response_model=CycleOut)
async def begin_visits_of_cycle(session: SessionDep, cycle_id: Id, match: VerbMatchDep) -> ResourceAnswer:
    """The classroom is over, the visits begin."""
    return found(CycleOut.model_validate(await commands.begin_visits_of_cycle(session, cycle_id, match)))


@router.post("/{cycle_id}/begin-reporting", response_model=CycleOut)
async def begin_reporting_of_cycle(session: SessionDep, cycle_id: Id, match: VerbMatchDep) -> ResourceAnswer:
    """The visits are over, the reports are written."""
    return found(CycleOut.model_validate(await commands.begin_reporting_of_cycle(session, cycle_id, match)))


@router.post("/{cycle_id}/close", response_model=CycleOut)
async def close_cycle(session: SessionDep, cycle_id: Id, match: VerbMatchDep) -> ResourceAnswer:
    """All is reported."""
    return found(CycleOut.model_validate(await commands.close_cycle(session, cycle_id, match)))


@router.post("/{cycle_id}/cancel", response_model=CycleOut)
async def cancel_cycle(session: SessionDep, cycle_id: Id, match: VerbMatchDep) -> ResourceAnswer:
    """It does not take place; possible until it starts. No more attendances or visits are taken."""
    return found(CycleOut.model_validate(await commands.cancel_cycle(session, cycle_id, match)))
