"""Requests as fast as they are answered, over a few kept connections, at little cost of our own: a client that is slower than
what it measures would make everything look alike.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httptools

from bench.measure import WrongAnswer, percentile

CONNECTIONS = 8
SHOWN = 300  # characters of a wrong answer
Check = Callable[[bytes], None]


@dataclass(frozen=True)
class Asked:
    """A request as it goes over the wire."""

    content: bytes

    @classmethod
    def of(cls, method: str, path: str, headers: dict[str, str], body: bytes = b"") -> "Asked":
        told = {"Host": "127.0.0.1", **headers, **({"Content-Length": str(len(body))} if body else {})}
        head = "".join(f"{name}: {value}\r\n" for name, value in told.items())
        return cls(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body)


@dataclass
class Load:
    """What a run took: seconds of all of it, and of each answer."""

    seconds: float = 0.0
    each: list[float] = field(default_factory=list)

    @property
    def sample(self) -> dict[str, float]:
        return {
            "rate": len(self.each) / self.seconds,
            "p50": percentile(self.each, 0.50),
            "p95": percentile(self.each, 0.95),
            "p99": percentile(self.each, 0.99),
        }


class Connection(asyncio.Protocol):
    """One connection that asks one thing after the other."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._body: list[bytes] = []
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None

    async def ask(self, asked: Asked) -> tuple[int, bytes]:
        assert self._transport is not None
        self._body = []
        self._parser = httptools.HttpResponseParser(self)
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(asked.content)
        return await self._answer

    def close(self) -> None:
        if self._transport:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def connection_lost(self, error: Exception | None) -> None:
        if self._answer and not self._answer.done():
            self._answer.set_exception(WrongAnswer(f"the connection broke: {error}"))

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        if self._answer and not self._answer.done():
            self._answer.set_result((self._parser.get_status_code(), b"".join(self._body)))


async def ask_all(
    url: str, requests: Iterable[Asked], check: Check, connections: int = CONNECTIONS, per_second: float | None = None
) -> Load:
    """Raises `WrongAnswer` for whatever is no 2xx or does not please `check`. With `per_second` no faster than that."""
    load, waiting = Load(), iter(requests)
    due = time.monotonic()

    async def work(connection: Connection) -> None:
        nonlocal due
        for asked in waiting:
            if per_second:
                due += 1 / per_second
                await asyncio.sleep(max(0.0, due - time.monotonic()))
            began = time.monotonic()
            status, body = await connection.ask(asked)
            load.each.append(time.monotonic() - began)
            if not 200 <= status < 300:
                raise WrongAnswer(f"{status}: {body[:SHOWN].decode(errors='replace')}")
            check(body)

    opened = [await connected(url) for _ in range(connections)]
    began = time.monotonic()
    try:
        async with asyncio.TaskGroup() as group:
            for connection in opened:
                group.create_task(work(connection))
    except* WrongAnswer as wrong:
        raise wrong.exceptions[0] from None
    finally:
        load.seconds = time.monotonic() - began
        for connection in opened:
            with suppress(OSError):
                connection.close()
    return load


async def connected(url: str) -> Connection:
    address = urlsplit(url)
    _, connection = await asyncio.get_running_loop().create_connection(
        Connection, address.hostname or "127.0.0.1", address.port or 80
    )
    return connection


def times(asked: Asked, count: int) -> Iterator[Asked]:
    return (asked for _ in range(count))


def holds(*parts: bytes) -> Check:
    """The answer has each of these texts in it."""

    def check(body: bytes) -> None:
        if missing := [part for part in parts if part not in body]:
            raise WrongAnswer(f"{missing[0].decode()!r} is not in {body[:SHOWN].decode(errors='replace')}")

    return check


def counts(part: bytes, wanted: int) -> Check:
    """The answer has this text in it as often as there should be rows."""

    def check(body: bytes) -> None:
        if (found := body.count(part)) != wanted:
            raise WrongAnswer(f"{found} rows instead of {wanted}: {body[:SHOWN].decode(errors='replace')}")

    return check
