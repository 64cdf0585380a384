from datetime import date
from uuid import UUID

from sqlalchemy import Column, Index, Text, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from services.enterprise_svc.models_base import Base
from shared.db import ResourceColumns


class Phase(Base, ResourceColumns, table=True):
    """A part of a programme with its donors, countries and days; `ends_on` is its last day."""

    __tablename__ = "phases"
    __table_args__ = (
        UniqueConstraint("created_by", "external_ref", name="phases_external_ref"),
        Index("phases_ref", "external_ref"),
        Index("phases_days", "starts_on", "ends_on"),
        Index("phases_countries", "countries", postgresql_using="gin"),
        Index("phases_donors", "donor_ids", postgresql_using="gin"),
    )

    programme_id: UUID = Field(foreign_key="programmes.id", index=True)
    name: str
    starts_on: date
    ends_on: date | None = None
    countries: list[str] = Field(default_factory=list, sa_column=Column(ARRAY(Text), nullable=False))
    donor_ids: list[UUID] = Field(default_factory=list, sa_column=Column(ARRAY(Uuid), nullable=False))
