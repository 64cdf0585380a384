from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field

from services.enterprise_svc.periods import NotBefore
from shared.pagination import PeriodQuery, each
from shared.types import Country, Day, ExternalRef, Id, Input, Resource, Text


class StartPhase(Input):
    programme_id: Id
    name: Text = Field(examples=["Phase I"])
    starts_on: Day
    ends_on: Annotated[Day | None, AfterValidator(NotBefore("starts_on"))] = None
    countries: list[Country] = Field([], max_length=300)
    donor_ids: list[Id] = Field([], max_length=100, description="Organisations that fund it")
    external_ref: ExternalRef | None = None


class PhaseOut(Resource):
    programme_id: UUID
    name: str
    starts_on: Day
    ends_on: Day | None
    countries: list[str]
    donor_ids: list[UUID]
    external_ref: str | None


class PhaseQuery(PeriodQuery):
    programme_id: Annotated[str | None, each(Id)] = None
    country: Annotated[str | None, each(Country)] = None
    donor_id: Annotated[str | None, each(Id)] = None
