from typing import Annotated

from fastapi import Query

from services.enterprise_svc.consents import commands, queries
from services.enterprise_svc.consents.models import Consent
from services.enterprise_svc.consents.schemas import ConsentOut, ConsentQuery, GrantConsent
from shared.answers import PageAnswer, ResourceAnswer, created, found
from shared.contract import page_of
from shared.pagination import PagesDep
from shared.permissions.roles import Role
from shared.routing import PrincipalDep, ReaderDep, Router, SessionDep, VerbMatchDep
from shared.types import Id

router = Router("consents")


@router.post("", status_code=201, response_model=ConsentOut)
async def grant_consent(session: SessionDep, principal: PrincipalDep, command: GrantConsent) -> ResourceAnswer:
    """Record what an enterprise allows, and whom: its own word, or staff's with the evidence of it. It is never rewritten."""
    consent = await commands.grant_consent(session, command, by_enterprise=principal.role == Role.ENTERPRISE)
    return created(ConsentOut.model_validate(consent))


@router.get("", response_model=page_of(ConsentOut))
async def list_consents(pages: PagesDep, query: Annotated[ConsentQuery, Query()]) -> PageAnswer:
    """Consents, filtered by enterprise, grantee, scope, state and days; `as_of` answers those that were live at an instant."""
    return await pages.of(queries.consents_matching(query), Consent, ConsentOut, query)


@router.get("/{consent_id}", response_model=ConsentOut)
async def get_consent(reader: ReaderDep, consent_id: Id) -> ResourceAnswer:
    """One consent."""
    return found(ConsentOut.model_validate(await Consent.read(reader, consent_id)))


@router.post("/{consent_id}/withdraw", response_model=ConsentOut)
async def withdraw_consent(session: SessionDep, consent_id: Id, match: VerbMatchDep) -> ResourceAnswer:
    """The enterprise takes it back, at once: no read after this allows anything by it."""
    return found(ConsentOut.model_validate(await commands.withdraw_consent(session, consent_id, match)))
