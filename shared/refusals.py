"""Every refusal is a problem document, also those that the framework or a bug of ours makes."""

from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import Match

from shared import errors
from shared.failures import frames_of
from shared.telemetry import App, Message, Receive, Scope, Send
from shared.validation import problem_of

log = structlog.get_logger()


def add_problems(app: FastAPI) -> None:
    app.add_exception_handler(HTTPException, on_http_exception)
    app.add_exception_handler(RequestValidationError, on_invalid)


def answer_to(scope: Scope, problem: errors.Problem) -> Response:
    document = problem.document(scope["state"].get("request_id", ""))
    headers = {"Cache-Control": "no-store", **(problem.headers or {})}
    return JSONResponse(document, problem.status, headers, media_type=errors.MEDIA_TYPE)


async def on_http_exception(request: Request, error: Exception) -> Response:
    if isinstance(error, errors.Problem):
        return answer_to(request.scope, error)
    status = error.status_code if isinstance(error, HTTPException) else 500
    if status == 405:
        allow = {"Allow": ", ".join(allowed_methods(request))}
        return answer_to(request.scope, errors.MethodNotAllowed(headers=allow))
    return answer_to(request.scope, errors.NotFound() if status == 404 else errors.MalformedRequest())


def allowed_methods(request: Request) -> list[str]:
    """Methods of every route at this path: Starlette alone would name only those of the first."""
    found: set[str] = set()
    for route in request.app.routes:
        if route.matches(request.scope)[0] != Match.NONE:
            found |= route.methods or set()
    return sorted(found | ({"HEAD"} if "GET" in found else set()))


async def on_invalid(request: Request, error: Exception) -> Response:
    found = error.errors() if isinstance(error, RequestValidationError) else []
    return answer_to(request.scope, problem_of(found))


class Bugs:
    """What nobody foresaw is told with its place but without its text, which might repeat what was sent.

    Here, and not in Starlette's outermost handler: that one lets the error go on to the server, which logs all of it.
    """

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except Exception as error:
            log.error("bug", error=type(error).__name__, frames=frames_of(error), request_id=request_id_of(scope))
            if scope["type"] == "lifespan":
                raise
            if not started:  # an answer that has begun is broken off by the server, as it must be
                answer: Any = answer_to(scope, errors.InternalError())
                await answer(scope, receive, send)


def request_id_of(scope: Scope) -> str | None:
    found: str | None = scope.get("state", {}).get("request_id")
    return found
