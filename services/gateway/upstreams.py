"""Which service has which collection, and the connections to the services."""

from contextlib import suppress
from types import TracebackType
from typing import Any, Self

import aiohttp

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
CONNECTIONS = 256
MAX_HEADER = 64 * 1024  # a Consistency-Token may name many events


class Upstreams:
    """The services by name, and one pool of connections to them.

    async with Upstreams({"enterprise": "http://127.0.0.1:8001"}) as upstreams: ...
    """

    session: aiohttp.ClientSession

    def __init__(self, addresses: dict[str, str]) -> None:
        self.addresses = {name: address.rstrip("/") for name, address in addresses.items()}

    async def __aenter__(self) -> Self:
        self.session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=CONNECTIONS, keepalive_timeout=IDLE_SECONDS),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
            skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            max_line_size=MAX_HEADER,
            max_field_size=MAX_HEADER,
        )
        # aiohttp would by itself repeat PUT and DELETE too on a connection that broke
        self.session._retry_connection = False
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        await self.session.close()

    async def ask(self, service: str, path: str, seconds: float) -> tuple[int, Any] | None:
        """Status and JSON of a service's own page; None if it does not answer in time or not in JSON."""
        limit = aiohttp.ClientTimeout(total=seconds)
        with suppress(aiohttp.ClientError, TimeoutError, ValueError):
            async with self.session.get(self.addresses[service] + path, timeout=limit) as answer:
                return answer.status, await answer.json(content_type=None)
        return None
