from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.training_svc.cycles.models import Cycle
from services.training_svc.modules.models import Module
from services.training_svc.modules.schemas import DefineModule
from shared import errors
from shared.changes import record
from shared.conditions import IfMatch
from shared.db import refuse_taken_code, refuse_taken_ref
from shared.events.training import ModuleAmended, ModuleDefined
from shared.merge_patch import Patch


async def define_module(session: AsyncSession, command: DefineModule) -> Module:
    await refuse_taken_ref(session, Module, command.external_ref)
    await refuse_taken_code(session, Module, command.code)
    await refuse_unknown_codes(session, command.prerequisites)
    module = Module(**command.model_dump(mode="json"))
    await record(session, module, ModuleDefined)
    return module


async def amend_module(session: AsyncSession, id: UUID, match: IfMatch, patch: Patch) -> Module:
    module = await Module.for_change(session, id)
    match.check(module.version)
    command = patch.onto(DefineModule.model_validate(module), fixed=["code"])
    await refuse_unknown_codes(session, [code for code in command.prerequisites if code not in module.prerequisites])
    await refuse_lost_variants(session, module, {variant.code for variant in command.variants})
    module.sqlmodel_update(command.model_dump(mode="json"))
    await record(session, module, ModuleAmended)
    return module


async def refuse_unknown_codes(session: AsyncSession, codes: Sequence[str]) -> None:
    known = set((await session.exec(select(Module.code).where(col(Module.code).in_(codes)))).all())
    if places := [
        errors.pointer("unknown_reference", "There is no such module.", "prerequisites", n)
        for n, code in enumerate(codes)
        if code not in known
    ]:
        raise errors.UnknownReference(errors=places)


async def refuse_lost_variants(session: AsyncSession, module: Module, kept: set[str]) -> None:
    """A variant by which a cycle is given stays, or nobody could say what that cycle was."""
    lost = set(module.variant_codes) - kept
    given = select(Cycle.variant).where(Cycle.module == module.code, col(Cycle.variant).in_(lost))
    if lost and (await session.exec(given)).first():
        place = errors.pointer("in_use", "A variant by which cycles are given can't be taken away.", "variants")
        raise errors.ValidationFailed(errors=[place])
