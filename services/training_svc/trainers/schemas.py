from typing import Annotated

from pydantic import Field, Strict

from shared.pagination import ListQuery, any_of
from shared.types import Country, ExternalRef, Id, Input, Instant, Language, Location, Resource, Sex, Text

DaysPerMonth = Annotated[int, Strict(), Field(ge=1, le=31)]


class RegisterTrainer(Input):
    name: Text = Field(examples=["A. Trainer"])
    organisation_id: Id = Field(description="The provider or institution that employs the trainer")
    country: Country
    languages: list[Language] = Field([], max_length=50)
    sectors: list[Text] = Field([], max_length=50, examples=[["garments"]])
    sex: Sex | None = None
    base: Location | None = Field(None, description="Where the trainer's journeys begin")
    max_days_per_month: DaysPerMonth | None = None
    external_ref: ExternalRef | None = None


class TrainerOut(Resource):
    name: str
    organisation_id: Id
    country: str
    languages: list[str]
    sectors: list[str]
    sex: Sex | None
    base: Location | None
    max_days_per_month: int | None
    external_ref: str | None
    erased_at: Instant | None = Field(description="Since when nobody can tell who this is")


class TrainerQuery(ListQuery):
    organisation_id: any_of(Id) | None = None
    country: any_of(Country) | None = None
