from typing import Annotated, ClassVar

from pydantic import Field, Strict

from services.training_svc.visits.models import VisitState
from shared.pagination import PeriodQuery, any_of
from shared.permissions.forms import Forms
from shared.permissions.roles import Role
from shared.references import Reference
from shared.types import MAX_INT, Day, ExternalRef, Id, Input, Resource, Text

Sequence = Annotated[int, Strict(), Field(ge=1, le=MAX_INT, description="1 is the first visit there in this cycle")]
REPORT = Field(None, description="What was found and agreed, in words")


class ProposeVisit(Input):
    cycle_id: Id
    enterprise_id: Id
    trainer_id: Id | None = None
    sequence: Sequence
    planned_on: Day | None = None
    done_on: Day | None = Field(None, description="Sent when the visit has taken place: it is made as `done`")
    report: Text | None = REPORT
    external_ref: ExternalRef | None = None


class RescheduleVisit(Input):
    planned_on: Day | None = Field(None, description="The new day; left out: not known yet")


class VisitTookPlace(Input):
    done_on: Day


class ReportVisit(Input):
    report: Text | None = REPORT


class VisitOut(Resource):
    cycle_id: Id
    enterprise_id: Id
    trainer_id: Id | None
    sequence: int
    planned_on: Day | None
    done_on: Day | None
    report: str | None
    state: VisitState
    allowed_actions: list[str]
    external_ref: str | None


class VisitSeen(Resource):
    """What a buyer is told of a visit to an enterprise that allows it."""

    whole: ClassVar[bool] = False

    cycle_id: Id
    enterprise_id: Id
    sequence: int
    planned_on: Day | None
    done_on: Day | None
    state: VisitState


VISIT = Forms(VisitOut, {Role.BUYER: VisitSeen})


class VisitQuery(PeriodQuery):
    """`from` and `to`: the day the visit was done or, before that, is planned for."""

    cycle_id: any_of(Id) | None = None
    enterprise_id: any_of(Id) | None = None
    trainer_id: any_of(Id) | None = None
    state: any_of(VisitState) | None = None


class VisitRow(Input):
    cycle_id: Reference
    enterprise_id: Reference
    sequence: Sequence
    planned_on: Day | None = None
    done_on: Day | None = None
    report: Text | None = None
    trainer_id: Reference | None = None
    external_ref: ExternalRef | None = None
