from typing import Any
from uuid import UUID

from sqlalchemy import Select, column, func, select

from services.enterprise_svc.enterprises.models import IdentifierClaim

NUMBER: Any = column("number")  # the order in which it came to have them


def identifiers_of(enterprise_id: UUID) -> Select[Any]:
    """Those it has and those it had."""
    claim: Any = IdentifierClaim
    number = func.row_number().over(order_by=(claim.since, claim.id)).label("number")
    scheme, value = (func.split_part(claim.identifier, ":", 1), func.substring(claim.identifier, "^[^:]+:(.*)$"))
    columns = (number, scheme.label("scheme"), value.label("value"), claim.since, claim.until)
    return select(select(*columns).where(claim.enterprise_id == enterprise_id).subquery())
