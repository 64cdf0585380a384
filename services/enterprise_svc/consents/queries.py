from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_

from services.enterprise_svc.consents.models import PUBLIC, Consent, ConsentState
from services.enterprise_svc.consents.schemas import ConsentQuery
from shared.consents import live
from shared.pagination import PERIOD, select_matching, terms, touching

SPECIAL = (*PERIOD, "grantee_id", "state", "as_of")


def consents_matching(query: ConsentQuery) -> Select[Any]:
    as_of = live(Consent, query.as_of) if query.as_of else []
    return select_matching(Consent, query, *SPECIAL).where(
        *touching(Consent.since, Consent.until, query), *given_to(query.grantee_id), *in_state(query.state), *as_of
    )


def given_to(grantees: str | None) -> list[ColumnElement[bool]]:
    """Whom the organisations named may read by; `public` is none of them."""
    if grantees is None:
        return []
    column: Any = Consent.grantee_id
    organisations = column.in_([UUID(one) for one in terms(grantees) if one != PUBLIC])
    return [or_(organisations, column.is_(None)) if PUBLIC in terms(grantees) else organisations]


def in_state(states: str | None) -> list[ColumnElement[bool]]:
    column: Any = Consent.withdrawn_at
    if states is None:
        return []
    conditions = {ConsentState.GRANTED: column.is_(None), ConsentState.WITHDRAWN: column.is_not(None)}
    return [or_(*(conditions[ConsentState(state)] for state in terms(states)))]
