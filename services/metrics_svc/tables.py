"""Every table of this service, for migrations: importing this module fills `Base.metadata`."""

from services.metrics_svc.models_base import Base
from services.metrics_svc.read_models import models as read_models

__all__ = ["Base", "read_models"]
