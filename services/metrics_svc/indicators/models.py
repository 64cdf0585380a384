from enum import StrEnum

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from services.metrics_svc.models_base import Base
from shared.db import ResourceColumns, choice


class Direction(StrEnum):
    """Which change is an improvement."""

    LOWER = "lower"
    HIGHER = "higher"
    NONE = "none"


class Aggregation(StrEnum):
    """How the figures of many enterprises become one."""

    SHARE_AND_MEAN = "share_and_mean"
    SUM = "sum"
    RATE = "rate"
    YES_SHARE = "yes_share"
    COMPUTED = "computed"


class Indicator(Base, ResourceColumns, table=True):
    """One code is one quantity. `unit` is that of the numerator of its observations; "currency" is any ISO 4217 code."""

    __tablename__ = "indicators"
    __table_args__ = (UniqueConstraint("created_by", "external_ref", name="indicators_external_ref"),)

    code: str = Field(unique=True)
    name: str
    unit: str
    direction: Direction = Field(sa_type=choice(Direction))
    aggregation: Aggregation = Field(sa_type=choice(Aggregation), index=True)
