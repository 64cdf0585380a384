"""What metrics_svc announces. Survey responses are announced to nobody: they are anonymous."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import PlainSerializer

from shared.events import Event, access

PlainDecimal = Annotated[Decimal, PlainSerializer(lambda number: format(number, "f"), when_used="json")]


class IndicatorState(Event):
    code: str
    name: str
    unit: str
    direction: str
    aggregation: str


class IndicatorDefined(IndicatorState):
    subject: ClassVar[str] = "score.metrics.indicator.defined.v1"


class IndicatorAmended(IndicatorState):
    subject: ClassVar[str] = "score.metrics.indicator.amended.v1"


class IndicatorSnapshot(IndicatorState):
    subject: ClassVar[str] = "score.metrics.indicator.snapshot.v1"


class ObservationState(Event):
    """`unit` is that of the numerator; `revision` counts the versions of one enterprise, indicator, period and point.

    `recorded_under`: the id under which it was recorded, where that enterprise has been merged into `enterprise_id` since.
    """

    enterprise_id: UUID
    indicator: str
    period: str
    point: str
    numerator: PlainDecimal
    denominator: PlainDecimal | None
    unit: str
    production_unit: str | None
    source: str | None
    state: str
    revision: int
    recorded_under: UUID | None = None


class ObservationRecorded(ObservationState):
    subject: ClassVar[str] = "score.metrics.observation.recorded.v1"


class ObservationAmended(ObservationState):
    subject: ClassVar[str] = "score.metrics.observation.amended.v1"


class ObservationSubmitted(ObservationState):
    subject: ClassVar[str] = "score.metrics.observation.submitted.v1"


class ObservationApproved(ObservationState):
    subject: ClassVar[str] = "score.metrics.observation.approved.v1"


class ObservationReturned(ObservationState):
    subject: ClassVar[str] = "score.metrics.observation.returned.v1"


class ObservationSuperseded(ObservationState):
    subject: ClassVar[str] = "score.metrics.observation.superseded.v1"


class ObservationSnapshot(ObservationState):
    subject: ClassVar[str] = "score.metrics.observation.snapshot.v1"


class SavingState(Event):
    """`reference` tells the savings of one month apart, '' if there is none; `revision` counts the versions of one saving.

    `recorded_under`: as of observations.
    """

    enterprise_id: UUID
    month: str
    amount: PlainDecimal
    currency: str
    recurrence: str
    reference: str
    state: str
    revision: int
    recorded_under: UUID | None = None


class SavingRecorded(SavingState):
    subject: ClassVar[str] = "score.metrics.saving.recorded.v1"


class SavingAmended(SavingState):
    subject: ClassVar[str] = "score.metrics.saving.amended.v1"


class SavingSubmitted(SavingState):
    subject: ClassVar[str] = "score.metrics.saving.submitted.v1"


class SavingApproved(SavingState):
    subject: ClassVar[str] = "score.metrics.saving.approved.v1"


class SavingReturned(SavingState):
    subject: ClassVar[str] = "score.metrics.saving.returned.v1"


class SavingSuperseded(SavingState):
    subject: ClassVar[str] = "score.metrics.saving.superseded.v1"


class SavingSnapshot(SavingState):
    subject: ClassVar[str] = "score.metrics.saving.snapshot.v1"


class ExchangeRateState(Event):
    """`per_usd` units of the currency for one USD."""

    currency: str
    month: str
    per_usd: PlainDecimal


class ExchangeRateRecorded(ExchangeRateState):
    subject: ClassVar[str] = "score.metrics.exchange_rate.recorded.v1"


class ExchangeRateAmended(ExchangeRateState):
    subject: ClassVar[str] = "score.metrics.exchange_rate.amended.v1"


class ExchangeRateSnapshot(ExchangeRateState):
    subject: ClassVar[str] = "score.metrics.exchange_rate.snapshot.v1"


class SurveyState(Event):
    code: str
    title: str
    country: str | None
    partnership_id: UUID | None
    phase_id: UUID | None
    conducted_on: date
    items: list[dict[str, Any]]


class SurveyAnnounced(SurveyState):
    subject: ClassVar[str] = "score.metrics.survey.announced.v1"


class SurveyAmended(SurveyState):
    subject: ClassVar[str] = "score.metrics.survey.amended.v1"


class SurveySnapshot(SurveyState):
    subject: ClassVar[str] = "score.metrics.survey.snapshot.v1"


class AccessState(access.Accesses):
    """What somebody who is no staff read of identified enterprises in one request; `id` is new for each, `version` is 1."""


class AccessRecorded(AccessState):
    subject: ClassVar[str] = "score.metrics.access.recorded.v1"
