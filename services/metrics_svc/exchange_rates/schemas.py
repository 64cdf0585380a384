from typing import Annotated

from pydantic import AfterValidator

from services.metrics_svc.records.schemas import MonthRange
from shared.pagination import any_of
from shared.types import Currency, DecimalIn, ExternalRef, Input, Month, PositiveDecimal, Resource, refuse


def not_the_dollar(currency: str) -> str:
    if currency == "USD":
        raise refuse("needs_no_rate", "The US dollar needs no rate.")
    return currency


class ExchangeRateRow(Input):
    """A row of an import; the key is currency and month."""

    currency: Annotated[Currency, AfterValidator(not_the_dollar)]
    month: Month
    per_usd: PositiveDecimal
    external_ref: ExternalRef | None = None


class RecordExchangeRate(ExchangeRateRow):
    """So many units of the currency for one USD, in that month."""


class ExchangeRateOut(Resource):
    currency: str
    month: str
    per_usd: DecimalIn
    external_ref: str | None


class ExchangeRateQuery(MonthRange):
    currency: any_of(Currency) | None = None
    month: any_of(Month) | None = None
