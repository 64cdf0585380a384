"""Every table of this service, for migrations: importing this module fills `Base.metadata`."""

from services.training_svc.models_base import Base

__all__ = ["Base"]
