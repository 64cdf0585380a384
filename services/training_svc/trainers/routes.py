from typing import Annotated

from fastapi import Query

from services.training_svc.trainers import commands
from services.training_svc.trainers.models import Trainer
from services.training_svc.trainers.schemas import RegisterTrainer, TrainerOut, TrainerQuery
from shared.answers import PageAnswer, ResourceAnswer, created, found
from shared.contract import page_of, patch_body
from shared.pagination import PageQuery, PagesDep, select_matching
from shared.personal.history import PersonChange, changes_of
from shared.routing import IfMatchDep, PatchDep, ReaderDep, Router, SessionDep, VerbMatchDep
from shared.types import Id

router = Router("trainers")


@router.post("", status_code=201, response_model=TrainerOut)
async def register_trainer(session: SessionDep, command: RegisterTrainer) -> ResourceAnswer:
    """Register a trainer with languages, sectors and employer."""
    return created(TrainerOut.model_validate(await commands.register_trainer(session, command)))


@router.get("", response_model=page_of(TrainerOut))
async def list_trainers(pages: PagesDep, query: Annotated[TrainerQuery, Query()]) -> PageAnswer:
    """Trainers, filtered by employer and country."""
    return await pages.of(select_matching(Trainer, query), Trainer, TrainerOut, query)


@router.get("/{trainer_id}", response_model=TrainerOut)
async def get_trainer(reader: ReaderDep, trainer_id: Id) -> ResourceAnswer:
    """One trainer."""
    return found(TrainerOut.model_validate(await Trainer.read(reader, trainer_id)))


@router.patch("/{trainer_id}", response_model=TrainerOut, openapi_extra=patch_body(RegisterTrainer))
async def amend_trainer(session: SessionDep, trainer_id: Id, match: IfMatchDep, patch: PatchDep) -> ResourceAnswer:
    """Change what is known of a trainer (JSON Merge Patch)."""
    return found(TrainerOut.model_validate(await commands.amend_trainer(session, trainer_id, match, patch)))


@router.post("/{trainer_id}/erase", response_model=TrainerOut)
async def erase_trainer(session: SessionDep, trainer_id: Id, match: VerbMatchDep) -> ResourceAnswer:
    """Forget who this was, for good: name and base here, in the history, in kept answers and files. What is counted stays."""
    return found(TrainerOut.model_validate(await commands.erase_trainer(session, trainer_id, match)))


@router.get("/{trainer_id}/history", response_model=page_of(PersonChange))
async def list_trainer_changes(
    pages: PagesDep, session: SessionDep, trainer_id: Id, query: Annotated[PageQuery, Query()]
) -> PageAnswer:
    """Every change of a trainer: who, when, which fields, from what to what."""
    await Trainer.named(session, trainer_id)
    return await changes_of(pages, trainer_id, query)
