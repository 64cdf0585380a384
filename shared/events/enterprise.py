"""What enterprise_svc announces: each event carries the whole public state of its aggregate, so that nobody calls back."""

from typing import ClassVar
from uuid import UUID

from shared.events import Event


class OrganisationState(Event):
    name: str
    kind: str
    country: str
    member_of: list[UUID]
    external_ref: str | None
    created_by: str


class OrganisationRegistered(OrganisationState):
    subject: ClassVar[str] = "score.enterprise.organisation.registered.v1"


class OrganisationAmended(OrganisationState):
    subject: ClassVar[str] = "score.enterprise.organisation.amended.v1"


class OrganisationSnapshot(OrganisationState):
    subject: ClassVar[str] = "score.enterprise.organisation.snapshot.v1"
