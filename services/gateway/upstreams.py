"""Which service has which collection, and the connections to the services."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Sequence
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from services.gateway.wire import Broken, Connection, Header

SERVICE_OF = {
    collection: service
    for service, collections in {
        "enterprise": "organisations programmes phases country-policies enterprises supply-links partnerships consents "
        "reference",
        "training": "modules trainers qualifications certificates trainer-courses cycles visits participants attendances "
        "improvement-actions schedules trainer-network",
        "metrics": "indicators observations savings exchange-rates surveys results reports data-quality",
        "gateway": "clients",
    }.items()
    for collection in collections.split()
}

IDLE_SECONDS = 30  # a service keeps an idle connection for 75 s, so none is closed under a request
CONNECT_SECONDS = 2
CONNECTIONS = 256  # to one service


class Unreachable(Exception):
    """Nothing was sent: there is no connection to the service."""


class Upstream:
    """One service, and its connections: the one used last is used first, so that those that nobody needs grow old."""

    def __init__(self, name: str, address: str) -> None:
        place = urlsplit(address)
        self.name = name
        self._host, self._tls = place.hostname or "", place.scheme == "https"
        self._port = place.port or (443 if self._tls else 80)
        self._base = place.path.rstrip("/").encode()
        self._host_header: Header = (b"host", place.netloc.rpartition("@")[2].encode())
        self._free: deque[Connection] = deque()
        self._places = asyncio.Semaphore(CONNECTIONS)

    async def ask(
        self, method: bytes, target: bytes, headers: Sequence[Header], body: AsyncIterator[bytes] | None = None
    ) -> Connection:
        """Gives the connection when the head of the answer has come; it has to be given back. `Unreachable` or `Broken`."""
        connection = await self._take()
        try:
            await connection.ask(method, self._base + target, [self._host_header, *headers], body)
        except BaseException as failure:
            self.give_back(connection)
            if isinstance(failure, Broken):
                self.close()  # a service that began anew has ended them all: who asks again shall not meet the next of them
            raise
        return connection

    def give_back(self, connection: Connection) -> None:
        """For the next request, or for none if this one is not over."""
        self._places.release()
        if connection.is_free:
            connection.free_since = asyncio.get_running_loop().time()
            self._free.append(connection)
        else:
            connection.close()

    def close(self) -> None:
        """Those that are free."""
        while self._free:
            self._free.pop().close()

    async def _take(self) -> Connection:
        await self._places.acquire()
        self._close_old()
        while self._free:
            if (connection := self._free.pop()).is_free:
                return connection
        try:
            return await self._connect()
        except BaseException:
            self._places.release()
            raise

    async def _connect(self) -> Connection:
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                opening = asyncio.get_running_loop().create_connection
                return (await opening(Connection, self._host, self._port, ssl=self._tls or None))[1]
        except OSError as error:
            raise Unreachable(type(error).__name__) from error

    def _close_old(self) -> None:
        oldest = asyncio.get_running_loop().time() - IDLE_SECONDS
        while self._free and (self._free[0].free_since < oldest or not self._free[0].is_free):
            self._free.popleft().close()


class Upstreams:
    """The services by name.

    async with Upstreams({"enterprise": "http://127.0.0.1:8001"}) as upstreams: ...
    """

    def __init__(self, addresses: dict[str, str]) -> None:
        self._of = {name: Upstream(name, address) for name, address in addresses.items()}
        self.names = list(addresses)

    def __getitem__(self, service: str) -> Upstream:
        return self._of[service]

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        for upstream in self._of.values():
            upstream.close()

    async def status_of(self, service: str, path: str, seconds: float, headers: Sequence[Header] = ()) -> int | None:
        """Of its answer to a GET; None if there is none in time."""
        found = await self._get(service, path, seconds, headers)
        return found and found[0]

    async def ask(self, service: str, path: str, seconds: float) -> tuple[int, Any] | None:
        """Status and JSON of a service's own page; None if it does not answer in time or not in JSON."""
        found = await self._get(service, path, seconds, ())
        try:
            return found and (found[0], json.loads(found[1]))
        except ValueError:
            return None

    async def _get(
        self, service: str, path: str, seconds: float, headers: Sequence[Header]
    ) -> tuple[int, bytes] | None:
        try:
            async with asyncio.timeout(seconds):
                return await self._whole_answer(self._of[service], path.encode("ascii"), headers)
        except (Unreachable, Broken, TimeoutError):
            return None

    async def _whole_answer(self, upstream: Upstream, path: bytes, headers: Sequence[Header]) -> tuple[int, bytes]:
        connection = await upstream.ask(b"GET", path, headers)
        try:
            pieces = []
            while not connection.is_at_end:
                pieces.append(await connection.piece())
            return connection.status, b"".join(pieces)
        finally:
            upstream.give_back(connection)
