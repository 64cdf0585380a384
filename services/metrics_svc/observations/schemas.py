from pydantic import Field

from services.metrics_svc.observations.models import Point, Source
from services.metrics_svc.records.schemas import ApproveMany, RecordFilter, RecordQuery, SentState, VersionedResource
from shared.pagination import any_of
from shared.references import Reference
from shared.types import Code, DecimalIn, ExternalRef, Id, Input, Month, PositiveDecimal, Text


class ObservationContent(Input):
    """The figure itself. A left-out denominator means that the numerator is the ratio."""

    numerator: DecimalIn = Field(examples=["50"])
    denominator: PositiveDecimal | None = Field(None, examples=["1000"])
    unit: Text = Field(examples=["units"], description="The unit of the numerator")
    production_unit: Text | None = Field(None, examples=["pair of socks"])
    source: Source | None = None


class ObservationRow(ObservationContent):
    """A row of an import; the key is enterprise, indicator, period and point."""

    enterprise_id: Reference
    indicator: Code
    period: Month
    point: Point
    state: SentState = "submitted"
    external_ref: ExternalRef | None = None


class AmendObservation(ObservationContent):
    """What identifies an observation stays: enterprise, indicator, period, point."""

    enterprise_id: Id
    indicator: Code = Field(examples=["KPI02"])
    period: Month
    point: Point
    external_ref: ExternalRef | None = None


class RecordObservation(AmendObservation):
    """One figure of one enterprise for one month."""

    state: SentState = "submitted"


class ObservationOut(VersionedResource):
    enterprise_id: Id
    indicator: str
    period: str
    point: Point
    numerator: DecimalIn
    denominator: DecimalIn | None
    unit: str
    production_unit: str | None
    source: Source | None


class ObservationFilter(RecordFilter):
    """`from` and `to` are periods."""

    indicator: any_of(Code) | None = None
    period: any_of(Month) | None = None
    point: any_of(Point) | None = None
    source: any_of(Source) | None = None


class ObservationQuery(ObservationFilter, RecordQuery):
    pass


class ApproveObservations(ApproveMany[ObservationFilter]):
    pass
