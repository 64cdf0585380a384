from typing import Annotated

from fastapi import Body

from services.enterprise_svc.enterprises.schemas import EnterpriseOut
from services.enterprise_svc.mergers import commands
from services.enterprise_svc.mergers.schemas import MergeEnterprise, UnmergeEnterprise
from shared.answers import ResourceAnswer, found
from shared.routing import Router, SessionDep, VerbMatchDep
from shared.types import Id

router = Router("enterprises")


@router.post("/{enterprise_id}/merge", response_model=EnterpriseOut)
async def merge_enterprise(
    session: SessionDep, enterprise_id: Id, match: VerbMatchDep, command: MergeEnterprise
) -> ResourceAnswer:
    """It is the same as another and goes on as that one, which is the answer. From then on its id answers 308 everywhere and is
    read as the other's; all that was recorded under it is the other's. Where both have a record with the same key, the other's
    approved one counts and this one's is kept as superseded."""
    return found(EnterpriseOut.model_validate(await commands.merge_enterprise(session, enterprise_id, match, command)))


@router.post("/{enterprise_id}/unmerge", response_model=EnterpriseOut)
async def unmerge_enterprise(
    session: SessionDep,
    enterprise_id: Id,
    match: VerbMatchDep,
    command: Annotated[UnmergeEnterprise | None, Body()] = None,
) -> ResourceAnswer:
    """Undo a merger, by the old id or by that of the enterprise that went on; the answer is the one that stands alone again, with
    all that was recorded under its id. 409 once something was recorded that may be of either."""
    asked = command or UnmergeEnterprise()
    return found(EnterpriseOut.model_validate(await commands.unmerge_enterprise(session, enterprise_id, match, asked)))
