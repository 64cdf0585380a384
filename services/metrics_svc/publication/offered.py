"""Which tables are offered to whoever is no staff of the programme. What is not offered is refused alike, be it there or not."""

import calendar
from collections.abc import Iterator
from datetime import date

from services.metrics_svc.publication.errors import ScopeNotOffered
from services.metrics_svc.results.schemas import ResultsQuery
from services.metrics_svc.suppression.cells import Cell, Kind
from shared.auth import Principal
from shared.permissions.roles import STAFF, Role

QUARTER = 3
DIVISION_DIGITS = 2


def is_outside(principal: Principal) -> bool:
    return principal.role not in STAFF


def offered_cell(query: ResultsQuery, principal: Principal, as_of: date, today: date) -> Cell:
    """The cell of the lattice that is asked for; 403 `scope-not-offered` if it is none."""
    columns = {
        Kind.PHASE: query.phase_id,
        Kind.PARTNERSHIP: query.partnership_id,
        Kind.BUYER: query.buyer_id,
        Kind.DIVISION: query.isic,
    }
    given = [(kind, str(key)) for kind, key in columns.items() if key is not None]
    if refused := [*not_offered(query, principal), *wrong_days(as_of, today)]:
        raise ScopeNotOffered(refused)
    if len(given) > 1 or not (given or query.country):
        raise ScopeNotOffered()
    kind, key = given[0] if given else ("", "")
    return Cell(query.country or "", kind, key)


def not_offered(query: ResultsQuery, principal: Principal) -> Iterator[str]:
    if query.buyer_id is not None and (principal.role != Role.BUYER or query.buyer_id != principal.organisation_id):
        yield "buyer_id"
    if query.isic is not None and len(query.isic) != DIVISION_DIGITS:
        yield "isic"
    if query.enterprise_id is not None:
        yield "enterprise_id"
    if query.module is not None:
        yield "module"
    if query.mean_over != "improvers":  # from both means the others' could be told
        yield "mean_over"


def wrong_days(as_of: date, today: date) -> list[str]:
    last = calendar.monthrange(as_of.year, as_of.month)[1]
    ends_quarter = as_of.month % QUARTER == 0 and as_of.day == last
    return [] if ends_quarter and as_of <= today else ["as_of"]
