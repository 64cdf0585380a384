"""Door 2: what this service keeps of the registry, and what it tells again when asked."""

from sqlmodel.ext.asyncio.session import AsyncSession

from services.training_svc.attendances.models import Attendance
from services.training_svc.cycles.models import Cycle
from services.training_svc.mergers.commands import follow_merger
from services.training_svc.modules.models import Module
from services.training_svc.participants.models import Participant
from services.training_svc.read_models.registry import (
    ConsentView,
    EnterpriseView,
    MergedEnterprise,
    OrganisationView,
    PartnershipView,
    PhaseView,
)
from services.training_svc.trainers.models import Trainer
from services.training_svc.visits.models import Visit
from shared.consumer import Subscriptions
from shared.events.enterprise import (
    ConsentState,
    EnterpriseMerged,
    EnterpriseSnapshot,
    EnterpriseState,
    EnterpriseUnmerged,
    OrganisationState,
    PartnershipState,
    PhaseState,
)
from shared.events.training import (
    AttendanceSnapshot,
    CycleSnapshot,
    ModuleSnapshot,
    ParticipantSnapshot,
    TrainerSnapshot,
    VisitSnapshot,
)
from shared.successors import placing_consents

MOVING_SECONDS = 120.0  # of an enterprise with years of records

subscriptions = Subscriptions()

subscriptions.copies("organisation", OrganisationState, OrganisationView)
subscriptions.copies("phase", PhaseState, PhaseView)
subscriptions.copies("partnership", PartnershipState, PartnershipView)
subscriptions.copies("enterprise", EnterpriseState, EnterpriseView)
subscriptions.views("enterprise", MergedEnterprise)
subscriptions.copies("consent", ConsentState, ConsentView, placing_consents(MergedEnterprise))


@subscriptions.on(EnterpriseMerged, EnterpriseUnmerged, seconds=MOVING_SECONDS)
async def on_enterprise_merged(session: AsyncSession, event: EnterpriseState) -> None:
    await follow_merger(session, event)


@subscriptions.on(EnterpriseSnapshot, seconds=MOVING_SECONDS)
async def on_enterprise_snapshot(session: AsyncSession, event: EnterpriseState) -> None:
    if event.merged_into is not None:
        await follow_merger(session, event)


subscriptions.tells("module", Module, ModuleSnapshot)
subscriptions.tells("trainer", Trainer, TrainerSnapshot)
subscriptions.tells("cycle", Cycle, CycleSnapshot)
subscriptions.tells("participant", Participant, ParticipantSnapshot)
subscriptions.tells("attendance", Attendance, AttendanceSnapshot)
subscriptions.tells("visit", Visit, VisitSnapshot)
