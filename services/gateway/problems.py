"""Refusals become problem documents, whatever layer they come from; and each kind of problem has a page."""

import traceback
from html import escape
from typing import Any

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from services.gateway.openapi import Contract
from services.gateway.page import html_page, marked
from shared import errors
from shared.auth import answer
from shared.telemetry import App, Message, Receive, Scope, Send

FRAMES = 8
log = structlog.get_logger()


class Problems:
    """Catches what the layers below raise. Once an answer has begun, only breaking it off is left."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = False

        async def noting(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, noting)
        except Exception as error:
            problem = problem_of(error, request_id_of(scope))
            if not begun:
                await answer(problem, request_id_of(scope))(scope, receive, send)


def request_id_of(scope: Scope) -> str:
    return str(scope.get("state", {}).get("request_id", ""))


def problem_of(error: Exception, request_id: str) -> errors.Problem:
    if isinstance(error, errors.Problem):
        return error
    if isinstance(error, HTTPException) and error.status_code == 405:
        return errors.MethodNotAllowed(headers=error.headers)
    if isinstance(error, HTTPException):
        return errors.NotFound()
    # its own text might repeat what was sent
    frames = [
        f"{frame.filename.rsplit('/', 2)[-1]}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)
    ]
    log.error("bug", error=type(error).__name__, frames=frames[-FRAMES:], request_id=request_id)
    return errors.InternalError()


# --- pages -----------------------------------------------------------------------------------------------------


class ProblemPages:
    """`/problems/{code}`: what went wrong and what to do, for people in HTML, else in JSON."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract

    async def show_problem(self, request: Request) -> Response:
        code = request.path_params["code"]
        known = (await self._contract.problems()).get(code)
        if known is None:
            raise errors.NotFound()
        if prefers_html(request.headers.get("accept", "")):
            return html_page(known["title"], problem_page(code, known), {"Vary": "Accept"})
        return JSONResponse({"type": f"/problems/{code}", "code": code, **known}, headers={"Vary": "Accept"})


def prefers_html(accept: str) -> bool:
    """Browsers name text/html first; scripts name JSON, or nothing in particular."""
    kinds = [part.partition(";")[0].strip().lower() for part in accept.split(",")]
    return "text/html" in kinds and "application/json" not in kinds[: kinds.index("text/html")]


def problem_page(code: str, known: dict[str, Any]) -> str:
    status = known["status"]
    return f"""<main class="narrow">
<p class="muted"><span class="status">{status}</span> <code>{escape(code)}</code></p>
<h1>{escape(known["title"])}</h1>
<p class="lead">{marked(known["explanation"])}</p>
<h2>What you received</h2>
<p>An answer with status {status} and the media type <code>{errors.MEDIA_TYPE}</code>. Its <code>detail</code> says what
was wrong this time; <code>errors</code>, if there, names each place. When you ask for help, name the <code>request_id</code>.</p>
<p><a href="/docs">All operations</a></p>
</main>"""
