"""Door 2: what this service does when it hears of something."""

from collections.abc import AsyncIterator

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.enterprise_svc.organisations.models import Organisation
from shared.consumer import Subscriptions
from shared.events.enterprise import OrganisationSnapshot

subscriptions = Subscriptions()


@subscriptions.snapshots("organisation")
async def organisation_snapshots(session: AsyncSession) -> AsyncIterator[OrganisationSnapshot]:
    for organisation in await session.exec(select(Organisation)):
        yield OrganisationSnapshot.model_validate(organisation, from_attributes=True)
