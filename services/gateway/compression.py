"""Gzips what is text and worth it, piece by piece, so that a stream stays one."""

import zlib
from typing import Any

from starlette.datastructures import MutableHeaders

from shared.telemetry import App, Message, Receive, Scope, Send

WORTH_IT = 1024
LEVEL = 4
TEXTS = (b"text/", b"application/json", b"application/problem+json", b"application/x-ndjson")
NEVER = (204, 206, 304)


class Compression:
    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] != "HEAD":
            told = next((value for name, value in scope["headers"] if name == b"accept-encoding"), b"")
            send = CompressingSend(send, bool(told) and accepts_gzip(told.decode("latin-1")))
        await self.app(scope, receive, send)


def accepts_gzip(header: str) -> bool:
    """RFC 9110 12.5.3: `gzip`, or `*` where gzip is not named, with a weight above 0."""
    weights: dict[str, float] = {}
    for part in header.lower().split(","):
        coding, _, parameter = part.partition(";")
        name, _, weight = parameter.strip().partition("=")
        try:
            weights[coding.strip()] = float(weight) if name.strip() == "q" else 1.0
        except ValueError:
            weights[coding.strip()] = 0.0
    return weights.get("gzip", weights.get("*", 0.0)) > 0


class CompressingSend:
    """Stands in the place of `send`: holds the head back until the first piece shows whether it is worth it."""

    def __init__(self, send: Send, accepted: bool) -> None:
        self._send, self._accepted = send, accepted
        self._head: Message | None = None
        self._engine: Any = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._head = message
            return
        if message["type"] == "http.response.body":
            message = await self._piece(message)
        await self._send(message)

    async def _piece(self, message: Message) -> Message:
        body, more = message.get("body", b""), message.get("more_body", False)
        if self._head is not None:
            head, self._head = self._head, None
            self._decide(head, body, more)
            if self._engine is not None and not more:
                body = self._engine.compress(body) + self._engine.flush()
                MutableHeaders(raw=head["headers"])["Content-Length"] = str(len(body))
                self._engine = None
            await self._send(head)
        if self._engine is not None:
            end = zlib.Z_SYNC_FLUSH if more else zlib.Z_FINISH
            body = self._engine.compress(body) + self._engine.flush(end)
        return message if body is message.get("body") else {**message, "body": body}

    def _decide(self, head: Message, body: bytes, more: bool) -> None:
        told = dict(reversed(head["headers"]))  # of two with one name the first
        length = int(told.get(b"content-length", 0)) or (WORTH_IT + 1 if more else len(body))
        fits = head["status"] not in NEVER and told.get(b"content-type", b"").startswith(TEXTS)
        if not fits or length <= WORTH_IT or b"content-encoding" in told:
            return
        head["headers"] = list(head["headers"])
        headers = MutableHeaders(raw=head["headers"])
        headers.add_vary_header("Accept-Encoding")
        if self._accepted:
            del headers["content-length"]
            headers["Content-Encoding"] = "gzip"
            self._engine = zlib.compressobj(LEVEL, zlib.DEFLATED, zlib.MAX_WBITS | 16)
