from sqlalchemy import ColumnElement

from services.metrics_svc.observations.models import Observation
from services.metrics_svc.observations.schemas import ObservationFilter, ObservationQuery
from services.metrics_svc.records.schemas import within_months
from shared.pagination import PERIOD, matching


def observations_matching(query: ObservationQuery) -> list[ColumnElement[bool]]:
    return [*matching(Observation, query, *PERIOD), *within_months(Observation.period, query)]


def observations_in(wanted: ObservationFilter) -> list[ColumnElement[bool]]:
    """The filter of a body means what the list's parameters mean."""
    return observations_matching(ObservationQuery.model_validate(wanted.model_dump(by_alias=True, exclude_none=True)))
