from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from services.enterprise_svc.access_log.models import AccessReceipt

receipts: Any = AccessReceipt
NUMBER = receipts.number  # the order in which they were written down
FIELDS = [getattr(receipts, name) for name in AccessReceipt.model_fields]


def readings_of(enterprise_id: UUID) -> Select[Any]:
    """Who read its data."""
    return select(*FIELDS).where(receipts.enterprise_id == enterprise_id)
