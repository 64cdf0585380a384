"""The merged OpenAPI document, made by the gateway's own merge from the three applications, none of them running."""

import json
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI

from services.enterprise_svc.main import create_app as enterprise
from services.gateway.openapi import merge
from services.metrics_svc.main import create_app as metrics
from services.training_svc.main import create_app as training
from shared.contract import describe
from shared.settings import ServiceSettings

PUBLIC_URL = "http://127.0.0.1:8000"
APPLICATIONS: dict[str, Callable[[ServiceSettings], FastAPI]] = {
    "enterprise": enterprise,
    "training": training,
    "metrics": metrics,
}


def openapi_text() -> str:
    """As committed: indented, so that a change shows as a diff of lines."""
    return json.dumps(merged(PUBLIC_URL), ensure_ascii=False, indent=1) + "\n"


def merged(public_url: str) -> dict[str, Any]:
    return merge({name: document_of(name) for name in APPLICATIONS}, public_url)


def document_of(service: str) -> dict[str, Any]:
    app = APPLICATIONS[service](settings_for(service))
    return describe(app, app.title)


def settings_for(service: str) -> ServiceSettings:
    """Enough to make the application; nothing is opened before its lifespan."""
    nowhere = {
        f"SCORE_DATABASE_URL_{service.upper()}": "postgresql://localhost/nowhere",
        "SCORE_JWKS_URL": f"{PUBLIC_URL}/oauth/jwks",
        "SCORE_NATS_URL": "nats://localhost",
        "SCORE_SECRET": "for the documents only",
    }
    return ServiceSettings.read(service, nowhere)
