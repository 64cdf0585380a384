from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.training_svc.cycles.models import Cycle
from services.training_svc.cycles.queries import cycle_to_record
from services.training_svc.read_models.registry import EnterpriseView
from services.training_svc.trainers.models import Trainer
from services.training_svc.visits.models import Visit, VisitState
from services.training_svc.visits.queries import visits_at
from services.training_svc.visits.schemas import ProposeVisit, ReportVisit, RescheduleVisit, VisitTookPlace
from shared import errors
from shared.changes import record
from shared.conditions import IfMatch
from shared.db import refuse_taken_ref, refuse_unknown
from shared.events import training as events
from shared.merge_patch import Patch


async def propose_visit(session: AsyncSession, command: ProposeVisit) -> Visit:
    await refuse_taken_ref(session, Visit, command.external_ref)
    await refuse_unknown(session, EnterpriseView, command.enterprise_id, "enterprise_id")
    await refuse_unknown(session, Trainer, command.trainer_id, "trainer_id")
    refuse_outsider(await cycle_to_record(session, command.cycle_id), command.enterprise_id)
    await refuse_taken_sequence(session, command)
    visit = Visit(**command.model_dump(), state=VisitState.DONE if command.done_on else VisitState.PROPOSED)
    await record(session, visit, events.VisitDone if command.done_on else events.VisitProposed)
    return visit


async def amend_visit(session: AsyncSession, id: UUID, match: IfMatch, patch: Patch) -> Visit:
    visit = await visit_for(session, id, match)
    visit.refuse_amending_after_report()
    command = patch.onto(ProposeVisit.model_validate(visit), fixed=["cycle_id", "enterprise_id", "sequence"])
    refuse_done_by_amending(visit, command)
    await refuse_unknown(session, Trainer, command.trainer_id, "trainer_id")
    visit.sqlmodel_update(command.model_dump())
    await record(session, visit, events.VisitAmended)
    return visit


def refuse_outsider(cycle: Cycle, enterprise_id: UUID) -> None:
    if enterprise_id not in cycle.enterprise_ids:
        place = errors.pointer("not_in_cycle", "The enterprise is not in this cycle.", "enterprise_id")
        raise errors.ValidationFailed(errors=[place])


async def refuse_taken_sequence(session: AsyncSession, command: ProposeVisit) -> None:
    for there in (await visits_at(session, [(command.cycle_id, command.enterprise_id, command.sequence)])).values():
        place = errors.pointer("taken", "The enterprise has a visit with this number in this cycle.", "sequence")
        raise errors.AlreadyExists(str(there.id), errors=[place])


def refuse_done_by_amending(visit: Visit, command: ProposeVisit) -> None:
    """Whether it took place is said by `done`; its day may be corrected."""
    if (visit.done_on is None) != (command.done_on is None):
        place = errors.pointer("use_the_verb", "The verb `done` says that a visit took place; this can't.", "done_on")
        raise errors.ValidationFailed(errors=[place])


# --- verbs -----------------------------------------------------------------------------------------------------


async def visit_for(session: AsyncSession, id: UUID, match: IfMatch, verb: str | None = None) -> Visit:
    """The visit, locked, in the version the caller believes in, ready for `verb`."""
    visit = await Visit.for_change(session, id)
    match.check(visit.version)
    if verb:
        visit.demand(verb)
    return visit


async def confirm_visit(session: AsyncSession, id: UUID, match: IfMatch) -> Visit:
    visit = await visit_for(session, id, match, "confirm")
    visit.state = VisitState.CONFIRMED
    await record(session, visit, events.VisitConfirmed)
    return visit


async def reschedule_visit(session: AsyncSession, id: UUID, match: IfMatch, command: RescheduleVisit) -> Visit:
    visit = await visit_for(session, id, match, "reschedule")
    visit.state, visit.planned_on = VisitState.PROPOSED, command.planned_on
    await record(session, visit, events.VisitRescheduled)
    return visit


async def visit_took_place(session: AsyncSession, id: UUID, match: IfMatch, command: VisitTookPlace) -> Visit:
    visit = await visit_for(session, id, match, "done")
    await cycle_to_record(session, visit.cycle_id)
    visit.take_place(command.done_on)
    await record(session, visit, events.VisitDone)
    return visit


async def report_visit(session: AsyncSession, id: UUID, match: IfMatch, command: ReportVisit) -> Visit:
    visit = await visit_for(session, id, match, "report")
    visit.state, visit.report = VisitState.REPORTED, command.report or visit.report
    await record(session, visit, events.VisitReported)
    return visit


async def approve_visit(session: AsyncSession, id: UUID, match: IfMatch) -> Visit:
    visit = await visit_for(session, id, match, "approve")
    visit.state = VisitState.APPROVED
    await record(session, visit, events.VisitApproved)
    return visit


async def return_visit(session: AsyncSession, id: UUID, match: IfMatch) -> Visit:
    visit = await visit_for(session, id, match, "return")
    visit.state = VisitState.DONE
    await record(session, visit, events.VisitReturned)
    return visit


async def cancel_visit(session: AsyncSession, id: UUID, match: IfMatch) -> Visit:
    visit = await visit_for(session, id, match, "cancel")
    visit.state = VisitState.CANCELLED
    await record(session, visit, events.VisitCancelled)
    return visit
