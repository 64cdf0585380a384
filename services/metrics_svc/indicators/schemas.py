from pydantic import Field

from services.metrics_svc.indicators.models import Aggregation, Direction
from shared.pagination import ListQuery, any_of
from shared.types import Code, ExternalRef, Input, Resource, Text


class DefineIndicator(Input):
    """One code is one quantity, for ever: only the name may change later."""

    code: Code = Field(examples=["OWN01"])
    name: Text = Field(examples=["Water used for dyeing, per production unit"])
    unit: Text = Field(
        examples=["m3"], description="The unit of the numerator; `currency` for amounts in any ISO 4217 currency"
    )
    direction: Direction = Field(description="Which change is an improvement")
    aggregation: Aggregation = Field(description="`computed` ones take no observations")
    external_ref: ExternalRef | None = None


class IndicatorOut(Resource):
    code: str
    name: str
    unit: str
    direction: Direction
    aggregation: Aggregation
    external_ref: str | None


class IndicatorQuery(ListQuery):
    code: any_of(Code) | None = None
    direction: any_of(Direction) | None = None
    aggregation: any_of(Aggregation) | None = None
