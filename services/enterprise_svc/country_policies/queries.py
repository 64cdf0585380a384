from collections.abc import Iterable
from typing import Any

from sqlalchemy import Select
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.enterprise_svc.country_policies.models import CountryPolicy
from services.enterprise_svc.country_policies.schemas import CountryPolicyQuery
from shared.pagination import select_matching
from shared.sets import among


def country_policies_matching(query: CountryPolicyQuery) -> Select[Any]:
    return select_matching(CountryPolicy, query)


async def policies_of(session: AsyncSession, countries: Iterable[str]) -> dict[str, CountryPolicy]:
    """By country, in one statement."""
    named = select(CountryPolicy).where(among(col(CountryPolicy.country), set(countries)))
    return {policy.country: policy for policy in await session.exec(named)}
