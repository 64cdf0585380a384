from collections.abc import Sequence
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationInfo

from services.enterprise_svc.enterprises.identifiers import Scheme, canonical
from services.enterprise_svc.organisations.models import OrganisationKind
from shared.pagination import ListQuery, each
from shared.types import Country, ExternalRef, Id, Input, Resource, Text, refuse


def canonical_value(value: str, info: ValidationInfo) -> str:
    scheme = info.data.get("scheme")
    return canonical(Scheme(scheme), value) if scheme in set(Scheme) else value


class OrganisationIdentifier(Input):
    """A number under which others know the organisation, for instance `{"scheme": "lei", "value": "…"}`. Any scheme is taken; of
    those that enterprises have, the check digits are verified.
    """

    scheme: Text
    value: Annotated[Text, AfterValidator(canonical_value)]


def each_once(identifiers: Sequence[OrganisationIdentifier]) -> Sequence[OrganisationIdentifier]:
    if len({(one.scheme, one.value) for one in identifiers}) < len(identifiers):
        raise refuse("duplicate", "An identifier can be named only once.")
    return identifiers


class RegisterOrganisation(Input):
    name: Text = Field(examples=["COOP Switzerland"])
    kind: OrganisationKind
    country: Country
    member_of: list[Id] = Field([], max_length=100, description="Organisations this one is a member of")
    identifiers: Annotated[list[OrganisationIdentifier], AfterValidator(each_once)] = Field([], max_length=20)
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
