from typing import Any
from uuid import UUID

from sqlalchemy import Select, column, func, or_, select

from services.enterprise_svc.enterprises.models import IdentifierClaim
from services.enterprise_svc.mergers.models import MergedEnterprise

NUMBER: Any = column("number")  # the order in which it came to have them


def identifiers_of(enterprise_id: UUID) -> Select[Any]:
    """Those it has and those it had, and those of enterprises merged into it."""
    claim: Any = IdentifierClaim
    number = func.row_number().over(order_by=(claim.since, claim.id)).label("number")
    scheme, value = (func.split_part(claim.identifier, ":", 1), func.substring(claim.identifier, "^[^:]+:(.*)$"))
    columns = (number, scheme.label("scheme"), value.label("value"), claim.since, claim.until)
    merged: Any = MergedEnterprise
    family = select(merged.id).where(merged.successor_id == enterprise_id)
    held = or_(claim.enterprise_id == enterprise_id, claim.enterprise_id.in_(family))
    return select(select(*columns).where(held).subquery())
