"""Door 2: what this service keeps of the registry and of training, and what it tells again when asked."""

from sqlmodel.ext.asyncio.session import AsyncSession

from services.metrics_svc.exchange_rates.models import ExchangeRate
from services.metrics_svc.indicators.models import Indicator
from services.metrics_svc.mergers.commands import follow_merger
from services.metrics_svc.mergers.training import of_mergers, tell_of_participant, tell_of_visit
from services.metrics_svc.observations.models import Observation
from services.metrics_svc.read_models.models import (
    AttendanceView,
    ConsentView,
    CountryPolicyView,
    CycleView,
    EnterpriseView,
    MergedEnterprise,
    ModuleView,
    OrganisationView,
    ParticipantView,
    PartnershipView,
    PhaseView,
    SupplyLinkView,
    VisitView,
)
from services.metrics_svc.savings.models import Saving
from services.metrics_svc.surveys.models import Survey
from shared.consumer import Subscriptions
from shared.events.enterprise import (
    ConsentState,
    CountryPolicyState,
    EnterpriseMerged,
    EnterpriseSnapshot,
    EnterpriseState,
    EnterpriseUnmerged,
    OrganisationState,
    PartnershipState,
    PhaseState,
    SupplyLinkState,
)
from shared.events.metrics import (
    ExchangeRateSnapshot,
    IndicatorSnapshot,
    ObservationSnapshot,
    SavingSnapshot,
    SurveySnapshot,
)
from shared.events.training import (
    AttendanceState,
    CycleState,
    ModuleState,
    ParticipantAmended,
    ParticipantSnapshot,
    ParticipantState,
    VisitState,
)
from shared.successors import placing, placing_consents, placing_lists

MOVING_SECONDS = 120.0  # of an enterprise with years of records

subscriptions = Subscriptions()

subscriptions.copies("enterprise", EnterpriseState, EnterpriseView)
subscriptions.views("enterprise", MergedEnterprise)
subscriptions.copies("organisation", OrganisationState, OrganisationView)
subscriptions.copies("phase", PhaseState, PhaseView)
subscriptions.copies("partnership", PartnershipState, PartnershipView)
subscriptions.copies("supply_link", SupplyLinkState, SupplyLinkView, placing(MergedEnterprise))
subscriptions.copies("country_policy", CountryPolicyState, CountryPolicyView)
subscriptions.copies("consent", ConsentState, ConsentView, placing_consents(MergedEnterprise))

subscriptions.copies("module", ModuleState, ModuleView)
subscriptions.copies("cycle", CycleState, CycleView, placing_lists(MergedEnterprise))
subscriptions.copies("attendance", AttendanceState, AttendanceView, placing(MergedEnterprise))
subscriptions.copies("visit", VisitState, VisitView, placing(MergedEnterprise))
subscriptions.copies("participant", ParticipantState, ParticipantView, of_mergers)


@subscriptions.on(EnterpriseMerged, EnterpriseUnmerged, seconds=MOVING_SECONDS)
async def on_enterprise_merged(session: AsyncSession, event: EnterpriseState) -> None:
    await follow_merger(session, event)


@subscriptions.on(EnterpriseSnapshot, seconds=MOVING_SECONDS)
async def on_enterprise_snapshot(session: AsyncSession, event: EnterpriseState) -> None:
    if event.merged_into is not None:
        await follow_merger(session, event)


@subscriptions.on(*VisitState.__subclasses__())
async def on_visit(session: AsyncSession, event: VisitState) -> None:
    await tell_of_visit(session, event)


@subscriptions.on(ParticipantAmended, ParticipantSnapshot)
async def on_participant(session: AsyncSession, event: ParticipantState) -> None:
    await tell_of_participant(session, event)


subscriptions.tells("indicator", Indicator, IndicatorSnapshot)
subscriptions.tells("observation", Observation, ObservationSnapshot)
subscriptions.tells("saving", Saving, SavingSnapshot)
subscriptions.tells("exchange_rate", ExchangeRate, ExchangeRateSnapshot)
subscriptions.tells("survey", Survey, SurveySnapshot)
