from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.enterprise_svc.programmes.models import Programme
from services.enterprise_svc.programmes.schemas import StartProgramme
from shared.changes import record
from shared.conditions import IfMatch
from shared.db import refuse_taken_code, refuse_taken_ref
from shared.events.enterprise import ProgrammeAmended, ProgrammeStarted
from shared.merge_patch import Patch


async def start_programme(session: AsyncSession, command: StartProgramme) -> Programme:
    await refuse_taken_ref(session, Programme, command.external_ref)
    await refuse_taken_code(session, Programme, command.code)
    programme = Programme(**command.model_dump())
    await record(session, programme, ProgrammeStarted)
    return programme


async def amend_programme(session: AsyncSession, id: UUID, match: IfMatch, patch: Patch) -> Programme:
    programme = await Programme.for_change(session, id)
    match.check(programme.version)
    command = patch.onto(StartProgramme.model_validate(programme))
    if command.external_ref != programme.external_ref:
        await refuse_taken_ref(session, Programme, command.external_ref)
    if command.code != programme.code:
        await refuse_taken_code(session, Programme, command.code)
    programme.sqlmodel_update(command.model_dump())
    await record(session, programme, ProgrammeAmended)
    return programme
