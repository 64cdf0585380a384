"""What training knows of the registry; written by the events of enterprise_svc and by nothing else."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Column, Index, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from services.training_svc.models_base import Base, texts
from shared.successors import SuccessorColumns


class RegistryView(Base):
    """What every view has: the owner's id and version, and what imports refer by."""

    id: UUID = Field(primary_key=True)
    version: int
    external_ref: str | None = Field(default=None, index=True)
    created_by: str


class OrganisationView(RegistryView, table=True):
    __tablename__ = "organisation_views"

    name: str
    kind: str
    country: str


class PhaseView(RegistryView, table=True):
    __tablename__ = "phase_views"

    programme_id: UUID
    starts_on: date
    ends_on: date | None = None
    countries: list[str] = Field(sa_column=texts())

    def contains(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


class PartnershipView(RegistryView, table=True):
    """`parties`: `[{"organisation_id", "role"}]`."""

    __tablename__ = "partnership_views"

    parties: list[dict[str, str]] = Field(default_factory=list, sa_column=Column(JSONB, nullable=False))
    phase_id: UUID | None = None
    countries: list[str] = Field(sa_column=texts())
    state: str


class MergedEnterprise(Base, SuccessorColumns, table=True):
    """Which enterprises are read as another."""

    __tablename__ = "merged_enterprises"


class EnterpriseView(RegistryView, table=True):
    """`identifiers` are written `scheme:value`."""

    __tablename__ = "enterprise_views"
    __table_args__ = (Index("enterprise_views_identifiers", "identifiers", postgresql_using="gin"),)

    successors: ClassVar[type] = MergedEnterprise

    legal_name: str
    country: str
    state: str
    languages: list[str] = Field(sa_column=texts())
    identifiers: list[str] = Field(sa_column=texts())


class ConsentView(Base, table=True):
    """What an enterprise allows an organisation, or the public where there is no `grantee_id`; see `shared.consents`."""

    __tablename__ = "consent_views"
    __table_args__ = (
        Index("consent_views_by_enterprise", "enterprise_id", "grantee_id"),
        Index("consent_views_by_coverage", "covers", postgresql_using="gin"),
    )

    id: UUID = Field(primary_key=True)
    version: int
    enterprise_id: UUID
    recorded_under: UUID | None = Field(default=None, index=True)
    covers: list[UUID] = Field(default_factory=list, sa_column=Column(ARRAY(Uuid), nullable=False))
    grantee_id: UUID | None = Field(default=None, index=True)
    scope: str
    since: date
    until: date | None = None
    withdrawn_at: datetime | None = None
