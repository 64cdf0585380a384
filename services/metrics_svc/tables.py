"""Every table of this service, for migrations: importing this module fills `Base.metadata`."""

from services.metrics_svc.data_quality.models import Finding
from services.metrics_svc.exchange_rates.models import ExchangeRate
from services.metrics_svc.indicators.models import Indicator
from services.metrics_svc.models_base import Base
from services.metrics_svc.observations.models import Observation
from services.metrics_svc.publication.models import ToldCell, ToldContributions, Vintage
from services.metrics_svc.read_models import models as read_models
from services.metrics_svc.savings.models import Saving
from services.metrics_svc.surveys.models import Survey, SurveyResponse, ToldAnswers

__all__ = [
    "Base",
    "ExchangeRate",
    "Finding",
    "Indicator",
    "Observation",
    "Saving",
    "Survey",
    "SurveyResponse",
    "ToldAnswers",
    "ToldCell",
    "ToldContributions",
    "Vintage",
    "read_models",
]
