"""HTTP/1.1 to a service: one connection, one request after the other, streamed both ways.

Plain protocols over httptools, because each request through the gateway pays for it: docs/decisions/0101.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from typing import cast

import httptools

Header = tuple[bytes, bytes]

MAX_HEAD = 64 * 1024  # a Consistency-Token may name many events
MUCH = 256 * 1024  # bytes of an answer that wait for their reader: until he comes no more are read
WITHOUT_BODY = (204, 304)
FRAMING = (b"connection", b"content-length", b"transfer-encoding")
LAST_CHUNK = b"0\r\n\r\n"


class Broken(Exception):
    """The connection ended, or what came over it is no answer: whether the request was carried out is not known."""


class Connection(asyncio.Protocol):
    """`ask`, then `piece` until it gives none, then `ask` again if it `is_free`; `close` whenever it is not."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._parser: httptools.HttpResponseParser | None = None
        self._sending: asyncio.Task[None] | None = None
        self._writable: asyncio.Future[None] | None = None
        self._waiting: asyncio.Future[None] | None = None
        self._failure: Exception | None = None
        self._pieces: deque[bytes] = deque()
        self._waits = 0  # bytes in them
        self._head_bytes = 0
        self._paused = self._sent = False
        self._ends_with_connection = self._closes = self._bodiless = False
        self.free_since = 0.0
        self.status = 0
        self.headers: list[Header] = []
        self.has_head = self.is_complete = self.is_lost = False

    @property
    def is_free(self) -> bool:
        """Whether it can take another request: nothing of this one is left, on either side."""
        return self.is_at_end and self._sent and not (self._closes or self.is_lost or self._failure)

    @property
    def is_at_hand(self) -> bool:
        """Whether `piece` has something to give at once."""
        return self.is_complete or bool(self._pieces)

    @property
    def is_at_end(self) -> bool:
        return self.is_complete and not self._pieces

    # --- asking ---

    async def ask(
        self, method: bytes, target: bytes, headers: Sequence[Header], body: AsyncIterator[bytes] | None
    ) -> None:
        """Until the head of the answer is there: `status` and `headers`. A failure of `body` comes out of here, too."""
        assert self._transport is not None
        self._begin(bodiless=method == b"HEAD")
        framed = body is None or any(name == b"content-length" for name, _ in headers)
        told = headers if framed else [*headers, (b"transfer-encoding", b"chunked")]
        lines = [b"%b: %b\r\n" % pair for pair in told]
        self._transport.write(b"%b %b HTTP/1.1\r\n%b\r\n" % (method, target, b"".join(lines)))
        if body is not None:
            self._sent = False
            self._sending = asyncio.create_task(self._send(body, chunked=not framed))
        while not self.has_head:
            await self._news()

    def _begin(self, bodiless: bool) -> None:
        """A parser of its own for each answer: nothing of one is left in the next."""
        self._parser = httptools.HttpResponseParser(self)
        self.status, self.headers, self._head_bytes = 0, [], 0
        self.has_head = self.is_complete = self._closes = self._ends_with_connection = False
        self._bodiless, self._sent = bodiless, True

    async def _send(self, body: AsyncIterator[bytes], chunked: bool) -> None:
        try:
            async for piece in body:
                await self._write(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
            if chunked:
                await self._write(LAST_CHUNK)
            self._sent = True
        except Exception as failure:
            self._fail(failure)

    async def _write(self, data: bytes) -> None:
        while self._writable is not None:
            await asyncio.shield(self._writable)
        if self.is_lost or self._transport is None:
            raise Broken("closed while the request was sent")
        self._transport.write(data)

    async def piece(self) -> bytes:
        """What has come of the body since, all in one; nothing at its end."""
        while not self.is_at_hand:
            await self._news()
        found = self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)
        self._pieces.clear()
        self._waits = 0
        if self._paused and self._transport and not self.is_lost:
            self._paused = False
            self._transport.resume_reading()
        return found

    async def _news(self) -> None:
        if self._failure:
            raise self._failure
        self._waiting = asyncio.get_running_loop().create_future()
        try:
            await self._waiting
        finally:
            self._waiting = None

    def close(self) -> None:
        """Whatever is under way is given up; what is sent already is the service's to notice."""
        if self._sending and not self._sending.done():
            self._sending.cancel()
        if self._transport:
            self._transport.abort()

    # --- what the transport says ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's are none by type

    def data_received(self, data: bytes) -> None:
        if self._parser is None or self.is_complete:
            self._fail(Broken("an answer that nobody asked for"))
            return
        if not self.has_head:
            self._head_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._fail(self._failure or Broken(type(error).__name__))
        if not self.has_head and self._head_bytes > MAX_HEAD:
            self._fail(Broken("its head is too large"))
        self._tell()

    def connection_lost(self, error: Exception | None) -> None:
        self.is_lost = True
        self.resume_writing()
        if self._ends_with_connection and not (error or self._failure):
            self.is_complete = True
        elif not self.is_complete:
            self._failure = self._failure or Broken("it was closed")
        self._tell()

    def pause_writing(self) -> None:
        self._writable = asyncio.get_running_loop().create_future()

    def resume_writing(self) -> None:
        writable, self._writable = self._writable, None
        if writable and not writable.done():
            writable.set_result(None)

    def _fail(self, failure: Exception) -> None:
        self._failure = self._failure or failure
        if self._transport:
            self._transport.abort()
        self._tell()

    def _tell(self) -> None:
        if self._waiting and not self._waiting.done():
            self._waiting.set_result(None)

    # --- what the parser says ---

    def on_header(self, name: bytes, value: bytes) -> None:
        """Not those that come after the body: nobody is told of them."""
        if not self.has_head:
            self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        assert self._parser is not None
        self.status = self._parser.get_status_code()
        if self.status < 200:  # there is more to come
            if self.status == 101:
                raise Broken("it speaks another protocol")
            return
        self.has_head = True
        told = {name: value.lower() for name, value in self.headers if name in FRAMING}
        self._closes = b"close" in told.get(b"connection", b"") or self._parser.get_http_version() != "1.1"
        self._bodiless = self._bodiless or self.status in WITHOUT_BODY
        if self._bodiless:
            self.is_complete = True  # whatever length is told
        elif b"content-length" not in told and b"chunked" not in told.get(b"transfer-encoding", b""):
            self._ends_with_connection = self._closes = True

    def on_body(self, data: bytes) -> None:
        if self._bodiless:
            raise Broken("a body where none may be")
        self._pieces.append(data)
        self._waits += len(data)
        if self._waits > MUCH and self._transport and not self._paused:
            self._paused = True
            self._transport.pause_reading()

    def on_message_complete(self) -> None:
        if self.status < 200:
            self.headers = []
        elif not self._bodiless:
            self.is_complete = True

    def on_message_begin(self) -> None:
        if self.is_complete:
            raise Broken("an answer that nobody asked for")
