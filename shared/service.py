"""A service around its routers: problem documents, tokens, health, and the loops that carry events."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import structlog
from fastapi import FastAPI
from sqlmodel.ext.asyncio.session import AsyncSession

from shared import idempotency, inbox, outbox
from shared.audit.sealer import Sealer
from shared.auth import AuthMiddleware
from shared.consistency import Tokens
from shared.consumer import Consumer, Subscriptions
from shared.db import Database, create_engine
from shared.figures import EventFigures
from shared.head_requests import HeadAsGet
from shared.health import PUBLIC, add_operations
from shared.imports import Importer, Imports, Uploads, jobs
from shared.limits import Limits, Sizes
from shared.loops import end_all
from shared.migrations import Revisions
from shared.nats import Bus
from shared.permissions.visibility import Visibility
from shared.personal.keyring import Keyring
from shared.receipts import Receipts
from shared.refusals import Bugs, add_problems
from shared.relay import Relay
from shared.revocations import OverHttp, Revocations
from shared.routing import Router
from shared.settings import ServiceSettings
from shared.signing import Signer
from shared.successors import Successors
from shared.telemetry import App, Metrics, Tracing
from shared.verification import TokenVerifier

HOUSEKEEPING_SECONDS = 600
Chore = Callable[[AsyncSession], Awaitable[int]]
FORGETTING: Sequence[Chore] = (idempotency.forget_old, outbox.forget_old, inbox.forget_old, jobs.forget_old)
log = structlog.get_logger()


def create_service(
    settings: ServiceSettings,
    *,
    title: str,
    routers: Sequence[Router],
    subscriptions: Subscriptions,
    visibility: Visibility | None = None,
    importers: Sequence[Importer[Any]] = (),
    receipts: Receipts | None = None,
    chores: Sequence[Chore] = (),
    successors: Successors | None = None,
    inner: Callable[[App], App] | None = None,
) -> FastAPI:
    """The ASGI application of one service; everything it holds opens in its lifespan and nothing before.

    `visibility` says who sees which of its rows; `receipts` keeps what was read of whom; `chores` are done again and again,
    each until it says that it did 0; `successors` which ids are read as another; `inner` goes around all routes.
    """
    app = FastAPI(
        title=title,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
        telemetry={"tracing": False, "metrics": False, "logs": False},  # its logs would hold what was sent
    )
    app.state.service = settings.service
    app.state.settings = settings
    app.state.subscriptions, app.state.visibility = subscriptions, visibility
    app.state.receipts, app.state.chores = receipts, [*FORGETTING, *chores]
    app.state.successors = successors
    app.state.importers = {importer.collection: importer for importer in importers}
    app.state.cursors = Signer(settings.secret.get_secret_value(), f"cursor:{settings.service}")
    app.state.tokens = Tokens(settings.secret.get_secret_value())
    app.state.metrics = Metrics()
    app.state.figures = EventFigures(app.state.metrics)
    for router in routers:
        app.router.routes.extend(router.routes)
    add_operations(app)
    add_problems(app)
    app.state.verifier = TokenVerifier(
        issuer=settings.public_url,
        jwks_url=settings.jwks_url,
        revocations=Revocations(OverHttp(settings.revoked_url)),
        providers=settings.oidc_issuers,
    )
    if inner:
        app.add_middleware(inner)
    app.add_middleware(AuthMiddleware, verifier=app.state.verifier, public_paths=PUBLIC)
    app.add_middleware(HeadAsGet)
    app.add_middleware(Limits, sizes=Sizes(import_file=settings.import_max_bytes))
    app.add_middleware(Bugs)
    app.add_middleware(Tracing, metrics=app.state.metrics)
    return app


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Opens in order, closes in reverse: loops are cancelled and awaited before the broker is left (V6)."""
    settings: ServiceSettings = app.state.settings
    async with AsyncExitStack() as stack:
        engine = create_engine(settings.database_url.get_secret_value(), application_name=settings.service)
        database = Database(engine, app.state.visibility, Keyring(settings.secret.get_secret_value()))
        stack.push_async_callback(database.close)
        bus = Bus(settings.nats, settings.service)
        stack.push_async_callback(bus.close)
        relay = Relay(database, bus, settings.service)
        database.after_commit(relay.nudge)
        consumer = Consumer(database, bus, settings.service, app.state.subscriptions, app.state.figures.duplicates.inc)
        imports = Imports(database, app.state.importers, app.state.metrics)
        sealer = Sealer(database, settings.service, settings.secret.get_secret_value(), app.state.metrics)
        app.state.schema = Revisions.of(settings.service)
        app.state.database, app.state.bus, app.state.arrivals = database, bus, consumer
        app.state.uploads, app.state.imports = Uploads(), imports
        app.state.parts = {
            "broker": bus,
            "relay": relay,
            "consumer": consumer,
            "imports": imports,
            "audit": sealer,
            "tokens": app.state.verifier,
        }
        loops = [asyncio.create_task(loop.run()) for loop in (bus, relay, consumer, imports, sealer)]
        loops.append(asyncio.create_task(housekeeping(database, app.state.chores)))
        loops.append(asyncio.create_task(app.state.verifier.watch()))
        stack.push_async_callback(end_all, loops)
        stack.push_async_callback(sealer.finish)
        yield


async def housekeeping(database: Database, chores: Sequence[Chore]) -> None:
    """Forgets what is older than anything can still need, and the service's own chores, a bounded number at once."""
    while True:
        await asyncio.sleep(HOUSEKEEPING_SECONDS)
        for chore in chores:
            try:
                await do_all(database, chore)
            except Exception as error:
                log.warning("housekeeping failed", error=type(error).__name__)


async def do_all(database: Database, chore: Chore) -> None:
    more = True
    while more:
        async with database.transaction() as session:
            more = await chore(session) > 0
