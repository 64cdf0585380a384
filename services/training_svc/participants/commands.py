from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.training_svc.participants.models import Participant
from services.training_svc.participants.queries import participants_named
from services.training_svc.participants.schemas import RegisterParticipant
from services.training_svc.read_models.registry import EnterpriseView
from shared import errors
from shared.changes import record
from shared.conditions import IfMatch
from shared.db import refuse_taken_ref, refuse_unknown
from shared.events.training import ParticipantAmended, ParticipantErased, ParticipantRegistered
from shared.merge_patch import Patch
from shared.personal.erasure import erase


async def register_participant(session: AsyncSession, command: RegisterParticipant) -> Participant:
    await refuse_taken_ref(session, Participant, command.external_ref)
    await refuse_unknown(session, EnterpriseView, command.enterprise_id, "enterprise_id")
    await refuse_taken_reference(session, command.enterprise_id, command.reference)
    participant = Participant(**command.model_dump())
    await record(session, participant, ParticipantRegistered)
    return participant


async def amend_participant(session: AsyncSession, id: UUID, match: IfMatch, patch: Patch) -> Participant:
    participant = await Participant.for_change(session, id)
    match.check(participant.version)
    participant.refuse_if_erased()
    command = patch.onto(RegisterParticipant.model_validate(participant), fixed=["enterprise_id"])
    if command.reference != participant.reference:
        await refuse_taken_reference(session, command.enterprise_id, command.reference)
    participant.sqlmodel_update(command.model_dump())
    await record(session, participant, ParticipantAmended)
    return participant


async def erase_participant(session: AsyncSession, id: UUID, match: IfMatch) -> Participant:
    """Nobody can tell afterwards who it was, from files that are kept neither; attendances and counts stay."""
    participant = await Participant.for_change(session, id)
    match.check(participant.version)
    known_as = [word for word in (participant.reference, participant.external_ref) if word]
    participant.erase()
    await erase(session, participant, ParticipantErased, *known_as)
    return participant


async def refuse_taken_reference(session: AsyncSession, enterprise_id: UUID, reference: str) -> None:
    for holder in (await participants_named(session, [(enterprise_id, reference)])).values():
        place = errors.pointer("taken", "The enterprise has a participant with this reference.", "reference")
        raise errors.AlreadyExists(str(holder.id), errors=[place])
