"""What others than staff read of identified enterprises: each service tells it to the registry, whose enterprises may read it."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.events import Event


class Reading(BaseModel):
    """`fields` of each of `enterprise_ids` were answered; `consent_ids` are the consents they were read under."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    enterprise_ids: list[UUID]
    fields: list[str]
    consent_ids: list[UUID]


class Accesses(Event):
    """All that one request read. It is no aggregate: `id` is new for each, `version` is 1."""

    at: datetime
    by: str
    client_id: str
    role: str
    organisation_id: UUID | None
    operation: str
    request_id: str
    readings: list[Reading]
