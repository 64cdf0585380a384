from typing import Annotated

from pydantic import Field

from services.enterprise_svc.organisations.models import OrganisationKind
from shared.pagination import ListQuery, each
from shared.types import Country, ExternalRef, Id, Input, Resource, Text


class OrganisationIdentifier(Input):
    """A number under which others know the organisation, for instance `{"scheme": "lei", "value": "…"}`."""

    scheme: Text
    value: Text


class RegisterOrganisation(Input):
    name: Text = Field(examples=["COOP Switzerland"])
    kind: OrganisationKind
    country: Country
    member_of: list[Id] = Field([], max_length=100, description="Organisations this one is a member of")
    identifiers: list[OrganisationIdentifier] = Field([], max_length=20)
    external_ref: ExternalRef | None = None


class NameFederation(Input):
    organisation_id: Id = Field(description="What it is a member of")


class OrganisationOut(Resource):
    name: str
    kind: OrganisationKind
    country: str
    member_of: list[Id]
    open_to: list[Id] = Field(
        description="Of these, those that see the partnerships it is a party to, and their progress"
    )
    identifiers: list[OrganisationIdentifier]
    external_ref: str | None


class OrganisationQuery(ListQuery):
    country: Annotated[str | None, each(Country)] = None
    kind: Annotated[str | None, each(OrganisationKind)] = None
    member_of: Annotated[str | None, each(Id)] = None
