from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_

from services.enterprise_svc.enterprises.models import Enterprise
from services.enterprise_svc.enterprises.names import plain
from services.enterprise_svc.enterprises.schemas import EnterpriseQuery, known_identifier
from services.enterprise_svc.nominations.queries import members_of
from services.enterprise_svc.supply_links.queries import suppliers_today
from shared.pagination import select_matching, terms

SPECIAL = ("isic", "q", "buyer_id", "partnership_id", "identifier")


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
    return found
