"""Door 2: what this service does when it hears of something, and what of its own it can tell again."""

from collections.abc import AsyncIterator
from typing import Any

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.enterprise_svc.enterprises.commands import activate_enterprise
from services.enterprise_svc.enterprises.models import Enterprise
from services.enterprise_svc.nominations.models import Nomination
from services.enterprise_svc.organisations.models import Organisation
from services.enterprise_svc.partnerships.models import Partnership
from services.enterprise_svc.phases.models import Phase
from services.enterprise_svc.programmes.models import Programme
from services.enterprise_svc.supply_links.models import SupplyLink
from shared.consumer import Subscriptions
from shared.events import Event
from shared.events.enterprise import (
    EnterpriseSnapshot,
    NominationSnapshot,
    OrganisationSnapshot,
    PartnershipSnapshot,
    PhaseSnapshot,
    ProgrammeSnapshot,
    SupplyLinkSnapshot,
)
from shared.events.training import AttendanceRecorded, AttendanceSnapshot, AttendanceState
from shared.subscriptions import Snapshots

ROWS_AT_ONCE = 500

subscriptions = Subscriptions()


@subscriptions.on(AttendanceRecorded, AttendanceSnapshot)
async def on_attendance(session: AsyncSession, event: AttendanceState) -> None:
    await activate_enterprise(session, event.enterprise_id)


def all_of(model: Any, snapshot: type[Event]) -> Snapshots:
    """The present state of every row of `model`, read in portions."""

    async def tell(session: AsyncSession) -> AsyncIterator[Event]:
        rows = await session.stream_scalars(select(model).execution_options(yield_per=ROWS_AT_ONCE))
        async for row in rows:
            yield snapshot.model_validate(row, from_attributes=True)

    return tell


subscriptions.snapshots("organisation")(all_of(Organisation, OrganisationSnapshot))
subscriptions.snapshots("programme")(all_of(Programme, ProgrammeSnapshot))
subscriptions.snapshots("phase")(all_of(Phase, PhaseSnapshot))
subscriptions.snapshots("enterprise")(all_of(Enterprise, EnterpriseSnapshot))
subscriptions.snapshots("supply_link")(all_of(SupplyLink, SupplyLinkSnapshot))
subscriptions.snapshots("partnership")(all_of(Partnership, PartnershipSnapshot))
subscriptions.snapshots("nomination")(all_of(Nomination, NominationSnapshot))
