from typing import Annotated

from fastapi import Query

from services.enterprise_svc.fees import commands, queries
from services.enterprise_svc.fees.models import Fee
from services.enterprise_svc.fees.schemas import AgreeFee, CancelFee, FeeOut, FeeQuery
from services.enterprise_svc.partnerships.models import Partnership
from shared.answers import PageAnswer, ResourceAnswer, created, found
from shared.contract import page_of, patch_body
from shared.pagination import PagesDep
from shared.routing import IfMatchDep, PatchDep, Router, SessionDep, VerbMatchDep
from shared.types import Id

router = Router("partnerships")
ONE = "/{partnership_id}/fees/{fee_id}"


@router.post("/{partnership_id}/fees", status_code=201, response_model=FeeOut)
async def agree_fee(session: SessionDep, partnership_id: Id, command: AgreeFee) -> ResourceAnswer:
    """Say what the training of an enterprise costs and who pays which part. It counts against the budget at once."""
    return created(FeeOut.model_validate(await commands.agree_fee(session, partnership_id, command)))


@router.get("/{partnership_id}/fees", response_model=page_of(FeeOut))
async def list_fees(
    session: SessionDep, pages: PagesDep, partnership_id: Id, query: Annotated[FeeQuery, Query()]
) -> PageAnswer:
    """The fees of a partnership, filtered by enterprise, payer and state."""
    await Partnership.named(session, partnership_id)
    return await pages.of(queries.fees_matching(partnership_id, query), Fee, FeeOut, query)


@router.get(ONE, response_model=FeeOut)
async def get_fee(session: SessionDep, partnership_id: Id, fee_id: Id) -> ResourceAnswer:
    """One fee."""
    return found(FeeOut.model_validate(await Fee.of(session, partnership_id, fee_id)))


@router.patch(ONE, response_model=FeeOut, openapi_extra=patch_body(AgreeFee))
async def amend_fee(
    session: SessionDep, partnership_id: Id, fee_id: Id, match: IfMatchDep, patch: PatchDep
) -> ResourceAnswer:
    """Correct the amount or the shares of a fee (JSON Merge Patch); the shares are replaced whole."""
    return found(FeeOut.model_validate(await commands.amend_fee(session, partnership_id, fee_id, match, patch)))


@router.post(f"{ONE}/cancel", response_model=FeeOut)
async def cancel_fee(
    session: SessionDep, partnership_id: Id, fee_id: Id, match: VerbMatchDep, command: CancelFee
) -> ResourceAnswer:
    """It is not owed any more and counts no longer: for instance one that was entered twice."""
    return found(FeeOut.model_validate(await commands.cancel_fee(session, partnership_id, fee_id, match, command)))
