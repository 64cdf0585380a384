"""enterprise_svc: the registry. This file is its table of contents."""

from fastapi import FastAPI

from services.enterprise_svc.organisations.routes import router as organisations
from services.enterprise_svc.subscribers import subscriptions
from shared.service import create_service
from shared.settings import ServiceSettings


def create_app(settings: ServiceSettings) -> FastAPI:
    return create_service(
        settings,
        title="SCORE enterprise registry",
        routers=[organisations],
        subscriptions=subscriptions,
        importers=[],
    )
