from typing import Annotated

from fastapi import Query

from services.enterprise_svc.country_policies import commands, queries
from services.enterprise_svc.country_policies.models import CountryPolicy
from services.enterprise_svc.country_policies.schemas import AmendCountryPolicy, CountryPolicyOut, CountryPolicyQuery
from shared.answers import PageAnswer, ResourceAnswer, found
from shared.contract import page_of, patch_body
from shared.pagination import PagesDep
from shared.routing import IfMatchDep, PatchDep, Router, SessionDep
from shared.types import Country

router = Router("country-policies")


@router.get("", response_model=page_of(CountryPolicyOut))
async def list_country_policies(pages: PagesDep, query: Annotated[CountryPolicyQuery, Query()]) -> PageAnswer:
    """The programme's rules in each country."""
    return await pages.of(queries.country_policies_matching(query), CountryPolicy, CountryPolicyOut, query)


@router.get("/{country}", response_model=CountryPolicyOut)
async def get_country_policy(session: SessionDep, country: Country) -> ResourceAnswer:
    """The programme's rules in a country; every country has some."""
    return found(CountryPolicyOut.model_validate(await CountryPolicy.of(session, country)))


@router.patch("/{country}", response_model=CountryPolicyOut, openapi_extra=patch_body(AmendCountryPolicy))
async def amend_country_policy(
    session: SessionDep, country: Country, match: IfMatchDep, patch: PatchDep
) -> ResourceAnswer:
    """Change the rules of a country from now on (JSON Merge Patch): nobody is assessed anew by it."""
    return found(CountryPolicyOut.model_validate(await commands.amend_country_policy(session, country, match, patch)))
