from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import AfterValidator, Field

from services.training_svc.cycles.models import CycleState
from shared.pagination import PeriodQuery, any_of
from shared.permissions.forms import Forms
from shared.permissions.roles import Role
from shared.types import Answer, Code, Country, Day, ExternalRef, Id, Input, Resource, Text, refuse


class EnterpriseInCycle(Input):
    enterprise_id: Id
    baseline_on: Day | None = Field(None, description="The day on which its baseline is taken")


class ClassroomDay(Input):
    date: Day
    venue: Text | None = None


def each_once(name: str, what: str) -> AfterValidator:
    def check(parts: list[Any]) -> list[Any]:
        if len({getattr(part, name) for part in parts}) < len(parts):
            raise refuse("repeated", f"{what} can be named only once.")
        return parts

    return AfterValidator(check)


def ids_once(ids: list[Any]) -> list[Any]:
    if len(set(ids)) < len(ids):
        raise refuse("repeated", "An id can be named only once.")
    return ids


Enterprises = Annotated[list[EnterpriseInCycle], each_once("enterprise_id", "An enterprise")]
Classroom = Annotated[list[ClassroomDay], each_once("date", "A day")]


class DraftCycle(Input):
    module: Code = Field(examples=["M1"], description="The module's code")
    variant: Code | None = Field(None, description="The variant's code; left out: standard")
    country: Country
    phase_id: Id | None = None
    partnership_id: Id | None = None
    provider_id: Id | None = Field(None, description="The organisation that gives the training")
    enterprises: Enterprises = Field([], max_length=200)
    lead_trainer_id: Id | None = None
    co_trainer_ids: Annotated[list[Id], AfterValidator(ids_once)] = Field([], max_length=20)
    supervisor_id: Id | None = Field(None, description="The expert who supervises a candidate")
    classroom: Classroom = Field([], max_length=60)
    external_ref: ExternalRef | None = None


class CycleOut(Resource):
    module: str
    variant: str
    country: str
    phase_id: Id | None
    partnership_id: Id | None
    provider_id: Id | None
    enterprises: list[EnterpriseInCycle]
    lead_trainer_id: Id | None
    co_trainer_ids: list[Id]
    supervisor_id: Id | None
    classroom: list[ClassroomDay]
    state: CycleState
    allowed_actions: list[str]
    external_ref: str | None


class CycleAttended(Resource):
    """What an enterprise is told of a cycle it takes part in: nothing of the others in it."""

    whole: ClassVar[bool] = False

    module: str
    variant: str
    country: str
    phase_id: Id | None
    partnership_id: Id | None
    provider_id: Id | None
    enterprises: list[EnterpriseInCycle] = Field(validation_alias="enterprises_in_sight")
    classroom: list[ClassroomDay]
    state: CycleState

    @property
    def tells_of(self) -> list[UUID]:
        return [one.enterprise_id for one in self.enterprises]


class DayInClassroom(Answer):
    date: Day


class CycleSeen(CycleAttended):
    """What a buyer is told of a cycle of its partnerships: of the enterprises those who allow it, and no addresses."""

    classroom: list[DayInClassroom]  # type: ignore[assignment]


CYCLE = Forms(CycleOut, {Role.ENTERPRISE: CycleAttended, Role.BUYER: CycleSeen})


class CycleQuery(PeriodQuery):
    """`from` and `to`: cycles with their classroom days in between, or around."""

    module: any_of(Code) | None = None
    country: any_of(Country) | None = None
    state: any_of(CycleState) | None = None
    phase_id: any_of(Id) | None = None
    partnership_id: any_of(Id) | None = None
    provider_id: any_of(Id) | None = None
    enterprise_id: any_of(Id) | None = None
    lead_trainer_id: any_of(Id) | None = None
    co_trainer_id: any_of(Id) | None = None
    supervisor_id: any_of(Id) | None = None
