from pydantic import Field

from services.enterprise_svc.enterprises.identifiers import Scheme
from shared.types import Answer, Instant


class HeldIdentifier(Answer):
    """In its plain form, without spaces and dashes."""

    scheme: Scheme
    value: str
    since: Instant
    until: Instant | None = Field(description="Null as long as the enterprise has it")
