from typing import Annotated

from fastapi import Query

from services.enterprise_svc.supply_links import commands, queries
from services.enterprise_svc.supply_links.models import SupplyLink
from services.enterprise_svc.supply_links.schemas import ProposeSupplyLink, SupplyLinkOut, SupplyLinkQuery
from shared.answers import PageAnswer, ResourceAnswer, created, found
from shared.contract import page_of, patch_body
from shared.pagination import PagesDep
from shared.routing import IfMatchDep, PatchDep, ReaderDep, Router, SessionDep, VerbMatchDep
from shared.types import Id

router = Router("supply-links")


@router.post("", status_code=201, response_model=SupplyLinkOut)
async def propose_supply_link(session: SessionDep, command: ProposeSupplyLink) -> ResourceAnswer:
    """Propose that an enterprise supplies a buyer; it counts once it is confirmed."""
    return created(SupplyLinkOut.model_validate(await commands.propose_supply_link(session, command)))


@router.get("", response_model=page_of(SupplyLinkOut))
async def list_supply_links(pages: PagesDep, query: Annotated[SupplyLinkQuery, Query()]) -> PageAnswer:
    """Supply links, filtered by buyer, enterprise, state and days."""
    return await pages.of(queries.supply_links_matching(query), SupplyLink, SupplyLinkOut, query)


@router.get("/{supply_link_id}", response_model=SupplyLinkOut)
async def get_supply_link(reader: ReaderDep, supply_link_id: Id) -> ResourceAnswer:
    """One supply link."""
    return found(SupplyLinkOut.model_validate(await SupplyLink.read(reader, supply_link_id)))


@router.patch("/{supply_link_id}", response_model=SupplyLinkOut, openapi_extra=patch_body(ProposeSupplyLink))
async def amend_supply_link(
    session: SessionDep, supply_link_id: Id, match: IfMatchDep, patch: PatchDep
) -> ResourceAnswer:
    """Change a supply link (JSON Merge Patch); once confirmed it stays between the two who confirmed it."""
    return found(SupplyLinkOut.model_validate(await commands.amend_supply_link(session, supply_link_id, match, patch)))


@router.post("/{supply_link_id}/confirm", response_model=SupplyLinkOut)
async def confirm_supply_link(session: SessionDep, supply_link_id: Id, match: VerbMatchDep) -> ResourceAnswer:
    """The enterprise, or staff for it, says that it is so."""
    return found(SupplyLinkOut.model_validate(await commands.confirm_supply_link(session, supply_link_id, match)))


@router.post("/{supply_link_id}/end", response_model=SupplyLinkOut)
async def end_supply_link(session: SessionDep, supply_link_id: Id, match: VerbMatchDep) -> ResourceAnswer:
    """It ends today, or on the earlier day that `until` names."""
    return found(SupplyLinkOut.model_validate(await commands.end_supply_link(session, supply_link_id, match)))
