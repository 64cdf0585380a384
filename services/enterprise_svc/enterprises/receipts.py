"""What an enterprise is told of who read of it."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.enterprise_svc.consents.models import Consent
from services.enterprise_svc.enterprises.schemas import FORMS
from shared import receipts
from shared.consents import ConsentScope, live_now, scopes_allowing
from shared.context import current


async def leave_receipts(session: AsyncSession, enterprise_ids: Sequence[UUID]) -> None:
    """Of the form that whoever asks is answered, and of the consents it was answered under."""
    if enterprise_ids and current().who.role in receipts.READERS:
        by_name = col(Consent.scope).in_(scopes_allowing(ConsentScope.IDENTIFIED_KPI))
        allowing = select(Consent.id).where(col(Consent.enterprise_id).in_(enterprise_ids), by_name, *live_now(Consent))
        consents = (await session.exec(allowing)).all()
        await receipts.note(session, enterprise_ids, FORMS.form().model_fields, consents)
