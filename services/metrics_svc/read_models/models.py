"""What metrics_svc knows of the registry and of training: written by `subscribers.py` and by nothing else.

Rows come in any order, so none refers to another by a foreign key: a query joins what is there.
"""

from datetime import date as Day
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Column, Index, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

from services.metrics_svc.models_base import Base
from shared.successors import SuccessorColumns


class ViewColumns(SQLModel):
    """`id` and `version` are those of the aggregate that was told of."""

    id: UUID = Field(primary_key=True)
    version: int


class Referable(ViewColumns):
    """Imports may name it by the `external_ref` its client gave it."""

    external_ref: str | None = None
    created_by: str = ""


def by_reference(name: str) -> Index:
    return Index(f"{name}_by_reference", "external_ref", "created_by")


# --- of the registry -------------------------------------------------------------------------------------------


class MergedEnterprise(Base, SuccessorColumns, table=True):
    """Which enterprises are read as another."""

    __tablename__ = "merged_enterprises"


class EnterpriseView(Base, Referable, table=True):
    """`identifiers` are written `scheme:value`."""

    __tablename__ = "enterprise_views"
    __table_args__ = (
        by_reference("enterprise_views"),
        Index("enterprise_views_by_identifier", "identifiers", postgresql_using="gin"),
        Index("enterprise_views_by_isic", "isic", postgresql_ops={"isic": "text_pattern_ops"}),
    )

    successors: ClassVar[type] = MergedEnterprise

    country: str = Field(index=True)
    isic: str | None = Field(default=None, sa_column=Column(Text))
    state: str
    identifiers: list[str] = Field(default_factory=list, sa_column=Column(ARRAY(Text), nullable=False))


class OrganisationView(Base, Referable, table=True):
    __tablename__ = "organisation_views"
    __table_args__ = (
        by_reference("organisation_views"),
        Index("organisation_views_open_to", "open_to", postgresql_using="gin"),
    )

    kind: str
    # what it is a member of and lets see what it has agreed on
    open_to: list[UUID] = Field(default_factory=list, sa_column=Column(ARRAY(Uuid), nullable=False))


class PhaseView(Base, Referable, table=True):
    __tablename__ = "phase_views"
    __table_args__ = (by_reference("phase_views"),)


class PartnershipView(Base, Referable, table=True):
    """`parties`: `[{"organisation_id", "role"}]`; that of an organisation contains `[{"organisation_id": …}]`."""

    __tablename__ = "partnership_views"
    __table_args__ = (
        by_reference("partnership_views"),
        Index(
            "partnership_views_by_party",
            "parties",
            postgresql_using="gin",
            postgresql_ops={"parties": "jsonb_path_ops"},
        ),
    )

    parties: list[dict[str, str]] = Field(default_factory=list, sa_column=Column(JSONB, nullable=False))
    countries: list[str] = Field(default_factory=list, sa_column=Column(ARRAY(Text), nullable=False))


class SupplyLinkView(Base, ViewColumns, table=True):
    """A link counts on a day when it was ever confirmed and the day lies between `since` and `until`, both included."""

    __tablename__ = "supply_link_views"

    buyer_id: UUID = Field(index=True)
    enterprise_id: UUID = Field(index=True)
    recorded_under: UUID | None = Field(default=None, index=True)
    since: Day
    until: Day | None = None
    confirmed: bool


class CountryPolicyView(Base, ViewColumns, table=True):
    """`small_cell_threshold`: fewest reporters of a figure that others than staff see."""

    __tablename__ = "country_policy_views"

    country: str = Field(index=True)
    small_cell_threshold: int


class ConsentView(Base, ViewColumns, table=True):
    """What an enterprise allows an organisation, or the public where there is no `grantee_id`; see `shared.consents`. It allows
    what was recorded under one of the ids it `covers`.
    """

    __tablename__ = "consent_views"
    __table_args__ = (
        Index("consent_views_by_enterprise", "enterprise_id", "grantee_id"),
        Index("consent_views_by_coverage", "covers", postgresql_using="gin"),
    )

    enterprise_id: UUID
    recorded_under: UUID | None = Field(default=None, index=True)
    covers: list[UUID] = Field(default_factory=list, sa_column=Column(ARRAY(Uuid), nullable=False))
    grantee_id: UUID | None = Field(default=None, index=True)
    scope: str
    since: Day
    until: Day | None = None
    withdrawn_at: datetime | None = None


# --- of training -----------------------------------------------------------------------------------------------


class ModuleView(Base, ViewColumns, table=True):
    __tablename__ = "module_views"

    code: str = Field(index=True)


class CycleView(Base, Referable, table=True):
    """`module` is the module's code. Who gives it, and to whom, says who may see what came of it."""

    __tablename__ = "cycle_views"
    __table_args__ = (by_reference("cycle_views"),)

    module: str = Field(index=True)
    country: str
    phase_id: UUID | None = Field(default=None, index=True)
    partnership_id: UUID | None = Field(default=None, index=True)
    state: str
    provider_id: UUID | None = Field(default=None, index=True)
    enterprise_ids: list[UUID] = Field(default_factory=list, sa_column=Column(ARRAY(Uuid), nullable=False))
    recorded_ids: list[UUID] | None = Field(default=None, sa_column=Column(ARRAY(Uuid)))
    lead_trainer_id: UUID | None = None
    co_trainer_ids: list[UUID] = Field(default_factory=list, sa_column=Column(ARRAY(Uuid), nullable=False))
    supervisor_id: UUID | None = None


class AttendanceView(Base, ViewColumns, table=True):
    """One person on one classroom day of one cycle."""

    __tablename__ = "attendance_views"
    __table_args__ = (Index("attendance_views_by_enterprise", "enterprise_id", "date"),)

    participant_id: UUID
    enterprise_id: UUID
    recorded_under: UUID | None = Field(default=None, index=True)
    cycle_id: UUID = Field(index=True)
    date: Day


class VisitView(Base, ViewColumns, table=True):
    __tablename__ = "visit_views"

    cycle_id: UUID = Field(index=True)
    enterprise_id: UUID = Field(index=True)
    recorded_under: UUID | None = Field(default=None, index=True)
    sequence: int | None = None  # unknown of what was told before it was kept
    state: str
    done_on: Day | None = None


class ParticipantView(Base, ViewColumns, table=True):
    """Those that may have given way in a merger. `superseded_by`: who counts instead."""

    __tablename__ = "participant_views"

    enterprise_id: UUID = Field(index=True)
    recorded_under: UUID | None = Field(default=None, index=True)
    superseded_by: UUID | None = None
