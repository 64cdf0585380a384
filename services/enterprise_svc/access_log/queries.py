from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from services.enterprise_svc.access_log.models import AccessReceipt

receipts: Any = AccessReceipt.__table__  # type: ignore[attr-defined]
NUMBER = receipts.c.number  # the order in which they were written down


def readings_of(enterprise_id: UUID) -> Select[Any]:
    """Who read its data."""
    return select(receipts).where(receipts.c.enterprise_id == enterprise_id)
