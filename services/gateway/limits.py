"""What a request may look like before anybody reads it: its head, and how much body may come, how slowly."""

import asyncio
import re
import zlib
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass

from shared import errors
from shared.telemetry import App, Message, Receive, Scope, Send

HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::[0-9]{1,5})?")
STEP = 64 * 1024


@dataclass(frozen=True)
class Limits:
    """Sizes in bytes, as they are unpacked; times in seconds."""

    headers: int = 100
    header_bytes: int = 32 * 1024
    url: int = 8_192
    body: int = 1024 * 1024
    import_file: int = 1024 * 1024 * 1024
    silence: float = 10.0  # within a body
    answer: float = 30.0  # of a service, until its answer begins

    def of_body(self, scope: Scope) -> int:
        is_import = scope["path"].startswith("/v1/") and scope["path"].endswith("/imports")
        return self.import_file if is_import else self.body


# --- the head --------------------------------------------------------------------------------------------------


class HeadLimits:
    """Refuses heads that are too large, and any `Host` but the names this gateway answers to."""

    def __init__(self, app: App, limits: Limits, names: Iterable[str]) -> None:
        self.app, self.limits = app, limits
        self.names = frozenset(in_brackets(name.lower()) for name in names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            self._check(scope)
        await self.app(scope, receive, send)

    def _check(self, scope: Scope) -> None:
        headers = scope["headers"]
        size = sum(len(name) + len(value) + 4 for name, value in headers)
        if len(headers) > self.limits.headers or size > self.limits.header_bytes:
            raise errors.HeaderTooLarge()
        if len(scope["raw_path"]) + 1 + len(scope["query_string"]) > self.limits.url:
            raise errors.UriTooLong()
        hosts = [value for name, value in headers if name == b"host"]
        if len(hosts) != 1 or host_name(hosts[0]) not in self.names:
            raise errors.MalformedRequest("There must be one `Host`, and it must be a name of this system.")


def host_name(value: bytes) -> str | None:
    found = HOST.fullmatch(value.decode("latin-1"))
    return found[1].lower() if found else None


def in_brackets(name: str) -> str:
    """An IPv6 address as `Host` has it."""
    return f"[{name}]" if ":" in name and not name.startswith("[") else name


# --- the body --------------------------------------------------------------------------------------------------


class BodyLimits:
    """Hands on the body unpacked; refuses one that is too large, silent for too long, or packed in another way."""

    def __init__(self, app: App, limits: Limits) -> None:
        self.app, self.limits = app, limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and has_body(scope):
            limit = self.limits.of_body(scope)
            if int(header_of(scope, b"content-length") or 0) > limit:
                raise errors.PayloadTooLarge()
            unpack = unpacking_of(scope)
            if unpack:
                scope = without_packing(scope)
            receive = Body(receive, limit, self.limits.silence, unpack).receive
        await self.app(scope, receive, send)


class Body:
    """A body as it arrives."""

    def __init__(self, receive: Receive, limit: int, silence: float, unpack: bool) -> None:
        self._receive, self._limit, self._silence = receive, limit, silence
        self._came = 0
        self._messages = self._unpacked() if unpack else self._plain()

    async def receive(self) -> Message:
        """The next message; after the body's end whatever comes, for instance `http.disconnect`, however late."""
        return await anext(self._messages, None) or await self._receive()

    async def _plain(self) -> AsyncIterator[Message]:
        more = True
        while more:
            message = await self._next()
            self._count(len(message.get("body", b"")))
            yield message
            more = message.get("more_body", False)

    async def _unpacked(self) -> AsyncIterator[Message]:
        gunzip, packed, more = Gunzip(), 0, True
        while more:
            message = await self._next()
            if message["type"] == "http.disconnect":
                yield message
                return
            packed += len(message.get("body", b""))
            for piece in gunzip.pieces(message.get("body", b"")):
                self._count(len(piece))
                yield {"type": "http.request", "body": piece, "more_body": True}
            more = message.get("more_body", False)
            if packed > self._limit:
                raise errors.PayloadTooLarge()
        gunzip.end()
        yield {"type": "http.request", "body": b"", "more_body": False}

    async def _next(self) -> Message:
        try:
            async with asyncio.timeout(self._silence):
                return await self._receive()
        except TimeoutError as error:
            raise errors.RequestTimeout(headers={"Connection": "close"}) from error

    def _count(self, size: int) -> None:
        self._came += size
        if self._came > self._limit:
            raise errors.PayloadTooLarge()


class Gunzip:
    """Unpacks piece by piece, so that a small body can't become a large one in memory."""

    def __init__(self) -> None:
        self._engine = zlib.decompressobj(zlib.MAX_WBITS | 16)

    def pieces(self, packed: bytes) -> Iterator[bytes]:
        """Pieces of at most 64 KiB."""
        while True:
            try:
                piece = self._engine.decompress(packed, STEP)
            except zlib.error as error:
                raise not_gzip() from error
            if piece:
                yield piece
            packed = self._engine.unconsumed_tail or self._engine.unused_data
            if self._engine.eof and packed:  # gzip files may be strung together
                self._engine = zlib.decompressobj(zlib.MAX_WBITS | 16)
            elif not packed and len(piece) < STEP:
                return

    def end(self) -> None:
        if not self._engine.eof:
            raise not_gzip()


def not_gzip() -> errors.Problem:
    return errors.MalformedRequest("`Content-Encoding` says gzip, but the body is not, or not all of it came.")


def header_of(scope: Scope, name: bytes) -> str | None:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), None)


def has_body(scope: Scope) -> bool:
    return any(
        name == b"transfer-encoding" or (name == b"content-length" and value.strip(b"0"))
        for name, value in scope["headers"]
    )


def unpacking_of(scope: Scope) -> bool:
    """Whether the body comes gzipped; 415 for any other packing."""
    codings = [value.strip().lower() for name, value in scope["headers"] if name == b"content-encoding"]
    if any(coding not in (b"gzip", b"x-gzip", b"identity") for coding in codings) or len(codings) > 1:
        raise errors.UnsupportedMediaType(
            "Bodies may come as they are or gzipped.", headers={"Accept-Encoding": "gzip, identity"}
        )
    return bool(codings) and codings[0] != b"identity"


def without_packing(scope: Scope) -> Scope:
    """As if it had come unpacked, in pieces: its length is not known any more."""
    gone = (b"content-encoding", b"content-length", b"transfer-encoding")
    kept = [pair for pair in scope["headers"] if pair[0] not in gone]
    return {**scope, "headers": [*kept, (b"transfer-encoding", b"chunked")]}
