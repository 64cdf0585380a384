from typing import Annotated

from fastapi import Query

from services.enterprise_svc.nominations import commands, queries
from services.enterprise_svc.nominations.models import Nomination
from services.enterprise_svc.nominations.schemas import NominateEnterprise, NominationOut, NominationQuery
from services.enterprise_svc.partnerships.models import Partnership
from shared.answers import PageAnswer, ResourceAnswer, created, found
from shared.contract import page_of
from shared.pagination import PagesDep
from shared.routing import Router, SessionDep, VerbMatchDep
from shared.types import Id

router = Router("partnerships")
ONE = "/{partnership_id}/nominations/{nomination_id}"


@router.post("/{partnership_id}/nominations", status_code=201, response_model=NominationOut)
async def nominate_enterprise(session: SessionDep, partnership_id: Id, command: NominateEnterprise) -> ResourceAnswer:
    """Ask an enterprise to take part in the partnership."""
    return created(NominationOut.model_validate(await commands.nominate_enterprise(session, partnership_id, command)))


@router.get("/{partnership_id}/nominations", response_model=page_of(NominationOut))
async def list_nominations(
    session: SessionDep, pages: PagesDep, partnership_id: Id, query: Annotated[NominationQuery, Query()]
) -> PageAnswer:
    """The nominations to a partnership, filtered by enterprise and state."""
    await Partnership.named(session, partnership_id)
    return await pages.of(queries.nominations_matching(partnership_id, query), Nomination, NominationOut, query)


@router.get(ONE, response_model=NominationOut)
async def get_nomination(session: SessionDep, partnership_id: Id, nomination_id: Id) -> ResourceAnswer:
    """One nomination."""
    return found(NominationOut.model_validate(await Nomination.of(session, partnership_id, nomination_id)))


@router.post(f"{ONE}/accept", response_model=NominationOut)
async def accept_nomination(
    session: SessionDep, partnership_id: Id, nomination_id: Id, match: VerbMatchDep
) -> ResourceAnswer:
    """The enterprise, or staff for it, accepts: it is a member of the partnership."""
    nomination = await commands.accept_nomination(session, partnership_id, nomination_id, match)
    return found(NominationOut.model_validate(nomination))


@router.post(f"{ONE}/decline", response_model=NominationOut)
async def decline_nomination(
    session: SessionDep, partnership_id: Id, nomination_id: Id, match: VerbMatchDep
) -> ResourceAnswer:
    """The enterprise, or staff for it, declines."""
    nomination = await commands.decline_nomination(session, partnership_id, nomination_id, match)
    return found(NominationOut.model_validate(nomination))


@router.post(f"{ONE}/cancel", response_model=NominationOut)
async def cancel_nomination(
    session: SessionDep, partnership_id: Id, nomination_id: Id, match: VerbMatchDep
) -> ResourceAnswer:
    """Whoever nominated takes it back."""
    nomination = await commands.cancel_nomination(session, partnership_id, nomination_id, match)
    return found(NominationOut.model_validate(nomination))
