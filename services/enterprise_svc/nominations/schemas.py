from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from services.enterprise_svc.nominations.models import NominationState
from shared.pagination import ListQuery, each
from shared.types import ExternalRef, Id, Input, Instant, Resource


class NominateEnterprise(Input):
    enterprise_id: Id
    external_ref: ExternalRef | None = None


class NominationOut(Resource):
    between_two: ClassVar[bool] = True

    partnership_id: UUID
    enterprise_id: UUID
    state: NominationState = Field(validation_alias="present_state")
    expires_at: Instant = Field(description="When it can be accepted no more")
    external_ref: str | None
    allowed_actions: list[str]


class NominationQuery(ListQuery):
    enterprise_id: Annotated[str | None, each(Id)] = None
    state: Annotated[str | None, each(NominationState)] = None
