"""Whether a service runs, whether all of it is ready, its figures, and its contract."""

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import FastAPI, Request
from starlette.responses import JSONResponse, Response

from shared import contract, errors
from shared.readiness import readiness

PUBLIC = ("/-/live", "/-/ready", "/-/metrics", "/openapi.json")
LOOPBACK = ("127.0.0.1", "::1")
FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")
NO_STORE = {"Cache-Control": "no-store"}
Operation = Callable[[Request], Awaitable[Response]]


def add_operations(app: FastAPI) -> None:
    for path, operation in zip(PUBLIC, (live, ready, metrics, openapi), strict=True):
        app.add_api_route(path, operation, include_in_schema=False)


async def live(_: Request) -> Response:
    return JSONResponse({"status": "live"}, headers=NO_STORE)


async def ready(request: Request) -> Response:
    """200 only when every part is; the body names each."""
    report = await readiness(request.app.state.parts, request.app.state.database, request.app.state.schema)
    good = all(part["status"] == "ready" for part in report.values())
    body = {"status": "ready" if good else "not-ready", "parts": report}
    return JSONResponse(body, 200 if good else 503, NO_STORE)


async def metrics(request: Request) -> Response:
    """For whoever is on this machine; a proxy on it speaks for others."""
    direct = request.client is not None and request.client.host in LOOPBACK
    if not direct or any(name in request.headers for name in FORWARDED):
        raise errors.NotFound()
    state: Any = request.app.state
    await state.figures.take(state.database, state.bus)
    page, kind = state.metrics.page()
    return Response(page, media_type=kind, headers=NO_STORE)


async def openapi(request: Request) -> Response:
    """Made once: it takes most of a second."""
    app: Any = request.app
    app.openapi_schema = app.openapi_schema or contract.describe(app, app.title)
    return JSONResponse(app.openapi_schema)
