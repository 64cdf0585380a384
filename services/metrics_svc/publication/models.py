from datetime import date

from sqlalchemy import Column
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
