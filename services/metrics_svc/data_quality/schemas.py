from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.metrics_svc.data_quality.models import FindingKind, FindingState
from shared.pagination import ListQuery, each
from shared.types import Id, Resource


class FindingOut(Resource):
    """`record_id` is the record of `collection` that counts, `other_ids` those beside it."""

    kind: FindingKind
    collection: str = Field(examples=["observations"])
    enterprise_id: UUID
    subject: str = Field(description="Which record, in words", examples=["KPI02, 2012-03, monthly"])
    record_id: UUID
    other_ids: list[UUID]
    state: FindingState
    allowed_actions: list[str]


class FindingQuery(ListQuery):
    kind: Annotated[str | None, each(FindingKind)] = None
    collection: Annotated[str | None, each(str)] = None
    enterprise_id: Annotated[str | None, each(Id)] = None
    state: Annotated[str | None, each(FindingState)] = None
