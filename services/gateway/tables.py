"""Every table of the gateway, for migrations: importing this module fills `Base.metadata`."""

from services.gateway.clients.models import Client, ClientSecret
from services.gateway.models import OpenapiCopy, Quota, RevokedToken, SigningKey, UsedAssertion
from services.gateway.models_base import Base

__all__ = [
    "Base",
    "Client",
    "ClientSecret",
    "OpenapiCopy",
    "Quota",
    "RevokedToken",
    "SigningKey",
    "UsedAssertion",
]
