from collections.abc import Sequence
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field

from services.enterprise_svc.partnerships.models import PartnershipState
from services.enterprise_svc.periods import NotBefore
from shared.pagination import PeriodQuery, each
from shared.types import Count, Country, Day, ExternalRef, Id, Input, Money, Resource, Text, refuse, refuse_at


class PartnershipParty(Input):
    organisation_id: Id
    role: Literal["sponsor", "funder", "implementer", "initiative"]


def each_once(parties: Sequence[PartnershipParty]) -> Sequence[PartnershipParty]:
    if len({(party.organisation_id, party.role) for party in parties}) < len(parties):
        raise refuse("duplicate", "An organisation can have each role once.")
    return parties


class PartnershipTargets(Input):
    enterprises: Count
    workers: Count


def not_below_nothing(budget: Money) -> Money:
    if budget.amount < 0:
        raise refuse_at("amount", "out_of_range", "A budget is 0 or more.")
    return budget


class DraftPartnership(Input):
    name: Text = Field(examples=["COOP pilot"])
    parties: Annotated[list[PartnershipParty], AfterValidator(each_once)] = Field([], max_length=100)
    countries: list[Country] = Field([], max_length=300)
    starts_on: Day
    ends_on: Annotated[Day | None, AfterValidator(NotBefore("starts_on"))] = None
    phase_id: Id | None = None
    budget: Annotated[Money, AfterValidator(not_below_nothing)] | None = None
    targets: PartnershipTargets | None = None
    external_ref: ExternalRef | None = None


class PartnershipOut(Resource):
    name: str
    parties: list[PartnershipParty]
    countries: list[str]
    starts_on: Day
    ends_on: Day | None
    phase_id: UUID | None
    budget: Money | None
    targets: PartnershipTargets | None
    state: PartnershipState
    external_ref: str | None
    allowed_actions: list[str]


class PartnershipQuery(PeriodQuery):
    country: Annotated[str | None, each(Country)] = None
    state: Annotated[str | None, each(PartnershipState)] = None
    phase_id: Annotated[str | None, each(Id)] = None
    organisation_id: Annotated[str | None, each(Id)] = Field(None, description="A party of it")
