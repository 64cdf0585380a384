from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import AfterValidator, Field, Strict

from services.enterprise_svc.periods import NotBefore
from services.enterprise_svc.supply_links.models import SupplyLinkState
from shared.pagination import PeriodQuery, each
from shared.types import Day, ExternalRef, Id, Input, Resource

Tier = Annotated[int, Strict(), Field(ge=1, le=20, description="1 = supplies the buyer itself", examples=[1])]


class ProposeSupplyLink(Input):
    buyer_id: Id = Field(description="An organisation")
    enterprise_id: Id
    tier: Tier
    since: Day
    until: Annotated[Day | None, AfterValidator(NotBefore("since"))] = None
    external_ref: ExternalRef | None = None


class SupplyLinkOut(Resource):
    between_two: ClassVar[bool] = True

    buyer_id: UUID
    enterprise_id: UUID
    tier: int
    since: Day
    until: Day | None
    state: SupplyLinkState
    external_ref: str | None
    allowed_actions: list[str]


class SupplyLinkQuery(PeriodQuery):
    buyer_id: Annotated[str | None, each(Id)] = None
    enterprise_id: Annotated[str | None, each(Id)] = None
    state: Annotated[str | None, each(SupplyLinkState)] = None
