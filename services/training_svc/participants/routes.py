from typing import Annotated

from fastapi import Query

from services.training_svc.participants import commands
from services.training_svc.participants.importer import ParticipantImporter
from services.training_svc.participants.models import Participant
from services.training_svc.participants.schemas import ParticipantOut, ParticipantQuery, RegisterParticipant
from shared.answers import PageAnswer, ResourceAnswer, created, found
from shared.contract import page_of, patch_body
from shared.imports import import_routes
from shared.pagination import PageQuery, PagesDep, select_matching
from shared.personal.history import PersonChange, changes_of
from shared.routing import IfMatchDep, PatchDep, ReaderDep, Router, SessionDep, VerbMatchDep
from shared.types import Id

router = Router("participants")
importer = ParticipantImporter()
import_routes(router, importer)


@router.post("", status_code=201, response_model=ParticipantOut)
async def register_participant(session: SessionDep, command: RegisterParticipant) -> ResourceAnswer:
    """Register a person whom an enterprise sends, under the enterprise's own reference."""
    return created(ParticipantOut.model_validate(await commands.register_participant(session, command)))


@router.get("", response_model=page_of(ParticipantOut))
async def list_participants(pages: PagesDep, query: Annotated[ParticipantQuery, Query()]) -> PageAnswer:
    """Participants, filtered by enterprise, sex and category."""
    return await pages.of(select_matching(Participant, query), Participant, ParticipantOut, query)


@router.get("/{participant_id}", response_model=ParticipantOut)
async def get_participant(reader: ReaderDep, participant_id: Id) -> ResourceAnswer:
    """One participant."""
    return found(ParticipantOut.model_validate(await Participant.read(reader, participant_id)))


@router.patch("/{participant_id}", response_model=ParticipantOut, openapi_extra=patch_body(RegisterParticipant))
async def amend_participant(
    session: SessionDep, participant_id: Id, match: IfMatchDep, patch: PatchDep
) -> ResourceAnswer:
    """Change a participant (JSON Merge Patch). The enterprise stays."""
    return found(ParticipantOut.model_validate(await commands.amend_participant(session, participant_id, match, patch)))


@router.post("/{participant_id}/erase", response_model=ParticipantOut)
async def erase_participant(session: SessionDep, participant_id: Id, match: VerbMatchDep) -> ResourceAnswer:
    """Forget who this was, for good: the reference here, in the history, in kept answers and files. What is counted stays."""
    return found(ParticipantOut.model_validate(await commands.erase_participant(session, participant_id, match)))


@router.get("/{participant_id}/history", response_model=page_of(PersonChange))
async def list_participant_changes(
    pages: PagesDep, session: SessionDep, participant_id: Id, query: Annotated[PageQuery, Query()]
) -> PageAnswer:
    """Every change of a participant: who, when, which fields, from what to what."""
    await Participant.named(session, participant_id)
    return await changes_of(pages, participant_id, query)
