from typing import Any
from uuid import UUID

from sqlalchemy import Select
from sqlmodel import col, select

from services.enterprise_svc.nominations.models import Nomination, NominationState
from services.enterprise_svc.nominations.schemas import NominationQuery
from shared.pagination import select_matching


def nominations_matching(partnership_id: UUID, query: NominationQuery) -> Select[Any]:
    return select_matching(Nomination, query).where(col(Nomination.partnership_id) == partnership_id)


def members_of(partnership_ids: list[UUID]) -> Any:
    """Ids of the enterprises that accepted a nomination to one of the partnerships."""
    return select(Nomination.enterprise_id).where(
        col(Nomination.partnership_id).in_(partnership_ids), Nomination.state == NominationState.ACCEPTED
    )
