"""What services tell each other: one file per publisher, plain pydantic.

class EnterpriseState(Event): ...                      # the aggregate's whole public state, once
class EnterpriseRegistered(EnterpriseState):           # one line per fact
    subject: ClassVar[str] = "score.enterprise.registered.v1"
"""

from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class Event(BaseModel):
    """A fact about one aggregate: `id` and `version` are the aggregate's, the other fields its whole public state.

    Fields that a reader does not know are passed over, so that a publisher may add some.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    subject: ClassVar[str]
    id: UUID
    version: int
