from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_
from sqlmodel import col, select

from services.enterprise_svc.nominations.models import Nomination, NominationState
from services.enterprise_svc.nominations.schemas import NominationQuery
from shared.db import now
from shared.pagination import select_matching, terms


def nominations_matching(partnership_id: UUID, query: NominationQuery) -> Select[Any]:
    here = col(Nomination.partnership_id) == partnership_id
    return select_matching(Nomination, query, "state").where(here, *in_state(query.state))


def in_state(states: str | None) -> list[ColumnElement[bool]]:
    """Those that are in one of the states now: what is overdue has expired, written down or not."""
    if states is None:
        return []
    due = overdue()
    written = col(Nomination.state).in_(terms(states))
    sent = [due] if NominationState.EXPIRED in terms(states) else []
    return [or_(and_(written, ~due), *sent)]


def overdue() -> ColumnElement[bool]:
    return and_(col(Nomination.state) == NominationState.SENT, col(Nomination.expires_at) <= now())


def members_of(partnership_ids: list[UUID]) -> Any:
    """Ids of the enterprises that accepted a nomination to one of the partnerships."""
    return select(Nomination.enterprise_id).where(
        col(Nomination.partnership_id).in_(partnership_ids), Nomination.state == NominationState.ACCEPTED
    )
