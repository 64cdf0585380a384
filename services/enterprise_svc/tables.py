"""Every table of this service, for migrations: importing this module fills `Base.metadata`."""

from services.enterprise_svc.models_base import Base
from services.enterprise_svc.organisations.models import Organisation

__all__ = ["Base", "Organisation"]
