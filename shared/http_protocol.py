"""Our server's own refusals, before there is a request that the application could see.

uvicorn on httptools takes a head of any size, waits for it for ever, and answers what it can't parse with a line of plain
text (measured). Here all three become problem documents. And it sends the head of an answer by itself, its body after it: here
they leave together.
"""

import asyncio
import json
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from shared import errors
from shared.db import uuid7

MAX_HEAD = 128 * 1024  # beyond what the application refuses by itself, which it does with less ado
LINGER_SECONDS = 2.0  # closing at once would throw away the answer while the client is still sending


class HeadWithBody:
    """A transport on which the head of an answer waits for the first piece of its body, but not longer than this turn of the
    loop: one word with the system and one packet instead of two."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport, self._loop = transport, loop
        self._head = b""

    def write(self, data: bytes) -> None:
        if self._head:
            self._transport.writelines((self._head, data))
            self._head = b""
        elif data.startswith(b"HTTP/"):
            self._head = data
            self._loop.call_soon(self._flush)
        else:
            self._transport.write(data)

    def write_eof(self) -> None:
        self._flush()
        self._transport.write_eof()

    def close(self) -> None:
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if self._head:
            self._transport.write(self._head)
            self._head = b""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class StrictHttp(HttpToolsProtocol):
    """`uvicorn.run(..., http=StrictHttp)`."""

    head_seconds = 10.0
    _head_bytes = 0
    _in_head = False
    _refused = False
    _head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(cast(asyncio.Transport, HeadWithBody(transport, self.loop)))
        self._start_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        super().data_received(data)
        if self._in_head and not self._refused:
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD:
                self._refuse(errors.HeaderTooLarge())
            elif self._head_timer is None:  # most heads are there at once, and need none
                self._start_timer()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head, self._head_bytes = True, 0
        self._stop_timer()

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._stop_timer()
        if not self.url.startswith(b"/") or b"#" in self.url:
            # uvicorn would drop the parts it has no use for, and we should answer another address than was asked
            raise ValueError("not a path")
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        self._refuse(errors.MalformedRequest())

    def _start_timer(self) -> None:
        self._head_timer = self.loop.call_later(self.head_seconds, self._on_slow_head)

    def _stop_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _on_slow_head(self) -> None:
        """A head that does not end is refused; a connection on which nothing was ever asked is simply closed."""
        if self._in_head:
            self._refuse(errors.RequestTimeout())
        else:
            self.transport.close()

    def _refuse(self, problem: errors.Problem) -> None:
        self._refused = True
        self._stop_timer()
        if self.cycle is None or self.cycle.response_complete or not self.cycle.response_started:
            self.transport.write(raw_answer(problem, self.server_state.default_headers))
            if self.cycle is not None:
                self.cycle.disconnected = True
                self.cycle.message_event.set()
            if self.transport.can_write_eof():
                self.transport.write_eof()
            self.loop.call_later(LINGER_SECONDS, self.transport.close)
        else:  # in the middle of an answer: only breaking off says that something is wrong
            self.transport.close()


def raw_answer(problem: errors.Problem, default_headers: list[tuple[bytes, bytes]]) -> bytes:
    request_id = str(uuid7())
    document: dict[str, Any] = problem.document(request_id)
    body = json.dumps(document, ensure_ascii=False).encode()
    headers = [
        *default_headers,
        (b"content-type", errors.MEDIA_TYPE.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"x-request-id", request_id.encode()),
        (b"connection", b"close"),
    ]
    lines = [name + b": " + value + b"\r\n" for name, value in headers]
    return b"".join([STATUS_LINE[problem.status], *lines, b"\r\n", body])
