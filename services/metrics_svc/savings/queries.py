from sqlalchemy import ColumnElement

from services.metrics_svc.records.schemas import within_months
from services.metrics_svc.savings.models import Saving
from services.metrics_svc.savings.schemas import SavingFilter, SavingQuery
from shared.pagination import PERIOD, matching


def savings_matching(query: SavingQuery) -> list[ColumnElement[bool]]:
    return [*matching(Saving, query, *PERIOD), *within_months(Saving.month, query)]


def savings_in(wanted: SavingFilter) -> list[ColumnElement[bool]]:
    """The filter of a body means what the list's parameters mean."""
    return savings_matching(SavingQuery.model_validate(wanted.model_dump(by_alias=True, exclude_none=True)))
