"""A service around its routers: problem documents, tokens, health, and the loops that carry events."""

import asyncio
import traceback
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy import text
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import Match

from shared import contract, errors, idempotency
from shared.auth import AuthMiddleware, TokenVerifier
from shared.consistency import Tokens
from shared.consumer import Consumer, Subscriptions
from shared.db import Database, create_engine
from shared.imports import Importer, Imports, Uploads
from shared.limits import Limits, Sizes
from shared.loops import end_all
from shared.nats import Bus
from shared.relay import Relay
from shared.routing import Router
from shared.settings import ServiceSettings
from shared.signing import Signer
from shared.telemetry import App, Message, Metrics, Receive, Scope, Send, Tracing
from shared.validation import problem_of

PUBLIC = ("/-/live", "/-/ready", "/-/metrics", "/openapi.json")
HOUSEKEEPING_SECONDS = 600
log = structlog.get_logger()


def create_service(
    settings: ServiceSettings,
    *,
    title: str,
    routers: Sequence[Router],
    subscriptions: Subscriptions,
    importers: Sequence[Importer[Any]] = (),
) -> FastAPI:
    """The ASGI application of one service; everything it holds opens in its lifespan and nothing before."""
    app = FastAPI(
        title=title, openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False, lifespan=lifespan
    )
    app.state.service = settings.service
    app.state.settings = settings
    app.state.subscriptions = subscriptions
    app.state.importers = {importer.collection: importer for importer in importers}
    app.state.cursors = Signer(settings.secret.get_secret_value(), f"cursor:{settings.service}")
    app.state.tokens = Tokens(settings.secret.get_secret_value())
    app.state.metrics = Metrics()
    for router in routers:
        app.router.routes.extend(router.routes)
    add_operations(app, title)
    add_problems(app)
    verifier = TokenVerifier(issuer=settings.public_url, jwks_url=settings.jwks_url)
    app.add_middleware(AuthMiddleware, verifier=verifier, public_paths=PUBLIC)
    app.add_middleware(HeadAsGet)
    app.add_middleware(Limits, sizes=Sizes(import_file=settings.import_max_bytes))
    app.add_middleware(Tracing, metrics=app.state.metrics)
    return app


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Opens in order, closes in reverse: loops are cancelled and awaited before the broker is left (V6)."""
    settings: ServiceSettings = app.state.settings
    async with AsyncExitStack() as stack:
        database = Database(create_engine(settings.database_url.get_secret_value(), application_name=settings.service))
        stack.push_async_callback(database.close)
        bus = Bus(settings.nats, settings.service)
        stack.push_async_callback(bus.close)
        relay = Relay(database, bus, settings.service)
        database.after_commit(relay.nudge)
        consumer = Consumer(database, bus, settings.service, app.state.subscriptions)
        imports = Imports(database, app.state.importers, app.state.metrics)
        app.state.database, app.state.arrivals = database, consumer
        app.state.uploads, app.state.imports = Uploads(), imports
        app.state.parts = {"relay": relay, "consumer": consumer, "imports": imports}
        loops = [asyncio.create_task(loop.run()) for loop in (bus, relay, consumer, imports)]
        loops.append(asyncio.create_task(housekeeping(database)))
        stack.push_async_callback(end_all, loops)
        yield


async def housekeeping(database: Database) -> None:
    while True:
        await asyncio.sleep(HOUSEKEEPING_SECONDS)
        try:
            async with database.transaction() as session:
                await idempotency.forget_old(session)
        except Exception as error:
            log.warning("housekeeping failed", error=type(error).__name__)


# --- errors ----------------------------------------------------------------------------------------------------


def add_problems(app: FastAPI) -> None:
    app.add_exception_handler(HTTPException, on_http_exception)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(Exception, on_bug)


def respond(request: Request, problem: errors.Problem) -> Response:
    document = problem.document(request.scope["state"].get("request_id", ""))
    return JSONResponse(document, problem.status, problem.headers, media_type=errors.MEDIA_TYPE)


async def on_http_exception(request: Request, error: Exception) -> Response:
    if isinstance(error, errors.Problem):
        return respond(request, error)
    status = error.status_code if isinstance(error, HTTPException) else 500
    if status == 405:
        return respond(request, errors.MethodNotAllowed(headers={"Allow": ", ".join(allowed_methods(request))}))
    return respond(request, errors.NotFound() if status == 404 else errors.MalformedRequest())


def allowed_methods(request: Request) -> list[str]:
    """Methods of every route at this path: Starlette alone would name only those of the first."""
    found: set[str] = set()
    for route in request.app.routes:
        if route.matches(request.scope)[0] != Match.NONE:
            found |= route.methods or set()
    return sorted(found | ({"HEAD"} if "GET" in found else set()))


async def on_invalid(request: Request, error: Exception) -> Response:
    found = error.errors() if isinstance(error, RequestValidationError) else []
    return respond(request, problem_of(found))


async def on_bug(request: Request, error: Exception) -> Response:
    """Logged with its place but without its text, which might repeat what was sent."""
    frames = [
        f"{frame.filename.rsplit('/', 3)[-1]}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)
    ]
    log.error(
        "bug", error=type(error).__name__, frames=frames[-8:], request_id=request.scope["state"].get("request_id")
    )
    return respond(request, errors.InternalError())


# --- health and the contract -----------------------------------------------------------------------------------


def add_operations(app: FastAPI, title: str) -> None:
    @app.get("/-/live", include_in_schema=False)
    async def live() -> dict[str, str]:
        return {"status": "live"}

    @app.get("/-/ready", include_in_schema=False)
    async def ready() -> Response:
        report = await readiness(app)
        good = all(part["status"] == "ready" for part in report.values())
        return JSONResponse({"status": "ready" if good else "not-ready", "parts": report}, 200 if good else 503)

    @app.get("/-/metrics", include_in_schema=False)
    async def metrics(request: Request) -> Response:
        if request.client is None or request.client.host not in ("127.0.0.1", "::1"):
            raise errors.NotFound()
        page, kind = app.state.metrics.page()
        return Response(page, media_type=kind)

    @app.get("/openapi.json", include_in_schema=False)
    async def openapi() -> Response:
        return JSONResponse(contract.describe(app, title))


async def readiness(app: FastAPI) -> dict[str, dict[str, str]]:
    """Each part with its own word: the database, and the loops that carry events and files."""
    problems = {name: part.problem for name, part in app.state.parts.items()}
    problems["database"] = await database_problem(app.state.database)
    return {
        name: {"status": "not-ready", "problem": why} if why else {"status": "ready"} for name, why in problems.items()
    }


async def database_problem(database: Database) -> str | None:
    try:
        async with asyncio.timeout(1), database.transaction() as session:
            await session.execute(text("select 1"))
    except Exception as error:
        return f"database-unavailable: {type(error).__name__}"
    return None


class HeadAsGet:
    """HEAD wherever GET: the same answer without its body."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        async def bodiless(message: Message) -> None:
            await send(message if message["type"] == "http.response.start" else {**message, "body": b""})

        await self.app(scope | {"method": "GET"}, receive, bodiless)
