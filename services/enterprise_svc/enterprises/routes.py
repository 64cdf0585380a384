from typing import Annotated

from fastapi import Query

from services.enterprise_svc.enterprises import commands, queries
from services.enterprise_svc.enterprises.importer import EnterpriseImporter
from services.enterprise_svc.enterprises.models import Enterprise
from services.enterprise_svc.enterprises.schemas import (
    FORMS,
    AssessEnterprise,
    EnterpriseChange,
    EnterpriseOut,
    EnterpriseQuery,
    LeaveProgramme,
    RegisterEnterprise,
)
from services.enterprise_svc.matching.schemas import RegisterQuery
from shared.answers import PageAnswer, ResourceAnswer, created, found
from shared.contract import page_of, patch_body
from shared.history import HistoryQuery, as_it_was
from shared.imports import import_routes
from shared.pagination import PagesDep
from shared.routing import IfMatchDep, PatchDep, ReaderDep, Router, SessionDep, VerbMatchDep
from shared.tables import history
from shared.types import Id

router = Router("enterprises")
importer = EnterpriseImporter()
import_routes(router, importer)


@router.post("", status_code=201, response_model=EnterpriseOut)
async def register_enterprise(
    session: SessionDep, command: RegisterEnterprise, query: Annotated[RegisterQuery, Query()]
) -> ResourceAnswer:
    """Register an enterprise. Check digits of its identifiers are verified; no other living enterprise may have one.

    What looks like one that is there already is 409 `possible-duplicate` with the candidates, unless `allow_duplicate` is said.
    """
    enterprise = await commands.register_enterprise(session, command, query.allows_duplicate)
    return created(EnterpriseOut.model_validate(enterprise))


@router.get("", response_model=page_of(FORMS.any, named="EnterprisePage"))
async def list_enterprises(
    session: SessionDep, pages: PagesDep, query: Annotated[EnterpriseQuery, Query()]
) -> PageAnswer:
    """Enterprises, filtered by country, state, activity, buyer, partnership, identifier and a fragment of a name.

    A buyer is told of those that allow it, by name; each of its readings is written down where the enterprise reads it.
    """
    statement = await queries.enterprises_matching(session, query)
    return await pages.of(statement, Enterprise, FORMS.form(), query)


@router.get("/{enterprise_id}", response_model=FORMS.any)
async def get_enterprise(reader: ReaderDep, enterprise_id: Id) -> ResourceAnswer:
    """One enterprise."""
    return found(FORMS.form().model_validate(await Enterprise.read(reader, enterprise_id)))


@router.patch("/{enterprise_id}", response_model=EnterpriseOut, openapi_extra=patch_body(RegisterEnterprise))
async def amend_enterprise(
    session: SessionDep, enterprise_id: Id, match: IfMatchDep, patch: PatchDep
) -> ResourceAnswer:
    """Change what is known of an enterprise (JSON Merge Patch); a list is replaced whole."""
    return found(EnterpriseOut.model_validate(await commands.amend_enterprise(session, enterprise_id, match, patch)))


@router.get("/{enterprise_id}/history", response_model=page_of(EnterpriseChange) | FORMS.any)
async def list_enterprise_changes(
    session: SessionDep, pages: PagesDep, enterprise_id: Id, query: Annotated[HistoryQuery, Query()]
) -> PageAnswer | ResourceAnswer:
    """Every change of an enterprise, and of those merged into it: who, when, which fields, from what to what. With `as_of` the
    enterprise as it was then; before it was registered there was none: 404."""
    enterprise = await Enterprise.named(session, enterprise_id)
    if query.as_of is not None:
        return found(FORMS.form().model_validate(await as_it_was(session, enterprise, query.as_of)))
    return await pages.by_number(queries.changes_of(enterprise_id), history.c.id, EnterpriseChange, query)


# --- its way through the programme -----------------------------------------------------------------------------


@router.post("/{enterprise_id}/assess", response_model=EnterpriseOut)
async def assess_enterprise(
    session: SessionDep, enterprise_id: Id, match: VerbMatchDep, command: AssessEnterprise
) -> ResourceAnswer:
    """Say whether the programme may train it, and if not, why."""
    enterprise = await commands.assess_enterprise(session, enterprise_id, match, command)
    return found(EnterpriseOut.model_validate(enterprise))


@router.post("/{enterprise_id}/enrol", response_model=EnterpriseOut)
async def enrol_enterprise(session: SessionDep, enterprise_id: Id, match: VerbMatchDep) -> ResourceAnswer:
    """It takes part. Its first attendance will make it active."""
    return found(EnterpriseOut.model_validate(await commands.enrol_enterprise(session, enterprise_id, match)))


@router.post("/{enterprise_id}/suspend", response_model=EnterpriseOut)
async def suspend_enterprise(session: SessionDep, enterprise_id: Id, match: VerbMatchDep) -> ResourceAnswer:
    """It pauses: dormant until it is resumed."""
    return found(EnterpriseOut.model_validate(await commands.suspend_enterprise(session, enterprise_id, match)))


@router.post("/{enterprise_id}/resume", response_model=EnterpriseOut)
async def resume_enterprise(session: SessionDep, enterprise_id: Id, match: VerbMatchDep) -> ResourceAnswer:
    """It goes on where it paused."""
    return found(EnterpriseOut.model_validate(await commands.resume_enterprise(session, enterprise_id, match)))


@router.post("/{enterprise_id}/complete", response_model=EnterpriseOut)
async def complete_enterprise(session: SessionDep, enterprise_id: Id, match: VerbMatchDep) -> ResourceAnswer:
    """It has been through the programme."""
    return found(EnterpriseOut.model_validate(await commands.complete_enterprise(session, enterprise_id, match)))


@router.post("/{enterprise_id}/withdraw", response_model=EnterpriseOut)
async def withdraw_enterprise(
    session: SessionDep, enterprise_id: Id, match: VerbMatchDep, command: LeaveProgramme
) -> ResourceAnswer:
    """It leaves the programme for good, for a reason."""
    enterprise = await commands.withdraw_enterprise(session, enterprise_id, match, command)
    return found(EnterpriseOut.model_validate(enterprise))


@router.post("/{enterprise_id}/close", response_model=EnterpriseOut)
async def close_enterprise(
    session: SessionDep, enterprise_id: Id, match: VerbMatchDep, command: LeaveProgramme
) -> ResourceAnswer:
    """It exists no more, for a reason."""
    enterprise = await commands.close_enterprise(session, enterprise_id, match, command)
    return found(EnterpriseOut.model_validate(enterprise))
