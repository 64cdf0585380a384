"""Every table of the gateway, for migrations: importing this module fills `Base.metadata`."""

from services.gateway.models import Client, OpenapiCopy, SigningKey
from services.gateway.models_base import Base

__all__ = ["Base", "Client", "OpenapiCopy", "SigningKey"]
