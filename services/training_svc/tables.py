"""Every table of this service, for migrations: importing this module fills `Base.metadata`."""

from services.training_svc.attendances.models import Attendance
from services.training_svc.cycles.models import Cycle
from services.training_svc.models_base import Base
from services.training_svc.modules.models import Module
from services.training_svc.participants.models import Participant
from services.training_svc.read_models.registry import (
    ConsentView,
    EnterpriseView,
    MergedEnterprise,
    OrganisationView,
    PartnershipView,
    PhaseView,
)
from services.training_svc.trainers.models import Trainer
from services.training_svc.visits.models import Visit

__all__ = [
    "Attendance",
    "Base",
    "ConsentView",
    "Cycle",
    "EnterpriseView",
    "MergedEnterprise",
    "Module",
    "OrganisationView",
    "Participant",
    "PartnershipView",
    "PhaseView",
    "Trainer",
    "Visit",
]
