from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.enterprise_svc.consents.models import Consent
from services.enterprise_svc.consents.schemas import GrantConsent
from services.enterprise_svc.enterprises.countries import country_of
from services.enterprise_svc.mergers.models import MergedEnterprise
from services.enterprise_svc.organisations.models import Organisation
from shared.changes import record
from shared.conditions import IfMatch
from shared.db import refuse_taken_ref, refuse_unknown
from shared.errors import ValidationFailed, pointer
from shared.events.enterprise import ConsentGranted, ConsentWithdrawn
from shared.successors import merged_into


async def grant_consent(session: AsyncSession, command: GrantConsent, *, by_enterprise: bool) -> Consent:
    """What others record for an enterprise must be its own word somewhere."""
    if command.evidence is None and not by_enterprise:
        raise ValidationFailed(errors=[pointer("missing", "Say where the enterprise's word can be read.", "evidence")])
    await refuse_taken_ref(session, Consent, command.external_ref)
    country = await country_of(session, command.enterprise_id, "enterprise_id")
    covers = [command.enterprise_id, *await merged_into(session, MergedEnterprise, command.enterprise_id)]
    await refuse_unknown(session, Organisation, command.grantee_id, "grantee_id")
    consent = Consent(**command.model_dump(), country=country, covers=covers)
    await record(session, consent, ConsentGranted)
    return consent


async def withdraw_consent(session: AsyncSession, id: UUID, match: IfMatch) -> Consent:
    consent = await Consent.for_change(session, id)
    match.check(consent.version)
    consent.withdraw()
    await record(session, consent, ConsentWithdrawn)
    return consent
