"""Whether an enterprise may be trained, as far as its size tells: the band of its country's policy."""

from collections.abc import Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from services.enterprise_svc.country_policies.queries import policies_of
from services.enterprise_svc.enterprises.models import Enterprise

Size = tuple[str, int | None]  # country, workforce


def size_of(enterprise: Enterprise) -> Size:
    return enterprise.country, enterprise.workforce_total


async def assess_by_size(session: AsyncSession, enterprises: Sequence[Enterprise]) -> None:
    """Assesses those whose workforce is known, where the programme has set a band; call it for new ones and for those whose
    size has changed.
    """
    known = [(enterprise, total) for enterprise in enterprises if (total := enterprise.workforce_total) is not None]
    policies = await policies_of(session, [enterprise.country for enterprise, _ in known]) if known else {}
    for enterprise, total in known:
        if (policy := policies[enterprise.country]).decides:
            enterprise.assess_by_size(policy.objection_to(total))
