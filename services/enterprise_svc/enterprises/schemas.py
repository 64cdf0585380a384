from collections.abc import Sequence
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo

from services.enterprise_svc.enterprises.identifiers import Scheme, canonical, written
from services.enterprise_svc.enterprises.models import EnterpriseState
from shared.history import Change, Changes
from shared.pagination import ListQuery, each
from shared.permissions.forms import Forms
from shared.permissions.roles import Role
from shared.types import (
    Answer,
    Count,
    Country,
    Day,
    ExternalRef,
    Flag,
    Id,
    Input,
    Isic,
    IsicPrefix,
    Language,
    Location,
    Resource,
    Text,
    refuse,
)


def canonical_value(value: str, info: ValidationInfo) -> str:
    scheme = info.data.get("scheme")
    return value if scheme is None else canonical(scheme, value)


class Identifier(Input):
    """A number under which others know the enterprise; answered in its plain form, without spaces and dashes."""

    scheme: Scheme
    value: Annotated[Text, AfterValidator(canonical_value)] = Field(examples=["8712345000318"])


def one_of_each(identifiers: Sequence[Identifier]) -> Sequence[Identifier]:
    if len({identifier.scheme for identifier in identifiers}) < len(identifiers):
        raise refuse("duplicate", "An enterprise has one identifier of each scheme.")
    return identifiers


class Address(Input):
    street: Text | None = None
    city: Text | None = None
    postal_code: Text | None = None
    region: Text | None = None


def part_of_total(part: int | None, info: ValidationInfo) -> int | None:
    total = info.data.get("total")
    if part is not None and total is not None and part > total:
        name = f"workforce.{info.field_name}"
        raise refuse("more_than_total", f"{name} ({part}) is more than workforce.total ({total}).")
    return part


PartOfTotal = Annotated[Count | None, AfterValidator(part_of_total)]


class Workforce(Input):
    """Persons employed on a day."""

    as_of: Day
    total: Count = Field(examples=[120])
    women: PartOfTotal = None
    managers: PartOfTotal = None


class EnterpriseFacts(Input):
    legal_name: Text = Field(examples=["Copper Finch Knitwear (synthetic)"])
    country: Country
    local_name: Text | None = None
    trade_names: list[Text] = Field([], max_length=50)
    subdivision: Text | None = Field(None, description="Province or the like, best as ISO 3166-2", examples=["CN-GD"])
    address: Address | None = None
    location: Location | None = Field(None, examples=[{"latitude": "23.0207", "longitude": "113.7518"}])
    isic: Isic | None = None
    languages: list[Language] = Field([], max_length=50)
    workforce: Workforce | None = None
    external_ref: ExternalRef | None = None


class RegisterEnterprise(EnterpriseFacts):
    identifiers: Annotated[list[Identifier], AfterValidator(one_of_each)] = Field([], max_length=20)


def number_of(scheme: Scheme) -> AfterValidator:
    return AfterValidator(lambda value: value and canonical(scheme, value))


class IdentifierColumns(Input):
    """One column a scheme, for instance `identifiers.gln`."""

    gln: Annotated[Text | None, number_of(Scheme.GLN)] = None
    lei: Annotated[Text | None, number_of(Scheme.LEI)] = None
    os_id: Annotated[Text | None, number_of(Scheme.OS_ID)] = None
    amfori_id: Annotated[Text | None, number_of(Scheme.AMFORI_ID)] = None
    dbid: Annotated[Text | None, number_of(Scheme.DBID)] = None
    uscc: Annotated[Text | None, number_of(Scheme.USCC)] = None
    national: Annotated[Text | None, number_of(Scheme.NATIONAL)] = None


def by_scheme(identifiers: Any) -> Any:
    """A line of JSON may have them as the resource has: a list of schemes and values."""
    if not isinstance(identifiers, list) or not all(map(is_identifier, identifiers)):
        return identifiers
    numbers = {one["scheme"]: one["value"] for one in identifiers}
    if len(numbers) < len(identifiers):
        raise refuse("duplicate", "An enterprise has one identifier of each scheme.")
    return numbers


def is_identifier(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() == {"scheme", "value"} and isinstance(value["scheme"], str)


class EnterpriseRow(EnterpriseFacts):
    """A record of an import. What is left out stays as it is; a state can't be imported. A new one that looks like one that is
    there is refused as `possible_duplicate`, unless `allow_duplicate` says that it is another.
    """

    identifiers: Annotated[IdentifierColumns | None, BeforeValidator(by_scheme)] = None
    allow_duplicate: Flag | None = None

    def written_identifiers(self) -> dict[str, str]:
        """By scheme, as the table writes them."""
        numbers = self.identifiers.model_dump(exclude_none=True) if self.identifiers else {}
        return {scheme: written(scheme, value) for scheme, value in numbers.items()}


def wanted_when_not_eligible(reason: str | None, info: ValidationInfo) -> str | None:
    if reason is None and info.data.get("eligible") is False:
        raise refuse("missing", "Say why it is not eligible.")
    return reason


class AssessEnterprise(Input):
    eligible: Flag
    reason: Annotated[Text | None, AfterValidator(wanted_when_not_eligible)] = Field(
        None, validate_default=True, description="Required when it is not eligible"
    )


class LeaveProgramme(Input):
    reason: Text = Field(examples=["Moved to another country"])


def parted(identifiers: Any) -> Any:
    """From the form of the table to that of the API."""
    return [
        dict(zip(("scheme", "value"), identifier.split(":", 1), strict=True))
        if isinstance(identifier, str)
        else identifier
        for identifier in identifiers
    ]


class KnownIdentifier(Answer):
    """In its plain form, without spaces and dashes."""

    scheme: Scheme
    value: str


class EnterpriseSeen(Resource):
    """What a buyer is told of an enterprise that allows it."""

    whole: ClassVar[bool] = False

    legal_name: str
    country: str
    local_name: str | None
    trade_names: list[str]
    subdivision: str | None
    isic: str | None
    identifiers: Annotated[list[KnownIdentifier], BeforeValidator(parted)]
    state: EnterpriseState

    @property
    def tells_of(self) -> list[UUID]:
        return [self.id]


class EnterpriseOut(Resource):
    legal_name: str
    country: str
    local_name: str | None
    trade_names: list[str]
    subdivision: str | None
    address: Address | None
    location: Location | None
    isic: str | None
    languages: list[str]
    identifiers: Annotated[list[KnownIdentifier], BeforeValidator(parted)]
    workforce: Workforce | None
    state: EnterpriseState
    reason: str | None = Field(description="Why it is ineligible, withdrawn or closed")
    external_ref: str | None
    merged_from: list[UUID] = Field(description="Ids that are read as this one, because they were merged into it")
    allowed_actions: list[str]


FORMS = Forms(EnterpriseOut, {Role.BUYER: EnterpriseSeen})


def known_identifier(text: str) -> str:
    scheme, _, value = text.partition(":")
    if scheme not in set(Scheme) or not value:
        raise refuse("wrong_format", "An identifier is written scheme:value, for instance gln:8712345000318.")
    return written(scheme, canonical(Scheme(scheme), value))


class EnterpriseQuery(ListQuery):
    country: Annotated[str | None, each(Country)] = None
    state: Annotated[str | None, each(EnterpriseState)] = None
    isic: Annotated[str | None, each(IsicPrefix)] = Field(None, description="First digits")
    q: Text | None = Field(None, description="Parts of its names in any script; a letter may be wrong")
    buyer_id: Annotated[str | None, each(Id)] = Field(
        None, description="An organisation it supplies today by a confirmed link"
    )
    partnership_id: Annotated[str | None, each(Id)] = Field(None, description="A partnership it is a member of")
    identifier: Annotated[str | None, each(Annotated[str, AfterValidator(known_identifier)])] = Field(
        None, description="For instance gln:8712345000318"
    )
    had_identifier: Annotated[str | None, each(Annotated[str, AfterValidator(known_identifier)])] = Field(
        None, description="Has it or once had it: /v1/enterprises/{enterprise_id}/identifiers tells when"
    )


# --- history ---------------------------------------------------------------------------------------------------


def with_parts(changes: Any) -> Any:
    """Identifiers as the resource itself tells them."""
    if not isinstance(changes, dict) or "identifiers" not in changes:
        return changes
    return changes | {"identifiers": [value and parted(value) for value in changes["identifiers"]]}


class EnterpriseChange(Change):
    """What one request or event changed: `by` is the client, `version` what the enterprise became. `enterprise_id` is another's
    where the change was made to one that was merged into it.
    """

    enterprise_id: UUID = Field(validation_alias="aggregate_id")
    changes: Annotated[Changes, BeforeValidator(with_parts)]
