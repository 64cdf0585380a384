"""Door 2: what this service keeps of the registry, and what it tells again when asked."""

from services.training_svc.attendances.models import Attendance
from services.training_svc.cycles.models import Cycle
from services.training_svc.modules.models import Module
from services.training_svc.participants.models import Participant
from services.training_svc.read_models.registry import (
    ConsentView,
    EnterpriseView,
    OrganisationView,
    PartnershipView,
    PhaseView,
)
from services.training_svc.trainers.models import Trainer
from services.training_svc.visits.models import Visit
from shared.consumer import Subscriptions
from shared.events.enterprise import ConsentState, EnterpriseState, OrganisationState, PartnershipState, PhaseState
from shared.events.training import (
    AttendanceSnapshot,
    CycleSnapshot,
    ModuleSnapshot,
    ParticipantSnapshot,
    TrainerSnapshot,
    VisitSnapshot,
)

subscriptions = Subscriptions()

subscriptions.copies("organisation", OrganisationState, OrganisationView)
subscriptions.copies("phase", PhaseState, PhaseView)
subscriptions.copies("partnership", PartnershipState, PartnershipView)
subscriptions.copies("enterprise", EnterpriseState, EnterpriseView)
subscriptions.copies("consent", ConsentState, ConsentView)

subscriptions.tells("module", Module, ModuleSnapshot)
subscriptions.tells("trainer", Trainer, TrainerSnapshot)
subscriptions.tells("cycle", Cycle, CycleSnapshot)
subscriptions.tells("participant", Participant, ParticipantSnapshot)
subscriptions.tells("attendance", Attendance, AttendanceSnapshot)
subscriptions.tells("visit", Visit, VisitSnapshot)
