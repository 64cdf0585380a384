from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from services.gateway.models_base import Base
from shared.db import ResourceColumns, choice, now, uuid7
from shared.permissions.roles import Role
from shared.states import Stateful


class ClientState(StrEnum):
    ACTIVE = "active"
    DISABLED = "disabled"


class Client(Base, ResourceColumns, Stateful, table=True):
    """A machine that may fetch tokens: its role, what it is bound to, and how far it may go.

    A token carries the version of its client; those of versions before `rights_version` are void.
    """

    __tablename__ = "clients"
    __table_args__ = (
        UniqueConstraint("client_id", name="clients_client_id"),
        UniqueConstraint("created_by", "external_ref", name="clients_external_ref"),
        Index("clients_ref", "external_ref"),
        Index("clients_countries", "countries", postgresql_using="gin"),
    )
    verbs: ClassVar = {"rotate-secret": {ClientState.ACTIVE}, "disable": {ClientState.ACTIVE}}
    untold: ClassVar = frozenset({"rights_version", "rights_changed_at"})

    client_id: str
    name: str
    role: Role = Field(sa_type=choice(Role), index=True)
    organisation_id: UUID | None = Field(None, index=True)
    enterprise_id: UUID | None = Field(None, index=True)
    trainer_id: UUID | None = Field(None, index=True)
    countries: list[str] = Field(default_factory=list, sa_column=Column(ARRAY(Text), nullable=False))
    scopes: list[str] = Field(default_factory=list, sa_column=Column(ARRAY(Text), nullable=False))
    jwks: dict[str, Any] | None = Field(None, sa_column=Column(JSONB(none_as_null=True), nullable=True))
    state: ClientState = Field(ClientState.ACTIVE, sa_type=choice(ClientState), index=True)
    rights_version: int = 1
    rights_changed_at: datetime = Field(default_factory=now, index=True)

    def disable(self) -> None:
        self.demand("disable")
        self.state = ClientState.DISABLED

    def void_tokens(self) -> None:
        """The next version is about to be recorded: tokens of all before it end."""
        self.rights_version, self.rights_changed_at = self.version + 1, now()


class ClientSecret(Base, table=True):
    """A secret as argon2 has it. The one before the last stays good until `expires_at`."""

    __tablename__ = "client_secrets"

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    client: UUID = Field(foreign_key="clients.id", index=True)
    secret_hash: str
    created_at: datetime = Field(default_factory=now)
    expires_at: datetime | None = None

    def is_good(self) -> bool:
        return self.expires_at is None or self.expires_at > now()

    def end_after(self, grace: timedelta) -> None:
        until = now() + grace
        self.expires_at = min(self.expires_at or until, until)
