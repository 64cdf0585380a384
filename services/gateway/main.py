"""The gateway: the one door of the system. This file is its table of contents.

Own pages are Starlette routes; what is under /v1 is carried to the services, but for clients and /v1/me. Around all, from the
outside in: trace, count and RateLimit, CORS, compression, problem documents, limits on the head, tokens, quotas, limits on the
body.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import structlog
from starlette.routing import Route, Router

from services.gateway.clients.secrets import Secrets
from services.gateway.compression import Compression
from services.gateway.cors import Cors
from services.gateway.docs import Docs
from services.gateway.health import Health
from services.gateway.housekeeping import keep_tidy
from services.gateway.keys import SigningKeys
from services.gateway.limits import BodyLimits, HeadLimits, Limits
from services.gateway.oauth.authentication import Authentication
from services.gateway.oauth.endpoints import OAuth
from services.gateway.openapi import Contract
from services.gateway.own_api import own_api
from services.gateway.problems import ProblemPages, Problems
from services.gateway.proxy import Proxy
from services.gateway.quotas import CountRequests, Quotas, TellStanding
from services.gateway.revocations import VoidTokens
from services.gateway.upstreams import Upstreams
from shared import errors
from shared.audit.sealer import Sealer
from shared.auth import AuthMiddleware
from shared.db import Database, create_engine
from shared.loops import end_all
from shared.revocations import Revocations
from shared.settings import GatewaySettings
from shared.telemetry import App, Metrics, Receive, Scope, Send, Tracing
from shared.verification import TokenVerifier

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
POOL = 6
OWN_COLLECTIONS = (b"/v1/clients", b"/v1/me")
BELOW_THEM = tuple(path + b"/" for path in OWN_COLLECTIONS)
log = structlog.get_logger()


def create_app(settings: GatewaySettings, limits: Limits | None = None) -> App:
    """The ASGI application; what it holds open belongs to its lifespan."""
    limits = limits or Limits(import_file=settings.import_max_bytes)
    database = Database(
        create_engine(settings.database_url.get_secret_value(), pool_size=POOL, application_name="gateway")
    )
    upstreams = Upstreams(settings.upstreams)
    keys = SigningKeys(database, settings.secret.get_secret_value(), sign_for=timedelta(days=settings.signing_key_days))
    void, secrets, quotas = VoidTokens(database, keys), Secrets(), Quotas(database, settings.rate_limit)
    verifier = TokenVerifier(
        settings.public_url,
        fetch=keys.key_set,
        revocations=Revocations(void.present),
        providers=settings.oidc_issuers,
    )
    authentication = Authentication(settings.public_url, database, secrets)
    oauth = OAuth(settings.public_url, database, authentication, keys, void, verifier.gateway)
    contract = Contract(database, upstreams, settings.public_url)
    metrics = Metrics()
    sealer = Sealer(database, "gateway", settings.secret.get_secret_value(), metrics)
    routes = [
        *oauth.routes(),
        *Health(database, keys, sealer, upstreams, metrics).routes(),
        Route("/openapi.json", contract.show),
        Route("/docs", Docs(contract).show),
        Route("/problems/{code}", ProblemPages(contract).show_problem),
    ]

    @asynccontextmanager
    async def lifespan(_: Any) -> AsyncIterator[None]:
        async with upstreams:
            await make_key_ready(keys)
            work = (verifier.watch(), quotas.give_back_idle(), keep_tidy(database), sealer.run())
            loops = [asyncio.create_task(loop) for loop in work]
            yield
            await sealer.finish()
            await end_all(loops)
        await database.close()

    own = Router(routes, redirect_slashes=False, lifespan=lifespan)
    api = own_api(settings, database, secrets, upstreams)
    app: App = BodyLimits(Doors(own, api, Proxy(upstreams, limits)), limits)
    app = AuthMiddleware(CountRequests(app, quotas), verifier, PUBLIC)
    app = HeadLimits(app, limits, settings.allowed_hosts)
    app = Compression(Problems(app))
    return Tracing(Cors(app, settings.cors_origins), metrics, TellStanding(quotas))


async def make_key_ready(keys: SigningKeys) -> None:
    """The first start makes the keys; without a database the gateway starts all the same and says that it is not ready."""
    try:
        await keys.key_set()
    except errors.ServiceUnavailable:
        log.warning("the signing keys could not be read yet")


class Doors:
    """What is under /v1 is carried to the services, or is one of our two collections; the rest are our own pages."""

    def __init__(self, pages: App, api: App, proxy: App) -> None:
        self.pages, self.api, self.proxy = pages, api, proxy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            if scope["raw_path"].startswith(b"/v1/"):
                await (self.api if is_own(scope["raw_path"]) else self.proxy)(scope, receive, send)
                return
            scope["app"] = self  # makes the router raise what it refuses
        await self.pages(scope, receive, send)


def is_own(path: bytes) -> bool:
    return path in OWN_COLLECTIONS or path.startswith(BELOW_THEM)
