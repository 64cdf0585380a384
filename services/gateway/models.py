"""What the gateway keeps beside its clients: what it signs tokens with, which are void, what the services say of themselves."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON
from sqlmodel import Field

from services.gateway.models_base import Base
from shared.db import now


class SigningKey(Base, table=True):
    """An RSA key pair: first published, then signing, then retired and published until its last token has expired.

    `private_key` is encrypted (JWE) under the installation's secret, `public_key` is a JWK.
    """

    __tablename__ = "signing_keys"

    kid: str = Field(primary_key=True)
    public_key: dict[str, Any] = Field(sa_type=JSON)
    private_key: str
    created_at: datetime = Field(default_factory=now)
    signs_from: datetime | None = None
    retired_at: datetime | None = None


class RevokedToken(Base, table=True):
    """A token that its client has given back: a hash of its `jti`."""

    __tablename__ = "revoked_tokens"

    mark: str = Field(primary_key=True)
    expires_at: datetime = Field(index=True)


class UsedAssertion(Base, table=True):
    """A private_key_jwt that was seen: a hash of its client and `jti`. None is taken twice."""

    __tablename__ = "used_assertions"

    mark: str = Field(primary_key=True)
    expires_at: datetime = Field(index=True)


class Quota(Base, table=True):
    """How many requests of a client's present minute are given out to the gateway's processes. Worth nothing after a crash."""

    __tablename__ = "quotas"
    __table_args__ = {"prefixes": ["UNLOGGED"]}

    client: str = Field(primary_key=True)
    ends_at: datetime = Field(index=True)
    given: int


class OpenapiCopy(Base, table=True):
    """The last document of a service that went well with those of the others. JSON, not JSONB: the order is for readers."""

    __tablename__ = "openapi_copies"

    service: str = Field(primary_key=True)
    document: dict[str, Any] = Field(sa_type=JSON)
    fetched_at: datetime = Field(default_factory=now)
