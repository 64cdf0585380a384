"""Browsers of the origins in `SCORE_CORS_ORIGINS` may read our answers; all others see no CORS header at all."""

from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response

from shared.telemetry import App, Message, Receive, Scope, Send

METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE"
SENT = (
    "Accept, Authorization, Content-Type, Content-Digest, Consistency-Token, Idempotency-Key, If-Match, If-None-Match, "
    "traceparent, X-Request-ID"
)
EXPOSED = "ETag, Link, Location, Retry-After, RateLimit, RateLimit-Policy, Consistency-Token, Idempotent-Replayed, X-Request-ID"
MAX_AGE = "600"


class Cors:
    def __init__(self, app: App, origins: Iterable[str]) -> None:
        self.app, self.origins = app, frozenset(origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not self.origins:
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        origin = headers.get("origin", "")
        if origin in self.origins and scope["method"] == "OPTIONS" and "access-control-request-method" in headers:
            await preflight(origin)(scope, receive, send)
            return

        async def readable(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = list(message["headers"])
                self._mark(MutableHeaders(raw=message["headers"]), origin)
            await send(message)

        await self.app(scope, receive, readable)

    def _mark(self, headers: MutableHeaders, origin: str) -> None:
        headers.add_vary_header("Origin")
        if origin in self.origins:
            headers["Access-Control-Allow-Origin"] = origin
            headers["Access-Control-Expose-Headers"] = EXPOSED


def preflight(origin: str) -> Response:
    return Response(
        status_code=204,
        headers={
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Allow-Methods": METHODS,
            "Access-Control-Allow-Headers": SENT,
            "Access-Control-Max-Age": MAX_AGE,
            "Vary": "Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
        },
    )
