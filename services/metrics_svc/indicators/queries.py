from collections.abc import Iterable

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.metrics_svc.indicators.models import Indicator


async def indicators_by_code(session: AsyncSession, codes: Iterable[str]) -> dict[str, Indicator]:
    """Those of `codes` that are defined."""
    found = await session.exec(select(Indicator).where(col(Indicator.code).in_(set(codes))))
    return {indicator.code: indicator for indicator in found}
