from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select
from sqlmodel import col

from services.enterprise_svc.enterprises.models import Enterprise, IdentifierClaim
from services.enterprise_svc.enterprises.names import plain
from services.enterprise_svc.enterprises.schemas import EnterpriseQuery, known_identifier
from services.enterprise_svc.nominations.queries import members_of
from services.enterprise_svc.supply_links.queries import suppliers_today
from shared.pagination import select_matching, terms

SPECIAL = ("isic", "q", "buyer_id", "partnership_id", "identifier", "had_identifier")


def enterprises_matching(query: EnterpriseQuery) -> Select[Any]:
    return select_matching(Enterprise, query, *SPECIAL).where(*conditions(query))


def conditions(query: EnterpriseQuery) -> list[ColumnElement[bool]]:
    columns: Any = Enterprise
    found: list[ColumnElement[bool]] = []
    if query.isic:
        found.append(or_(*(columns.isic.startswith(digits) for digits in terms(query.isic))))
    if query.q:
        found.append(columns.searchable.contains(plain(query.q), autoescape=True))
    if query.buyer_id:
        found.append(columns.id.in_(suppliers_today([UUID(id) for id in terms(query.buyer_id)])))
    if query.partnership_id:
        found.append(columns.id.in_(members_of([UUID(id) for id in terms(query.partnership_id)])))
    if query.identifier:
        found.append(columns.identifiers.overlap([known_identifier(one) for one in terms(query.identifier)]))
    if query.had_identifier:
        wanted = [known_identifier(one) for one in terms(query.had_identifier)]
        held = select(col(IdentifierClaim.enterprise_id)).where(col(IdentifierClaim.identifier).in_(wanted))
        found.append(columns.id.in_(held))
    return found
