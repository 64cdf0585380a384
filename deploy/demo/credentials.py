"""Where the system is and who we are, and the tokens that prove it."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path

import httpx

from deploy.demo.trouble import DemoFailed, explain

# A token is fetched anew when it has less than this left.
SPARE_SECONDS = 60


@dataclass(frozen=True)
class Credentials:
    """What `make up` writes for the first client."""

    url: str
    token_url: str
    client_id: str
    client_secret: str

    @classmethod
    def read(cls, home: Path) -> "Credentials":
        path = home / "credentials.json"
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            return cls(**{name: content[name] for name in cls.__dataclass_fields__})
        except FileNotFoundError as error:
            raise DemoFailed(f"There is no {path}. Start the system with `make up`, or name its SCORE_HOME.") from error
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DemoFailed(f"{path} can't be read as credentials: {error!r}.") from error


class ClientCredentials(httpx.Auth):
    """Bearer tokens by OAuth 2 client credentials, fetched when needed and once for all requests running at a time."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials
        self._token = ""
        self._good_until = 0.0
        self._fetching = asyncio.Lock()

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        async with self._fetching:
            if time.monotonic() > self._good_until - SPARE_SECONDS:
                answer = yield self._token_request()
                await self._take(answer)
        request.headers["Authorization"] = f"Bearer {self._token}"
        yield request

    def _token_request(self) -> httpx.Request:
        mine = self._credentials
        request = httpx.Request("POST", mine.token_url, data={"grant_type": "client_credentials"})
        return next(httpx.BasicAuth(mine.client_id, mine.client_secret).auth_flow(request))

    async def _take(self, answer: httpx.Response) -> None:
        await answer.aread()
        if not answer.is_success:
            raise explain("The request for a token", answer)
        token = answer.json()
        self._token = token["access_token"]
        self._good_until = time.monotonic() + token["expires_in"]
