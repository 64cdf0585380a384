"""Who else may say who somebody is: an OpenID provider of a partner or of the programme, as the operator describes it.

    SCORE_OIDC_ISSUERS='[{"name": "programme", "issuer": "https://login.example.org", "audience": "https://score.example.org",
      "roles": {"score-coordinators": "coordinator"}, "claims": {"role": "groups", "countries": "countries"}}]'

What a partner's provider may say is bounded here: it gives only the roles in `roles`, and nothing that is `fixed`.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from shared.permissions.roles import Role

LOOPBACK = ("localhost", "127.0.0.1", "::1")


def trustworthy(url: str) -> str:
    """Over TLS, or on this machine."""
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise ValueError("must begin with https://")
    return url


Url = Annotated[str, AfterValidator(trustworthy)]


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ClaimNames(Part):
    """Which claim of a token says what: a name, or a path with dots. Left out: it says nothing about that."""

    role: str = "roles"
    countries: str | None = None
    organisation_id: str | None = None
    enterprise_id: str | None = None
    trainer_id: str | None = None
    scope: str | None = None  # left out: all that the role may have


class Fixed(Part):
    """What holds for all people of a provider, whatever their tokens say."""

    role: Role | None = None
    countries: tuple[str, ...] | None = None
    organisation_id: UUID | None = None
    enterprise_id: UUID | None = None
    trainer_id: UUID | None = None


class OidcIssuer(Part):
    """`name` stands before each subject in history and limits, so that the same subject of two providers is two people."""

    name: str = Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")
    issuer: Url
    audience: str = Field(min_length=1)
    jwks_uri: Url | None = None  # left out: the provider is asked (OpenID Connect Discovery)
    token_type: Literal["at+jwt", "JWT"] = "at+jwt"  # RFC 9068; "JWT" for providers that do not know it yet
    max_token_seconds: int = Field(3600, ge=60, le=86_400)
    roles: dict[str, Role] = {}  # in order: the first that a token carries is the person's role
    claims: ClaimNames = ClaimNames()
    fixed: Fixed = Fixed()

    @model_validator(mode="after")
    def gives_a_role(self) -> Self:
        if not self.roles and self.fixed.role is None:
            raise ValueError("roles must say which of the provider's values stand for which role")
        return self


ISSUERS = TypeAdapter(tuple[OidcIssuer, ...])


def read_issuers(text: str) -> tuple[OidcIssuer, ...]:
    """From JSON; ends the process with a sentence when the operator has mistaken something."""
    try:
        found = ISSUERS.validate_json(text or "[]")
    except ValidationError as error:
        places = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise SystemExit(f"SCORE_OIDC_ISSUERS is not right: {places}") from None
    for what in ("name", "issuer"):
        if len({getattr(one, what) for one in found}) < len(found):
            raise SystemExit(f"SCORE_OIDC_ISSUERS is not right: two have the same {what}")
    return found


def said(claims: Mapping[str, Any], path: str | None) -> Any:
    """What a token says under a name or, step by step, under a path."""
    if path is None or path in claims:
        return claims.get(path or "")
    found: Any = claims
    for step in path.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    return found


def texts(value: Any) -> list[str]:
    """One text, several parted by spaces or commas, or a list of them."""
    if isinstance(value, str):
        return value.replace(",", " ").split()
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
