"""Which tokens are void before they expire: a small list that the gateway publishes and every process asks for twice a second.

It names neither clients nor tokens but hashes of their ids. A client's entry is the version from which on its tokens are good;
entries are gone when all tokens they could void have expired. The last list stays in use while the gateway is away.
"""

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable

import httpx
import structlog
from pydantic import BaseModel, ConfigDict, ValidationError

from shared import errors

POLL_SECONDS = 0.5
FETCH_SECONDS = 2.0
FAILED_SECONDS = 1.0  # while no list was ever read
log = structlog.get_logger()


def mark_of(id: str) -> str:
    """What stands for a client's or a token's id in the list."""
    return hashlib.sha256(id.encode()).hexdigest()


class Revoked(BaseModel):
    """`keys` changes when the gateway's key set does."""

    model_config = ConfigDict(frozen=True)

    clients: dict[str, int] = {}
    tokens: frozenset[str] = frozenset()
    keys: str = ""

    def voids(self, client: str, version: int, token: str) -> bool:
        """`client` and `token` are marks, `version` the one of the client that the token carries."""
        return token in self.tokens or version < self.clients.get(client, 0)


FetchRevoked = Callable[[], Awaitable[Revoked | None]]  # None: as before


class OverHttp:
    """Asks the gateway for its list, conditionally."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._etag = ""
        self._client: httpx.AsyncClient | None = None

    async def __call__(self) -> Revoked | None:
        self._client = self._client or httpx.AsyncClient(timeout=FETCH_SECONDS, trust_env=False)
        answer = await self._client.get(self._url, headers={"If-None-Match": self._etag} if self._etag else {})
        if answer.status_code == 304:
            return None
        answer.raise_for_status()
        found = Revoked.model_validate_json(answer.content)
        self._etag = answer.headers.get("etag", "")
        return found

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()


class Revocations:
    """The list as it was a moment ago."""

    def __init__(self, fetch: FetchRevoked) -> None:
        self._fetch = fetch
        self._now: Revoked | None = None
        self._asked_at = -float("inf")
        self._one_asks = asyncio.Lock()
        self._failing = False

    @property
    def is_known(self) -> bool:
        return self._now is not None

    async def known(self) -> Revoked:
        """503 while no list could be read: nobody is let in on a token that may be void."""
        if self._now is None:
            async with self._one_asks:
                if self._now is None and time.monotonic() - self._asked_at > FAILED_SECONDS:
                    await self._ask()
        if self._now is None:
            raise errors.ServiceUnavailable("Tokens cannot be checked at the moment.", retry_after=1)
        return self._now

    async def refresh(self) -> Revoked | None:
        async with self._one_asks:
            await self._ask()
        return self._now

    async def close(self) -> None:
        if isinstance(self._fetch, OverHttp):
            await self._fetch.close()

    async def _ask(self) -> None:
        try:
            self._now = await self._fetch() or self._now
            self._failing = False
        except (httpx.HTTPError, errors.Problem, ValidationError, OSError) as error:
            if not self._failing:  # once, not twice a second
                log.warning("the list of void tokens could not be read", error=type(error).__name__)
            self._failing = True
        self._asked_at = time.monotonic()
