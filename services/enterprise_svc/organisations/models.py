from collections.abc import Sequence
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Column, Index, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from services.enterprise_svc.models_base import Base
from shared.db import ResourceColumns, choice


class OrganisationKind(StrEnum):
    LEAD_BUYER = "lead_buyer"
    FEDERATION = "federation"
    DONOR = "donor"
    PROGRAMME_OFFICE = "programme_office"
    COORDINATION_CENTRE = "coordination_centre"
    SERVICE_PROVIDER = "service_provider"
    EMPLOYERS_ORGANISATION = "employers_organisation"
    TRADE_UNION = "trade_union"
    GOVERNMENT = "government"


class Organisation(Base, ResourceColumns, table=True):
    """A body that takes part: buyers, federations, donors, offices, providers.

    `open_to`: of what it is a member of, those that it lets see what it has agreed on.
    """

    __tablename__ = "organisations"
    __table_args__ = (
        UniqueConstraint("created_by", "external_ref", name="organisations_external_ref"),
        Index("organisations_ref", "external_ref"),
        Index("organisations_member_of", "member_of", postgresql_using="gin"),
    )

    name: str
    kind: OrganisationKind = Field(sa_type=choice(OrganisationKind), index=True)
    country: str = Field(index=True)
    member_of: list[UUID] = Field(default_factory=list, sa_column=Column(ARRAY(Uuid), nullable=False))
    open_to: list[UUID] = Field(default_factory=list, sa_column=Column(ARRAY(Uuid), nullable=False))
    identifiers: list[dict[str, str]] = Field(default_factory=list, sa_column=Column(JSONB, nullable=False))

    def open_up(self, organisation_id: UUID) -> None:
        if organisation_id not in self.open_to:
            self.open_to = [*self.open_to, organisation_id]

    def shut(self, organisation_id: UUID) -> None:
        self.open_to = [id for id in self.open_to if id != organisation_id]

    def be_member_of(self, organisation_ids: Sequence[UUID]) -> None:
        """Who leaves shows nothing any more."""
        self.member_of = list(organisation_ids)
        self.open_to = [id for id in self.open_to if id in organisation_ids]


class Membership(Base, table=True):
    """`member_of` turned about: what an organisation is a member of can be asked without reading it, and what is open to that."""

    __tablename__ = "memberships"

    member_id: UUID = Field(foreign_key="organisations.id", primary_key=True)
    organisation_id: UUID = Field(foreign_key="organisations.id", primary_key=True, index=True)
    open: bool = False
