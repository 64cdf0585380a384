"""The keys an issuer signs its tokens with, kept here so that no request waits for the issuer."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import httpx
import structlog
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from shared import errors
from shared.oidc import OidcIssuer, trustworthy

PublicKey = RSAKey | ECKey
Document = dict[str, Any]
FetchKeys = Callable[[], Awaitable[Document]]

ALGORITHM = {"RSA": "RS256", "EC": "ES256"}
FRESH_SECONDS = 300  # how long a key set is believed
ASK_AGAIN_SECONDS = 30  # an unknown key id makes us ask again, at most this often
FAILED_SECONDS = 1  # while no key set was ever read: services may start before the gateway
FETCH_SECONDS = 2
MAX_DOCUMENT = 256 * 1024
SHORTEST_MODULUS = 340  # characters of a modulus of 2,048 bits, and a little less
log = structlog.get_logger()


async def fetch_document(url: str) -> Document:
    """A JSON object from an address the operator trusts: no redirects, no proxy, not endless."""
    async with (
        httpx.AsyncClient(timeout=FETCH_SECONDS, trust_env=False) as client,
        client.stream("GET", url, headers={"Accept": "application/json"}) as answer,
    ):
        answer.raise_for_status()
        body = b""
        async for piece in answer.aiter_bytes():
            body += piece
            if len(body) > MAX_DOCUMENT:
                raise ValueError("the document is too large")
    found: Any = httpx.Response(200, content=body).json()
    if not isinstance(found, dict):
        raise ValueError("not an object")
    return found


def keys_at(jwks_url: str) -> FetchKeys:
    return partial(fetch_document, jwks_url)


def keys_of_provider(provider: OidcIssuer) -> FetchKeys:
    """Where its keys are it says itself (OpenID Connect Discovery 1.0), and it must say it under its own name."""

    async def fetch() -> Document:
        if provider.jwks_uri:
            return await fetch_document(provider.jwks_uri)
        about = await fetch_document(f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration")
        if about.get("issuer") != provider.issuer:
            raise ValueError("the provider goes by another name")
        return await fetch_document(trustworthy(str(about.get("jwks_uri"))))

    return fetch


class PublicKeys:
    """An issuer's keys by id. They stay in use while the issuer can't be reached."""

    def __init__(self, fetch: FetchKeys) -> None:
        self._fetch = fetch
        self._keys: dict[str, PublicKey] = {}
        self._read_at = self._asked_at = -float("inf")
        self._one_asks = asyncio.Lock()

    @property
    def are_known(self) -> bool:
        return bool(self._keys)

    def __contains__(self, kid: str) -> bool:
        return kid in self._keys and not self._stale()

    async def find(self, kid: str) -> PublicKey | None:
        """The key, or None if the issuer has no such; 503 while no key set could be read."""
        if kid not in self:
            async with self._one_asks:
                if kid not in self and self._may_ask():
                    await self._ask()
        if not self._keys:
            raise errors.ServiceUnavailable("Tokens cannot be checked at the moment.", retry_after=1)
        return self._keys.get(kid)

    async def renew(self) -> None:
        """The issuer has said that its keys are others now."""
        async with self._one_asks:
            await self._ask()

    def _stale(self) -> bool:
        return time.monotonic() - self._read_at > FRESH_SECONDS

    def _may_ask(self) -> bool:
        pause = ASK_AGAIN_SECONDS if self._keys else FAILED_SECONDS
        return time.monotonic() - self._asked_at > pause

    async def _ask(self) -> None:
        try:
            found = await self._fetch()
            self._keys = {kid: key for jwk in found["keys"] for kid, key in usable(jwk)}
            self._read_at = time.monotonic()
        except (httpx.HTTPError, errors.Problem, JoseError, ValueError, KeyError, TypeError) as error:
            log.warning("the keys of an issuer could not be read", error=type(error).__name__)
        self._asked_at = time.monotonic()


def usable(jwk: Document) -> list[tuple[str, PublicKey]]:
    """None of a key that is for something else, of a kind we do not take, or weak; an issuer may have such beside ours."""
    kid, kind = jwk.get("kid"), jwk.get("kty")
    for_signing = jwk.get("use", "sig") == "sig" and jwk.get("alg", ALGORITHM.get(str(kind))) == ALGORITHM.get(
        str(kind)
    )
    if not isinstance(kid, str) or not for_signing:
        return []
    if kind == "RSA" and len(str(jwk.get("n"))) >= SHORTEST_MODULUS:
        return [(kid, RSAKey.import_key(jwk))]
    if kind == "EC" and jwk.get("crv") == "P-256":
        return [(kid, ECKey.import_key(jwk))]
    return []
