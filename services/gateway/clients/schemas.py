from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, Strict, StringConstraints

from services.gateway.clients.key_sets import KeySet
from services.gateway.clients.models import ClientState
from shared.history import Change
from shared.pagination import ListQuery, each
from shared.permissions.roles import Role
from shared.types import Country, ExternalRef, Id, Input, Resource, Text

ScopeName = Annotated[
    str, StringConstraints(pattern=r"^[a-z]+(-[a-z]+)*:(read|write)$", max_length=60), Field(examples=["results:read"])
]
ClientId = Annotated[str, StringConstraints(pattern=r"^[0-9a-z-]{1,64}$")]
LONGEST_GRACE = 30 * 24 * 3600
GraceSeconds = Annotated[int, Strict(), Field(ge=0, le=LONGEST_GRACE)]


class RegisterClient(Input):
    name: Text = Field(examples=["Sourcing platform of a buyer"])
    role: Role
    organisation_id: Id | None = Field(None, description="Required of a buyer, a donor and a provider")
    enterprise_id: Id | None = Field(None, description="Required of an enterprise")
    trainer_id: Id | None = Field(None, description="Required of a trainer")
    countries: list[Country] = Field([], max_length=300, description="Where it may act; a coordinator has one at least")
    scopes: list[ScopeName] = Field([], max_length=300, description="None named: all that its role may have")
    jwks: KeySet | None = Field(
        None, description="Public keys (RFC 7517) for private_key_jwt. A client registered with keys gets no secret"
    )
    external_ref: ExternalRef | None = None


class RotateSecret(Input):
    grace_seconds: GraceSeconds | None = Field(
        None, description="How long the old secret stays good, a day unless said; 0 ends its tokens, too"
    )


class ClientOut(Resource):
    client_id: str
    name: str
    role: Role
    organisation_id: UUID | None
    enterprise_id: UUID | None
    trainer_id: UUID | None
    countries: list[str]
    scopes: list[str]
    jwks: dict[str, Any] | None
    state: ClientState
    external_ref: str | None
    allowed_actions: list[str]


class ClientWithSecret(ClientOut):
    """The one answer that shows the secret; null for a client with keys."""

    client_secret: str | None


class ClientQuery(ListQuery):
    client_id: Annotated[str | None, each(ClientId)] = None
    role: Annotated[str | None, each(Role)] = None
    state: Annotated[str | None, each(ClientState)] = None
    country: Annotated[str | None, each(Country)] = None
    organisation_id: Annotated[str | None, each(Id)] = None
    enterprise_id: Annotated[str | None, each(Id)] = None
    trainer_id: Annotated[str | None, each(Id)] = None


class ClientChange(Change):
    """What one request changed: `by` is who asked, `version` what the client became."""
