"""Door 2: what this service keeps of the registry, and what it tells again when asked."""

from collections.abc import AsyncIterator
from typing import Any, TypeVar

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.training_svc.attendances.models import Attendance
from services.training_svc.cycles.models import Cycle
from services.training_svc.modules.models import Module
from services.training_svc.participants.models import Participant
from services.training_svc.read_models.registry import (
    EnterpriseView,
    OrganisationView,
    PartnershipView,
    PhaseView,
)
from services.training_svc.trainers.models import Trainer
from services.training_svc.visits.models import Visit
from shared.consumer import Subscriptions
from shared.events import Event
from shared.events import enterprise as registry
from shared.events import training as events
from shared.views import keep_newest

subscriptions = Subscriptions()
subscriptions.views("organisation", OrganisationView)
subscriptions.views("phase", PhaseView)
subscriptions.views("partnership", PartnershipView)
subscriptions.views("enterprise", EnterpriseView)


async def keep(session: AsyncSession, view: Any, event: Event) -> None:
    """Every column of the view is a fact of the event."""
    await keep_newest(session, view, **event.model_dump(include=set(view.model_fields)))


@subscriptions.on(registry.OrganisationRegistered, registry.OrganisationAmended, registry.OrganisationSnapshot)
async def on_organisation(session: AsyncSession, event: registry.OrganisationState) -> None:
    await keep(session, OrganisationView, event)


@subscriptions.on(registry.PhaseStarted, registry.PhaseAmended, registry.PhaseSnapshot)
async def on_phase(session: AsyncSession, event: registry.PhaseState) -> None:
    await keep(session, PhaseView, event)


@subscriptions.on(
    registry.PartnershipDrafted,
    registry.PartnershipAmended,
    registry.PartnershipSigned,
    registry.PartnershipActivated,
    registry.PartnershipClosed,
    registry.PartnershipSnapshot,
)
async def on_partnership(session: AsyncSession, event: registry.PartnershipState) -> None:
    await keep(session, PartnershipView, event)


@subscriptions.on(
    registry.EnterpriseRegistered,
    registry.EnterpriseAmended,
    registry.EnterpriseAssessed,
    registry.EnterpriseEnrolled,
    registry.EnterpriseActivated,
    registry.EnterpriseSuspended,
    registry.EnterpriseResumed,
    registry.EnterpriseCompleted,
    registry.EnterpriseWithdrawn,
    registry.EnterpriseClosed,
    registry.EnterpriseSnapshot,
)
async def on_enterprise(session: AsyncSession, event: registry.EnterpriseState) -> None:
    await keep(session, EnterpriseView, event)


# --- told again ------------------------------------------------------------------------------------------------

Snapshot = TypeVar("Snapshot", bound=Event)
AT_ONCE = 500


async def told(session: AsyncSession, model: Any, snapshot: type[Snapshot]) -> AsyncIterator[Snapshot]:
    """Streamed: a million attendances do not fit into memory."""
    rows = await session.stream_scalars(select(model).execution_options(yield_per=AT_ONCE))
    async for row in rows:
        yield snapshot.model_validate(row, from_attributes=True)
        session.expunge(row)


@subscriptions.snapshots("module")
def module_snapshots(session: AsyncSession) -> AsyncIterator[events.ModuleSnapshot]:
    return told(session, Module, events.ModuleSnapshot)


@subscriptions.snapshots("trainer")
def trainer_snapshots(session: AsyncSession) -> AsyncIterator[events.TrainerSnapshot]:
    return told(session, Trainer, events.TrainerSnapshot)


@subscriptions.snapshots("cycle")
def cycle_snapshots(session: AsyncSession) -> AsyncIterator[events.CycleSnapshot]:
    return told(session, Cycle, events.CycleSnapshot)


@subscriptions.snapshots("participant")
def participant_snapshots(session: AsyncSession) -> AsyncIterator[events.ParticipantSnapshot]:
    return told(session, Participant, events.ParticipantSnapshot)


@subscriptions.snapshots("attendance")
def attendance_snapshots(session: AsyncSession) -> AsyncIterator[events.AttendanceSnapshot]:
    return told(session, Attendance, events.AttendanceSnapshot)


@subscriptions.snapshots("visit")
def visit_snapshots(session: AsyncSession) -> AsyncIterator[events.VisitSnapshot]:
    return told(session, Visit, events.VisitSnapshot)
