"""What a request may look like before anybody reads it: its head, and how much body may come, how slowly, how packed.

The gateway holds these limits for the world; each service holds them again, for whoever reaches it directly.
"""

import asyncio
import base64
import binascii
import hashlib
import hmac
import re
import zlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

from shared import errors
from shared.refusals import answer_to
from shared.telemetry import App, Message, Receive, Scope, Send

STEP = 64 * 1024
MIB = 1024 * 1024
DIGESTS = {"sha-256": hashlib.sha256, "sha-512": hashlib.sha512}
# one member of a structured dictionary with a byte sequence, RFC 9530: sha-256=:base64:
DIGEST = re.compile(r"([a-z0-9-]+)=:([A-Za-z0-9+/=]*):")


@dataclass(frozen=True)
class Sizes:
    """Sizes in bytes, as they are unpacked; times in seconds."""

    headers: int = 100
    header_bytes: int = 32 * 1024
    url: int = 8_192
    body: int = MIB
    import_file: int = 1024 * MIB
    silence: float = 10.0  # within a body

    def of_body(self, scope: Scope) -> int:
        is_import = scope["path"].startswith("/v1/") and scope["path"].endswith("/imports")
        return self.import_file if is_import else self.body


class Limits:
    """All limits of a service. Sits outside of everything that answers problems, hence answers its own."""

    def __init__(self, app: App, sizes: Sizes | None = None) -> None:
        sizes = sizes or Sizes()
        self.app = HeadLimits(BodyLimits(app, sizes), sizes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self.app(scope, receive, send)
        except errors.Problem as problem:
            answer: Any = answer_to(scope, problem)
            await answer(scope, receive, send)


# --- the head --------------------------------------------------------------------------------------------------


class HeadLimits:
    """Refuses heads that are too large, or do not name one host."""

    def __init__(self, app: App, sizes: Sizes) -> None:
        self.app, self.sizes = app, sizes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            self.check(scope)
        await self.app(scope, receive, send)

    def check(self, scope: Scope) -> None:
        headers = scope["headers"]
        size = 4 * len(headers)
        for name, value in headers:
            size += len(name) + len(value)
        if len(headers) > self.sizes.headers or size > self.sizes.header_bytes:
            raise errors.HeaderTooLarge()
        if len(scope["raw_path"]) + 1 + len(scope["query_string"]) > self.sizes.url:
            raise errors.UriTooLong()
        if [name for name, _ in headers].count(b"host") != 1:
            raise errors.MalformedRequest("There must be one `Host`.")


# --- the body --------------------------------------------------------------------------------------------------


class BodyLimits:
    """Hands on the body unpacked; refuses one that is too large, silent for too long, packed in another way or not whole."""

    def __init__(self, app: App, sizes: Sizes) -> None:
        self.app, self.sizes = app, sizes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and has_body(scope):
            limit = self.sizes.of_body(scope)
            if int(header_of(scope, b"content-length") or 0) > limit:
                raise errors.PayloadTooLarge()
            unpack, promise = unpacking_of(scope), Promise.of(scope)
            if unpack:
                scope = without_packing(scope)
            receive = Body(receive, limit, self.sizes.silence, unpack, promise).receive
        await self.app(scope, receive, send)


class Body:
    """A body as it arrives."""

    def __init__(self, receive: Receive, limit: int, silence: float, unpack: bool, promise: "Promise") -> None:
        self._receive, self._limit, self._silence, self._promise = receive, limit, silence, promise
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
                message = await self._receive()
        except TimeoutError as error:
            raise errors.RequestTimeout(headers={"Connection": "close"}) from error
        if message["type"] == "http.request":
            self._promise.take(message.get("body", b""))
            if not message.get("more_body", False):
                self._promise.check()
        return message

    def _count(self, size: int) -> None:
        self._came += size
        if self._came > self._limit:
            raise errors.PayloadTooLarge()


class Promise:
    """What `Content-Digest` (RFC 9530) says the body is, as it is sent: packed, if it comes packed."""

    def __init__(self, digests: dict[str, bytes]) -> None:
        self._wanted = digests
        self._found = {name: DIGESTS[name]() for name in digests}

    @classmethod
    def of(cls, scope: Scope) -> "Promise":
        """Algorithms that nobody should use any more, or that we don't know, promise nothing."""
        members = [member.strip() for member in (header_of(scope, b"content-digest") or "").split(",")]
        digests = dict(digest_of(member) for member in members if member)
        return cls({name: value for name, value in digests.items() if name in DIGESTS})

    def take(self, piece: bytes) -> None:
        for found in self._found.values():
            found.update(piece)

    def check(self) -> None:
        for name, found in self._found.items():
            if not hmac.compare_digest(found.digest(), self._wanted[name]):
                raise errors.DigestMismatch()


def digest_of(member: str) -> tuple[str, bytes]:
    found = DIGEST.fullmatch(member)
    try:
        if found:
            return found[1], base64.b64decode(found[2], validate=True)
    except binascii.Error:
        pass
    place = errors.header("malformed_digest", "It is written sha-256=:<base64>:", "Content-Digest")
    raise errors.MalformedHeader(errors=[place])


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
    for name, value in scope["headers"]:
        if name == b"transfer-encoding" or (name == b"content-length" and value.strip(b"0")):
            return True
    return False


def unpacking_of(scope: Scope) -> bool:
    """Whether the body comes gzipped; 415 for any other packing."""
    codings = [value.strip().lower() for name, value in scope["headers"] if name == b"content-encoding"]
    if any(coding not in (b"gzip", b"x-gzip", b"identity") for coding in codings) or len(codings) > 1:
        raise errors.UnsupportedMediaType(
            "Bodies may come as they are or gzipped.", headers={"Accept-Encoding": "gzip, identity"}
        )
    return bool(codings) and codings[0] != b"identity"


def without_packing(scope: Scope) -> Scope:
    """As if it had come unpacked, in pieces: its length is not known any more, and its digest was of the packed form."""
    gone = (b"content-encoding", b"content-length", b"transfer-encoding", b"content-digest")
    kept = [pair for pair in scope["headers"] if pair[0] not in gone]
    return {**scope, "headers": [*kept, (b"transfer-encoding", b"chunked")]}
