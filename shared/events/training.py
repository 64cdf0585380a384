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
    """`module` is the module's code; `classroom` the days in the classroom. `recorded_ids`: the enterprises as they were named,
    where one of them has been merged into another since.
    """

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
    recorded_ids: list[UUID] | None = None


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
    """`recorded_under`: the id under which it was recorded, where that enterprise has been merged into `enterprise_id` since;
    `superseded_by`: who counts instead, because both enterprises knew a person by the same reference.
    """

    enterprise_id: UUID
    sex: str
    category: str
    recorded_under: UUID | None = None
    superseded_by: UUID | None = None


class ParticipantRegistered(ParticipantState):
    subject: ClassVar[str] = "score.training.participant.registered.v1"


class ParticipantAmended(ParticipantState):
    subject: ClassVar[str] = "score.training.participant.amended.v1"


class ParticipantErased(ParticipantState):
    subject: ClassVar[str] = "score.training.participant.erased.v1"


class ParticipantSnapshot(ParticipantState):
    subject: ClassVar[str] = "score.training.participant.snapshot.v1"


class AttendanceState(Event):
    """`recorded_under` as of participants; `recorded_for`: whose it was recorded as, where another participant counts instead."""

    participant_id: UUID
    enterprise_id: UUID
    cycle_id: UUID
    date: date
    recorded_under: UUID | None = None
    recorded_for: UUID | None = None


class AttendanceRecorded(AttendanceState):
    subject: ClassVar[str] = "score.training.attendance.recorded.v1"


class AttendanceMoved(AttendanceState):
    """A merger of enterprises, or its undoing, made it another's."""

    subject: ClassVar[str] = "score.training.attendance.moved.v1"


class AttendanceSnapshot(AttendanceState):
    subject: ClassVar[str] = "score.training.attendance.snapshot.v1"


class VisitState(Event):
    """`recorded_under` as of participants; one that is `superseded` does not count: another of the enterprise has its number."""

    cycle_id: UUID
    enterprise_id: UUID
    sequence: int
    planned_on: date | None
    done_on: date | None
    state: str
    recorded_under: UUID | None = None


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


class VisitSuperseded(VisitState):
    """Its enterprise was merged, and the other one's visit with the same number counts."""

    subject: ClassVar[str] = "score.training.visit.superseded.v1"


class VisitSnapshot(VisitState):
    subject: ClassVar[str] = "score.training.visit.snapshot.v1"


class AccessState(access.Accesses):
    """What somebody who is no staff read of identified enterprises in one request; `id` is new for each, `version` is 1."""


class AccessRecorded(AccessState):
    subject: ClassVar[str] = "score.training.access.recorded.v1"
