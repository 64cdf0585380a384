from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, or_
from sqlmodel import col, select

from services.enterprise_svc.supply_links.models import SupplyLink
from services.enterprise_svc.supply_links.schemas import SupplyLinkQuery
from shared.pagination import PERIOD, select_matching, touching


def supply_links_matching(query: SupplyLinkQuery) -> Select[Any]:
    return select_matching(SupplyLink, query, *PERIOD).where(*touching(SupplyLink.since, SupplyLink.until, query))


def suppliers_today(buyer_ids: list[UUID]) -> Any:
    """Ids of the enterprises that supply one of the buyers by a link that was confirmed and counts today."""
    today = datetime.now(UTC).date()
    return select(SupplyLink.enterprise_id).where(
        col(SupplyLink.buyer_id).in_(buyer_ids),
        col(SupplyLink.confirmed),
        SupplyLink.since <= today,
        or_(col(SupplyLink.until).is_(None), col(SupplyLink.until) >= today),
    )
