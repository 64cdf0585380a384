"""Door 2: what this service does when it hears of something, and what of its own it can tell again."""

from sqlmodel.ext.asyncio.session import AsyncSession

from services.enterprise_svc.access_log.commands import keep_receipts
from services.enterprise_svc.consents.models import Consent
from services.enterprise_svc.country_policies.models import CountryPolicy
from services.enterprise_svc.enterprises.commands import activate_enterprise
from services.enterprise_svc.enterprises.models import Enterprise
from services.enterprise_svc.fees.models import Fee
from services.enterprise_svc.mergers.models import LaterFact, MergedEnterprise
from services.enterprise_svc.mergers.queries import of_survivors
from services.enterprise_svc.nominations.models import Nomination
from services.enterprise_svc.organisations.models import Organisation
from services.enterprise_svc.partnerships.models import Partnership
from services.enterprise_svc.phases.models import Phase
from services.enterprise_svc.programmes.models import Programme
from services.enterprise_svc.read_models.metrics import ObservationView, SavingView
from services.enterprise_svc.read_models.training import AttendanceView, CycleView
from services.enterprise_svc.supply_links.models import SupplyLink
from shared.consumer import Subscriptions
from shared.events import metrics, training
from shared.events.access import Accesses
from shared.events.enterprise import (
    ConsentSnapshot,
    CountryPolicySnapshot,
    EnterpriseSnapshot,
    FeeSnapshot,
    NominationSnapshot,
    OrganisationSnapshot,
    PartnershipSnapshot,
    PhaseSnapshot,
    ProgrammeSnapshot,
    SupplyLinkSnapshot,
)
from shared.events.training import AttendanceRecorded, AttendanceSnapshot, AttendanceState, CycleState
from shared.successors import placing, placing_lists

subscriptions = Subscriptions()


@subscriptions.on(AttendanceRecorded, AttendanceSnapshot)
async def on_attendance(session: AsyncSession, event: AttendanceState) -> None:
    await activate_enterprise(session, event.recorded_under or event.enterprise_id)


@subscriptions.on(metrics.AccessRecorded, training.AccessRecorded)
async def on_access_recorded(session: AsyncSession, event: Accesses) -> None:
    await keep_receipts(session, event)


subscriptions.copies("cycle", CycleState, CycleView, placing_lists(MergedEnterprise))
subscriptions.copies("attendance", AttendanceState, AttendanceView, placing(MergedEnterprise))
subscriptions.copies("observation", metrics.ObservationState, ObservationView, placing(MergedEnterprise))
subscriptions.copies("saving", metrics.SavingState, SavingView, placing(MergedEnterprise))

# what an unmerging must know of
subscriptions.copies("observation", metrics.ObservationState, LaterFact, of_survivors("observation"), rebuilt=False)
subscriptions.copies("saving", metrics.SavingState, LaterFact, of_survivors("saving"), rebuilt=False)
subscriptions.copies("participant", training.ParticipantState, LaterFact, of_survivors("participant"), rebuilt=False)
subscriptions.copies("attendance", training.AttendanceState, LaterFact, of_survivors("attendance"), rebuilt=False)
subscriptions.copies("visit", training.VisitState, LaterFact, of_survivors("visit"), rebuilt=False)

subscriptions.tells("organisation", Organisation, OrganisationSnapshot)
subscriptions.tells("programme", Programme, ProgrammeSnapshot)
subscriptions.tells("phase", Phase, PhaseSnapshot)
subscriptions.tells("country_policy", CountryPolicy, CountryPolicySnapshot)
subscriptions.tells("enterprise", Enterprise, EnterpriseSnapshot)
subscriptions.tells("supply_link", SupplyLink, SupplyLinkSnapshot)
subscriptions.tells("partnership", Partnership, PartnershipSnapshot)
subscriptions.tells("nomination", Nomination, NominationSnapshot)
subscriptions.tells("fee", Fee, FeeSnapshot)
subscriptions.tells("consent", Consent, ConsentSnapshot)
