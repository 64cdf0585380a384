"""What training_svc announces. Personal facts (a trainer's name, a participant's reference) stay out of it."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from pydantic import AliasChoices, Field

from shared.events import Event, access


class ModuleState(Event):
    code: str
    title: str


class ModuleDefined(ModuleState):
    subject: ClassVar[str] = "score.training.module.defined.v1"


class ModuleAmended(ModuleState):
    subject: ClassVar[str] = "score.training.module.amended.v1"


class ModuleSnapshot(ModuleState):
    subject: ClassVar[str] = "score.training.module.snapshot.v1"


class TrainerState(Event):
    organisation_id: UUID
    country: str
    languages: list[str]


class TrainerRegistered(TrainerState):
    subject: ClassVar[str] = "score.training.trainer.registered.v1"


class TrainerAmended(TrainerState):
    subject: ClassVar[str] = "score.training.trainer.amended.v1"


class TrainerErased(TrainerState):
    subject: ClassVar[str] = "score.training.trainer.erased.v1"


class TrainerSnapshot(TrainerState):
    subject: ClassVar[str] = "score.training.trainer.snapshot.v1"


# --- cycles ----------------------------------------------------------------------------------------------------


class CycleState(Event):
    """`module` is the module's code; `classroom` the days in the classroom."""

    module: str
    variant: str
    country: str
    phase_id: UUID | None
    partnership_id: UUID | None
    provider_id: UUID | None
    enterprise_ids: list[UUID]
    # the publisher's own model calls its bare days `days`; `classroom` there holds the venues too
    classroom: list[date] = Field(validation_alias=AliasChoices("days", "classroom"))
    state: str
    external_ref: str | None
    created_by: str
    lead_trainer_id: UUID | None = None
    co_trainer_ids: list[UUID] = []
    supervisor_id: UUID | None = None


class CycleDrafted(CycleState):
    subject: ClassVar[str] = "score.training.cycle.drafted.v1"


class CycleAmended(CycleState):
    subject: ClassVar[str] = "score.training.cycle.amended.v1"


class CyclePlanned(CycleState):
    subject: ClassVar[str] = "score.training.cycle.planned.v1"


class CycleOpened(CycleState):
    subject: ClassVar[str] = "score.training.cycle.opened.v1"


class CycleConfirmed(CycleState):
    subject: ClassVar[str] = "score.training.cycle.confirmed.v1"


class CycleStarted(CycleState):
    subject: ClassVar[str] = "score.training.cycle.started.v1"


class CycleVisitsBegun(CycleState):
    subject: ClassVar[str] = "score.training.cycle.visits_begun.v1"


class CycleReportingBegun(CycleState):
    subject: ClassVar[str] = "score.training.cycle.reporting_begun.v1"


class CycleClosed(CycleState):
    subject: ClassVar[str] = "score.training.cycle.closed.v1"


class CycleCancelled(CycleState):
    subject: ClassVar[str] = "score.training.cycle.cancelled.v1"


class CycleSnapshot(CycleState):
    subject: ClassVar[str] = "score.training.cycle.snapshot.v1"


# --- participants, attendances, visits -------------------------------------------------------------------------


class ParticipantState(Event):
    enterprise_id: UUID
    sex: str
    category: str


class ParticipantRegistered(ParticipantState):
    subject: ClassVar[str] = "score.training.participant.registered.v1"


class ParticipantAmended(ParticipantState):
    subject: ClassVar[str] = "score.training.participant.amended.v1"


class ParticipantErased(ParticipantState):
    subject: ClassVar[str] = "score.training.participant.erased.v1"


class ParticipantSnapshot(ParticipantState):
    subject: ClassVar[str] = "score.training.participant.snapshot.v1"


class AttendanceState(Event):
    participant_id: UUID
    enterprise_id: UUID
    cycle_id: UUID
    date: date


class AttendanceRecorded(AttendanceState):
    subject: ClassVar[str] = "score.training.attendance.recorded.v1"


class AttendanceSnapshot(AttendanceState):
    subject: ClassVar[str] = "score.training.attendance.snapshot.v1"


class VisitState(Event):
    cycle_id: UUID
    enterprise_id: UUID
    sequence: int
    planned_on: date | None
    done_on: date | None
    state: str


class VisitProposed(VisitState):
    subject: ClassVar[str] = "score.training.visit.proposed.v1"


class VisitAmended(VisitState):
    subject: ClassVar[str] = "score.training.visit.amended.v1"


class VisitConfirmed(VisitState):
    subject: ClassVar[str] = "score.training.visit.confirmed.v1"


class VisitRescheduled(VisitState):
    subject: ClassVar[str] = "score.training.visit.rescheduled.v1"


class VisitDone(VisitState):
    subject: ClassVar[str] = "score.training.visit.done.v1"


class VisitReported(VisitState):
    subject: ClassVar[str] = "score.training.visit.reported.v1"


class VisitApproved(VisitState):
    subject: ClassVar[str] = "score.training.visit.approved.v1"


class VisitReturned(VisitState):
    subject: ClassVar[str] = "score.training.visit.returned.v1"


class VisitCancelled(VisitState):
    subject: ClassVar[str] = "score.training.visit.cancelled.v1"


class VisitSnapshot(VisitState):
    subject: ClassVar[str] = "score.training.visit.snapshot.v1"


class AccessState(access.Accesses):
    """What somebody who is no staff read of identified enterprises in one request; `id` is new for each, `version` is 1."""


class AccessRecorded(AccessState):
    subject: ClassVar[str] = "score.training.access.recorded.v1"
