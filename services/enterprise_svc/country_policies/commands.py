from sqlmodel.ext.asyncio.session import AsyncSession

from services.enterprise_svc.country_policies.models import CountryPolicy
from services.enterprise_svc.country_policies.schemas import AmendCountryPolicy
from shared.changes import record
from shared.conditions import IfMatch
from shared.events.enterprise import CountryPolicyAmended
from shared.merge_patch import Patch


async def amend_country_policy(session: AsyncSession, country: str, match: IfMatch, patch: Patch) -> CountryPolicy:
    """It holds from now on: nobody is assessed anew by it, and a nomination that was sent keeps its last day."""
    policy = await CountryPolicy.of(session, country, lock=True)
    match.check(policy.version)
    policy.sqlmodel_update(patch.onto(AmendCountryPolicy.model_validate(policy)).model_dump())
    # what every country begins with is a proposal; to say the same is a decision
    await record(session, policy, CountryPolicyAmended, elsewhere=policy.version == 1)
    return policy
