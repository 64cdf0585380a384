"""training_svc: modules, trainers, cycles and what happened in them. This file is its table of contents."""

from fastapi import FastAPI

from services.training_svc.attendances.routes import importer as attendance_importer
from services.training_svc.attendances.routes import router as attendances
from services.training_svc.cycles.routes import router as cycles
from services.training_svc.mergers.commands import move_stragglers
from services.training_svc.modules.routes import router as modules
from services.training_svc.participants.routes import importer as participant_importer
from services.training_svc.participants.routes import router as participants
from services.training_svc.read_models.registry import ConsentView, MergedEnterprise
from services.training_svc.subscribers import subscriptions
from services.training_svc.trainers.routes import router as trainers
from services.training_svc.visibility import visibility
from services.training_svc.visits.routes import importer as visit_importer
from services.training_svc.visits.routes import router as visits
from shared.events.training import AccessRecorded
from shared.receipts import Receipts, told_as
from shared.service import create_service
from shared.settings import ServiceSettings
from shared.successors import Successors


def create_app(settings: ServiceSettings) -> FastAPI:
    return create_service(
        settings,
        title="SCORE training",
        routers=[modules, trainers, cycles, participants, attendances, visits],
        subscriptions=subscriptions,
        importers=[participant_importer, attendance_importer, visit_importer],
        receipts=Receipts(told_as(AccessRecorded), ConsentView),
        visibility=visibility,
        chores=[move_stragglers],
        successors=Successors(MergedEnterprise, "enterprise_id"),
    )
