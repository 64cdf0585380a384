from uuid import UUID

from pydantic import Field

from shared.types import Answer, Instant


class AccessOut(Answer):
    """One reading: `by` is who asked, through which client, in which role, for which organisation."""

    at: Instant
    by: str
    client_id: str
    role: str
    organisation_id: UUID | None
    operation: str = Field(description="The operation of the API that was asked for")
    fields: list[str] = Field(description="What was answered")
    consent_ids: list[UUID] = Field(description="The consents that allowed it")
    request_id: str
