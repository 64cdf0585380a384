from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import tuple_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.training_svc.participants.models import Participant

Name = tuple[UUID, str]  # (enterprise_id, reference)


async def participants_named(
    session: AsyncSession, names: Iterable[Name], lock: bool = False
) -> dict[Name, Participant]:
    key = tuple_(col(Participant.enterprise_id), col(Participant.reference))
    counting = col(Participant.superseded_by).is_(None)
    wanted = select(Participant).where(key.in_(set(names)), counting).order_by(col(Participant.id))
    found = await session.exec(wanted.with_for_update() if lock else wanted)
    return {(participant.enterprise_id, participant.reference): participant for participant in found}
