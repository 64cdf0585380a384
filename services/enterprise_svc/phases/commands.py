from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.enterprise_svc.organisations.models import Organisation
from services.enterprise_svc.phases.models import Phase
from services.enterprise_svc.phases.schemas import StartPhase
from services.enterprise_svc.programmes.models import Programme
from shared.changes import record
from shared.conditions import IfMatch
from shared.db import refuse_taken_ref, refuse_unknown, refuse_unknowns
from shared.events.enterprise import PhaseAmended, PhaseStarted
from shared.merge_patch import Patch


async def start_phase(session: AsyncSession, command: StartPhase) -> Phase:
    await refuse_taken_ref(session, Phase, command.external_ref)
    await check_references(session, command)
    phase = Phase(**command.model_dump())
    await record(session, phase, PhaseStarted)
    return phase


async def amend_phase(session: AsyncSession, id: UUID, match: IfMatch, patch: Patch) -> Phase:
    phase = await Phase.for_change(session, id)
    match.check(phase.version)
    command = patch.onto(StartPhase.model_validate(phase))
    if command.external_ref != phase.external_ref:
        await refuse_taken_ref(session, Phase, command.external_ref)
    await check_references(session, command)
    phase.sqlmodel_update(command.model_dump())
    await record(session, phase, PhaseAmended)
    return phase


async def check_references(session: AsyncSession, command: StartPhase) -> None:
    await refuse_unknown(session, Programme, command.programme_id, "programme_id")
    await refuse_unknowns(session, Organisation, command.donor_ids, "donor_ids")
