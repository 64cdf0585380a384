from typing import Any

from sqlalchemy import ColumnElement, Select, or_

from services.enterprise_svc.partnerships.models import Partnership
from services.enterprise_svc.partnerships.schemas import PartnershipQuery
from shared.pagination import PERIOD, overlapping, select_matching, terms, touching


def partnerships_matching(query: PartnershipQuery) -> Select[Any]:
    return select_matching(Partnership, query, *PERIOD, "country", "organisation_id").where(
        *touching(Partnership.starts_on, Partnership.ends_on, query),
        *overlapping(Partnership.countries, query.country),
        *having_party(query.organisation_id),
    )


def having_party(organisation_ids: str | None) -> list[ColumnElement[bool]]:
    if organisation_ids is None:
        return []
    parties: Any = Partnership.parties
    return [or_(*(parties.contains([{"organisation_id": id}]) for id in terms(organisation_ids)))]
