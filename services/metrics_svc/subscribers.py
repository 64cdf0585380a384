"""Door 2: what this service keeps of the registry and of training, and what it tells again when asked."""

from services.metrics_svc.exchange_rates.models import ExchangeRate
from services.metrics_svc.indicators.models import Indicator
from services.metrics_svc.observations.models import Observation
from services.metrics_svc.read_models.models import (
    AttendanceView,
    ConsentView,
    CountryPolicyView,
    CycleView,
    EnterpriseView,
    ModuleView,
    OrganisationView,
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
    EnterpriseState,
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
from shared.events.training import AttendanceState, CycleState, ModuleState, VisitState

subscriptions = Subscriptions()

subscriptions.copies("enterprise", EnterpriseState, EnterpriseView)
subscriptions.copies("organisation", OrganisationState, OrganisationView)
subscriptions.copies("phase", PhaseState, PhaseView)
subscriptions.copies("partnership", PartnershipState, PartnershipView)
subscriptions.copies("supply_link", SupplyLinkState, SupplyLinkView)
subscriptions.copies("country_policy", CountryPolicyState, CountryPolicyView)
subscriptions.copies("consent", ConsentState, ConsentView)

subscriptions.copies("module", ModuleState, ModuleView)
subscriptions.copies("cycle", CycleState, CycleView)
subscriptions.copies("attendance", AttendanceState, AttendanceView)
subscriptions.copies("visit", VisitState, VisitView)

subscriptions.tells("indicator", Indicator, IndicatorSnapshot)
subscriptions.tells("observation", Observation, ObservationSnapshot)
subscriptions.tells("saving", Saving, SavingSnapshot)
subscriptions.tells("exchange_rate", ExchangeRate, ExchangeRateSnapshot)
subscriptions.tells("survey", Survey, SurveySnapshot)
