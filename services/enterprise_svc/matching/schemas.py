from decimal import Decimal
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.types import Answer

# as it is written in a query
YesOrNo = Literal["true", "false"]


class MatchReason(Answer):
    """`code` for programs, `detail` for people."""

    code: str = Field(examples=["same_legal_name"])
    detail: str


class Candidate(Answer):
    """An enterprise it may be. `score`: from 0 to 1, how sure that is."""

    enterprise_id: UUID
    score: Decimal = Field(examples=["0.98"])
    reasons: list[MatchReason]


class Candidates(Answer):
    """The surest first."""

    candidates: list[Candidate]


class RegisterQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    allow_duplicate: YesOrNo | None = Field(None, description="Register it although it looks like one that is there")

    @property
    def allows_duplicate(self) -> bool:
        return self.allow_duplicate == "true"
