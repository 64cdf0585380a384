from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from services.training_svc.read_models.registry import OrganisationView
from services.training_svc.trainers.models import Trainer
from services.training_svc.trainers.schemas import RegisterTrainer
from shared.changes import record
from shared.conditions import IfMatch
from shared.db import refuse_taken_ref, refuse_unknown
from shared.events.training import TrainerAmended, TrainerErased, TrainerRegistered
from shared.merge_patch import Patch
from shared.personal.erasure import erase


async def register_trainer(session: AsyncSession, command: RegisterTrainer) -> Trainer:
    await refuse_taken_ref(session, Trainer, command.external_ref)
    await refuse_unknown(session, OrganisationView, command.organisation_id, "organisation_id")
    trainer = Trainer(**stored(command))
    await record(session, trainer, TrainerRegistered)
    return trainer


async def amend_trainer(session: AsyncSession, id: UUID, match: IfMatch, patch: Patch) -> Trainer:
    trainer = await Trainer.for_change(session, id)
    match.check(trainer.version)
    trainer.refuse_if_erased()
    command = patch.onto(RegisterTrainer.model_validate(trainer))
    await refuse_unknown(session, OrganisationView, command.organisation_id, "organisation_id")
    trainer.sqlmodel_update(stored(command))
    await record(session, trainer, TrainerAmended)
    return trainer


async def erase_trainer(session: AsyncSession, id: UUID, match: IfMatch) -> Trainer:
    """Nobody can tell afterwards who it was; cycles, visits and counts stay."""
    trainer = await Trainer.for_change(session, id)
    match.check(trainer.version)
    trainer.erase()
    await erase(session, trainer, TrainerErased)
    return trainer


def stored(command: RegisterTrainer) -> dict[str, Any]:
    """The command as columns: the place is JSON, its degrees are texts."""
    return command.model_dump() | {"base": command.base and command.base.model_dump(mode="json")}
