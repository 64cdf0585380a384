from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, Identity, LargeBinary, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.metrics_svc.models_base import Base


class ToldCell(Base, table=True):
    """The word given on a cell of the lattice of a day: by figure, whether it was shown. What was hidden stays hidden."""

    __tablename__ = "told_cells"

    as_of: date = Field(primary_key=True)
    country: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    shown: dict[str, bool] = Field(default_factory=dict, sa_column=Column(JSONB, nullable=False))


class ToldContributions(Base, table=True):
    """What each enterprise contributed to a row that was told; the same for many days and cells is kept once."""

    __tablename__ = "told_contributions"

    digest: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    of: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))


class Vintage(Base, table=True):
    """What a row of a cell said when it was told. Never changed: a revision is another one."""

    __tablename__ = "vintages"

    # written under a lock of the table, so that a higher number is never committed before a lower one
    number: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    told_at: datetime = Field(sa_column=Column(DateTime(timezone=True), server_default=func.now(), nullable=False))
    as_of: date
    country: str
    kind: str
    key: str
    organisation_id: UUID | None = Field(None, description="To whom alone; null: to everybody")
    row: str
    said: list[str] = Field(sa_column=Column(JSONB, nullable=False))
    numbers: dict[str, int] = Field(sa_column=Column(JSONB, nullable=False))
    digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
