"""The gateway: the one door of the system. This file is its table of contents.

Own pages are Starlette routes; all that is under /v1 is carried to the services. Around both, from the outside in: trace and
count, CORS, compression, problem documents, limits on the head, tokens, limits on the body.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import structlog
from starlette.routing import Route, Router

from services.gateway.clients import Clients
from services.gateway.compression import Compression
from services.gateway.cors import Cors
from services.gateway.docs import Docs
from services.gateway.health import Health
from services.gateway.keys import SigningKeys
from services.gateway.limits import BodyLimits, HeadLimits, Limits
from services.gateway.openapi import Contract
from services.gateway.problems import ProblemPages, Problems
from services.gateway.proxy import Proxy
from services.gateway.tokens import Tokens
from services.gateway.upstreams import Upstreams
from shared import errors
from shared.auth import AuthMiddleware, TokenVerifier
from shared.db import Database, create_engine
from shared.settings import GatewaySettings
from shared.telemetry import App, Metrics, Receive, Scope, Send, Tracing

PUBLIC = (
    "/oauth/*",
    "/.well-known/*",
    "/problems/*",
    "/openapi.json",
    "/docs",
    "/-/live",
    "/-/ready",
    "/-/metrics",
)
POOL = 4
log = structlog.get_logger()


def create_app(settings: GatewaySettings, limits: Limits | None = None) -> App:
    """The ASGI application; what it holds open belongs to its lifespan."""
    limits = limits or Limits(import_file=settings.import_max_bytes)
    database = Database(
        create_engine(settings.database_url.get_secret_value(), pool_size=POOL, application_name="gateway")
    )
    upstreams = Upstreams(settings.upstreams)
    keys = SigningKeys(database, settings.secret.get_secret_value())
    tokens = Tokens(settings.public_url, Clients(database), keys)
    contract = Contract(database, upstreams, settings.public_url)
    metrics = Metrics()
    routes = [
        *tokens.routes(),
        *Health(database, keys, upstreams, metrics).routes(),
        Route("/openapi.json", contract.show),
        Route("/docs", Docs(contract).show),
        Route("/problems/{code}", ProblemPages(contract).show_problem),
    ]

    @asynccontextmanager
    async def lifespan(_: Any) -> AsyncIterator[None]:
        async with upstreams:
            await make_key_ready(keys)
            yield
        await database.close()

    own = Router(routes, redirect_slashes=False, lifespan=lifespan)
    app: App = BodyLimits(Doors(own, Proxy(upstreams, limits)), limits)
    app = AuthMiddleware(app, TokenVerifier(settings.public_url, fetch=keys.key_set), PUBLIC)
    app = HeadLimits(app, limits, settings.allowed_hosts)
    app = Compression(Problems(app))
    return Tracing(Cors(app, settings.cors_origins), metrics)


async def make_key_ready(keys: SigningKeys) -> None:
    """The first start makes the key; without a database the gateway starts all the same and says that it is not ready."""
    try:
        await keys.key_set()
    except errors.ServiceUnavailable:
        log.warning("the signing key could not be read yet")


class Doors:
    """What is under /v1 is carried to the services; the rest is our own."""

    def __init__(self, own: App, proxy: App) -> None:
        self.own, self.proxy = own, proxy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            if scope["raw_path"].startswith(b"/v1/"):
                await self.proxy(scope, receive, send)
                return
            scope["app"] = self  # makes the router raise what it refuses
        await self.own(scope, receive, send)
