"""What the gateway serves itself under /v1, at the same door as the services behind it."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from fastapi import FastAPI

from services.gateway.clients.routes import router as clients
from services.gateway.clients.secrets import Secrets
from services.gateway.me import router as me
from services.gateway.upstreams import Upstreams
from shared.consistency import Tokens
from shared.db import Database
from shared.head_requests import HeadAsGet
from shared.refusals import Bugs, add_problems
from shared.settings import GatewaySettings
from shared.signing import Signer

NAME = "gateway"


class NothingToWaitFor:
    """The gateway answers from its own rows alone: no event of others can be missing."""

    async def wait_for(self, event_ids: Iterable[UUID], timeout: float) -> bool:
        return True


def own_api(settings: GatewaySettings, database: Database, secrets: Secrets, upstreams: Upstreams) -> FastAPI:
    """Whoever comes in has been recognised already; there are no events, hence no loops to run."""
    app = bare_api()
    secret = settings.secret.get_secret_value()
    app.state.service, app.state.database = NAME, database
    app.state.cursors, app.state.tokens = Signer(secret, f"cursor:{NAME}"), Tokens(secret)
    app.state.arrivals, app.state.receipts = NothingToWaitFor(), None
    app.state.successors = None
    app.state.secrets, app.state.upstreams = secrets, upstreams
    app.state.secret_grace = timedelta(seconds=settings.secret_grace_seconds)
    app.add_middleware(HeadAsGet)
    app.add_middleware(Bugs)
    return app


def bare_api() -> FastAPI:
    """Its operations, without what they work with: enough to describe it."""
    app = FastAPI(
        title="SCORE gateway",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    for router in (clients, me):
        app.router.routes.extend(router.routes)
    add_problems(app)
    return app
