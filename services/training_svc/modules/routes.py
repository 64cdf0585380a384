from typing import Annotated

from fastapi import Query

from services.training_svc.modules import commands, queries
from services.training_svc.modules.models import Module
from services.training_svc.modules.schemas import DefineModule, ModuleOut, ModuleQuery
from shared.answers import PageAnswer, ResourceAnswer, created, found
from shared.contract import page_of, patch_body
from shared.pagination import PagesDep
from shared.routing import IfMatchDep, PatchDep, ReaderDep, Router, SessionDep
from shared.types import Id

router = Router("modules")


@router.post("", status_code=201, response_model=ModuleOut)
async def define_module(session: SessionDep, command: DefineModule) -> ResourceAnswer:
    """Define a module of the training and its variants; M1 to M5 are there from the start."""
    return created(ModuleOut.model_validate(await commands.define_module(session, command)))


@router.get("", response_model=page_of(ModuleOut))
async def list_modules(pages: PagesDep, query: Annotated[ModuleQuery, Query()]) -> PageAnswer:
    """Modules, filtered by code and by a prerequisite."""
    return await pages.of(queries.modules(query), Module, ModuleOut, query)


@router.get("/{module_id}", response_model=ModuleOut)
async def get_module(reader: ReaderDep, module_id: Id) -> ResourceAnswer:
    """One module."""
    return found(ModuleOut.model_validate(await Module.read(reader, module_id)))


@router.patch("/{module_id}", response_model=ModuleOut, openapi_extra=patch_body(DefineModule))
async def amend_module(session: SessionDep, module_id: Id, match: IfMatchDep, patch: PatchDep) -> ResourceAnswer:
    """Change a module (JSON Merge Patch). Its code stays, and so does a variant by which cycles are given."""
    return found(ModuleOut.model_validate(await commands.amend_module(session, module_id, match, patch)))
