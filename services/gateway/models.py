"""What the gateway keeps: who may ask for tokens, what it signs them with, and what the services last said of themselves."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON
from sqlmodel import Field

from services.gateway.models_base import Base
from shared.db import now


class Client(Base, table=True):
    """A machine that may fetch tokens. Its secret is kept as an argon2 hash only; the role decides the scopes."""

    __tablename__ = "clients"

    client_id: str = Field(primary_key=True)
    name: str
    role: str
    secret_hash: str
    created_at: datetime = Field(default_factory=now)
    disabled_at: datetime | None = None


class SigningKey(Base, table=True):
    """An RSA key pair. `private_key` is encrypted (JWE) under the installation's secret, `public_key` is a JWK."""

    __tablename__ = "signing_keys"

    kid: str = Field(primary_key=True)
    public_key: dict[str, Any] = Field(sa_type=JSON)
    private_key: str
    created_at: datetime = Field(default_factory=now)


class OpenapiCopy(Base, table=True):
    """The last document of a service that went well with those of the others. JSON, not JSONB: the order is for readers."""

    __tablename__ = "openapi_copies"

    service: str = Field(primary_key=True)
    document: dict[str, Any] = Field(sa_type=JSON)
    fetched_at: datetime = Field(default_factory=now)
