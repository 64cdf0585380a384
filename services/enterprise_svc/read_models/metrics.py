"""What the registry keeps of metrics: whose figures were approved, not the figures."""

from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field

from services.enterprise_svc.models_base import Base

APPROVED = text("state = 'approved'")


class ObservationView(Base, table=True):
    __tablename__ = "observation_views"
    __table_args__ = (Index("observation_views_approved", "enterprise_id", postgresql_where=APPROVED),)

    id: UUID = Field(primary_key=True)
    version: int
    enterprise_id: UUID
    recorded_under: UUID | None = Field(None, index=True)
    state: str


class SavingView(Base, table=True):
    __tablename__ = "saving_views"
    __table_args__ = (Index("saving_views_approved", "enterprise_id", postgresql_where=APPROVED),)

    id: UUID = Field(primary_key=True)
    version: int
    enterprise_id: UUID
    recorded_under: UUID | None = Field(None, index=True)
    state: str
