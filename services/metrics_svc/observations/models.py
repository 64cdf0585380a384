from decimal import Decimal
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Index, Numeric, UniqueConstraint, text
from sqlmodel import Field

from services.metrics_svc.models_base import Base
from services.metrics_svc.records.versions import Facts, RecordState, VersionedColumns
from shared.db import choice
from shared.events.metrics import (
    ObservationAmended,
    ObservationApproved,
    ObservationRecorded,
    ObservationReturned,
    ObservationSubmitted,
    ObservationSuperseded,
)


class Point(StrEnum):
    """Where a period stands in the enterprise's story."""

    BASELINE = "baseline"
    MONTHLY = "monthly"
    FINAL = "final"


class Source(StrEnum):
    ENTERPRISE = "enterprise"
    TRAINER = "trainer"
    EVALUATOR = "evaluator"
    IMPORT = "import"


class Observation(Base, VersionedColumns, table=True):
    """What an enterprise's records say of one indicator in one month. `unit` is that of the numerator."""

    __tablename__ = "observations"
    __table_args__ = (
        UniqueConstraint(
            *("enterprise_id", "indicator", "period", "point", "revision", "recorded_under"),
            name="observations_key",
            postgresql_nulls_not_distinct=True,
        ),
        # two approved versions would count twice
        Index(
            "observations_one_approved",
            *("enterprise_id", "indicator", "period", "point"),
            unique=True,
            postgresql_where=text("state = 'approved'"),
        ),
        UniqueConstraint("created_by", "external_ref", name="observations_external_ref"),
        # filters that let many through, in the orders of the list; an enterprise, the first of the key, has few
        Index("observations_indicator_created", "indicator", "created_at"),
        Index("observations_indicator_updated", "indicator", "updated_at"),
        Index("observations_state_created", "state", "created_at"),
        Index("observations_state_updated", "state", "updated_at"),
        Index("observations_period_created", "period", "created_at"),
        Index("observations_source_created", "source", "created_at"),
    )
    KEY: ClassVar = ("enterprise_id", "indicator", "period", "point")
    CONTENT: ClassVar = ("numerator", "denominator", "unit", "production_unit", "source")
    APPROVING: ClassVar = "approve_observation"
    FACTS: ClassVar = Facts(
        recorded=ObservationRecorded,
        amended=ObservationAmended,
        moved={
            RecordState.SUBMITTED: ObservationSubmitted,
            RecordState.APPROVED: ObservationApproved,
            RecordState.RETURNED: ObservationReturned,
            RecordState.SUPERSEDED: ObservationSuperseded,
        },
    )

    enterprise_id: UUID
    indicator: str
    period: str
    point: Point = Field(sa_type=choice(Point))
    numerator: Decimal = Field(sa_type=Numeric)
    denominator: Decimal | None = Field(default=None, sa_type=Numeric)
    unit: str
    production_unit: str | None = None
    source: Source | None = Field(default=None, sa_type=choice(Source))
