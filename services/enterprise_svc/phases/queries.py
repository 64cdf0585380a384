from typing import Any

from sqlalchemy import Select

from services.enterprise_svc.phases.models import Phase
from services.enterprise_svc.phases.schemas import PhaseQuery
from shared.pagination import PERIOD, overlapping, select_matching, touching


def phases_matching(query: PhaseQuery) -> Select[Any]:
    return select_matching(Phase, query, *PERIOD, "country", "donor_id").where(
        *touching(Phase.starts_on, Phase.ends_on, query),
        *overlapping(Phase.countries, query.country),
        *overlapping(Phase.donor_ids, query.donor_id),
    )
