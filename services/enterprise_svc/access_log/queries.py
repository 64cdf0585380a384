from typing import Any
from uuid import UUID

from sqlalchemy import Select, or_, select

from services.enterprise_svc.access_log.models import AccessReceipt
from services.enterprise_svc.mergers.models import MergedEnterprise

receipts: Any = AccessReceipt
NUMBER = receipts.number  # the order in which they were written down
FIELDS = [getattr(receipts, name) for name in AccessReceipt.model_fields]


def readings_of(enterprise_id: UUID) -> Select[Any]:
    """Who read its data, or that of one merged into it."""
    one: Any = MergedEnterprise
    merged = select(one.id).where(one.successor_id == enterprise_id)
    return select(*FIELDS).where(or_(receipts.enterprise_id == enterprise_id, receipts.enterprise_id.in_(merged)))
