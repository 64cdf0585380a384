from decimal import Decimal

from sqlalchemy import Numeric, UniqueConstraint
from sqlmodel import Field

from services.metrics_svc.models_base import Base
from shared.db import ResourceColumns


class ExchangeRate(Base, ResourceColumns, table=True):
    """`per_usd` units of the currency were one US dollar in that month."""

    __tablename__ = "exchange_rates"
    __table_args__ = (
        UniqueConstraint("currency", "month", name="exchange_rates_key"),
        UniqueConstraint("created_by", "external_ref", name="exchange_rates_external_ref"),
    )

    currency: str
    month: str = Field(index=True)
    per_usd: Decimal = Field(sa_type=Numeric)
