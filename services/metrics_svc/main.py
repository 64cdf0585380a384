"""metrics_svc. This file is its table of contents."""

from fastapi import FastAPI

from services.metrics_svc.results.routes import router as results
from services.metrics_svc.subscribers import subscriptions
from shared.service import create_service
from shared.settings import ServiceSettings


def create_app(settings: ServiceSettings) -> FastAPI:
    return create_service(settings, title="SCORE metrics", routers=[results], subscriptions=subscriptions, importers=[])
