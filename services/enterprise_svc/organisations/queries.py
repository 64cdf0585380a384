from typing import Any

from sqlalchemy import Select

from services.enterprise_svc.organisations.models import Organisation
from services.enterprise_svc.organisations.schemas import OrganisationQuery
from shared.pagination import overlapping, select_matching


def organisations_matching(query: OrganisationQuery) -> Select[Any]:
    members = overlapping(Organisation.member_of, query.member_of)
    return select_matching(Organisation, query, "member_of").where(*members)
