from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

from services.enterprise_svc.consents.models import PUBLIC, ConsentState
from services.enterprise_svc.periods import NotBefore
from shared.consents import ConsentScope
from shared.pagination import PeriodQuery, each
from shared.types import Day, ExternalRef, Id, Input, Instant, Resource, Text, parse_id, refuse

GRANTEE = "An organisation's id, or `public`"


def parse_grantee(value: Any) -> UUID | None:
    try:
        return None if value == PUBLIC else parse_id(value)
    except PydanticCustomError as error:
        raise refuse("malformed_id", f"{GRANTEE}; an id is a lower-case UUID with dashes.") from error


KnownGrantee = Annotated[
    UUID | None,
    PlainSerializer(lambda id: PUBLIC if id is None else str(id), return_type=str, when_used="json"),
    WithJsonSchema({"anyOf": [{"type": "string", "format": "uuid"}, {"type": "string", "const": PUBLIC}]}),
    Field(description=GRANTEE, examples=[PUBLIC]),
]
Grantee = Annotated[KnownGrantee, BeforeValidator(parse_grantee)]


class GrantConsent(Input):
    """What an enterprise allows: each scope allows what those before it allow, and more."""

    enterprise_id: Id
    grantee_id: Grantee
    scope: ConsentScope
    purpose: Text | None = Field(None, examples=["Progress report of the partnership"])
    since: Day = Field(alias="from", description="First day on which it holds", examples=["2012-03-01"])
    until: Annotated[Day | None, AfterValidator(NotBefore("since", called="from"))] = Field(
        None, description="Last day on which it holds; left out: until it is withdrawn"
    )
    evidence: Text | None = Field(
        None,
        description="Where the enterprise's own word can be read; required when staff record it",
        examples=["Letter of 1 March 2012, file 12/0301"],
    )
    external_ref: ExternalRef | None = None


class ConsentOut(Resource):
    """`withdrawn_at`: from this instant on it allows nothing."""

    model_config = ConfigDict(serialize_by_alias=True)
    between_two: ClassVar[bool] = True

    enterprise_id: UUID
    covers: list[UUID] = Field(
        description="It allows what was recorded under these ids: the one it was given for and, of a consent given after a "
        "merger, those merged into it by then"
    )
    grantee_id: KnownGrantee
    scope: ConsentScope
    purpose: str | None
    since: Day = Field(validation_alias="since", serialization_alias="from")
    until: Day | None
    evidence: str | None
    withdrawn_at: Instant | None
    state: ConsentState = Field(validation_alias="present_state")
    external_ref: str | None
    allowed_actions: list[str]


class ConsentQuery(PeriodQuery):
    enterprise_id: Annotated[str | None, each(Id)] = None
    grantee_id: Annotated[str | None, each(Grantee)] = Field(None, description=GRANTEE)
    scope: Annotated[str | None, each(ConsentScope)] = None
    state: Annotated[str | None, each(ConsentState)] = None
    as_of: Instant | None = Field(None, description="Only what was live at this instant")
