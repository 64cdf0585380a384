"""Who asks. Every process verifies bearer tokens itself (RFC 9068, RS256) and keeps everybody else out, before anything is
looked up: what one may not ask for looks like what is not there.
"""

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal
from uuid import UUID

import httpx
import structlog
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey
from pydantic import BaseModel, ConfigDict
from starlette.responses import JSONResponse

from shared import errors
from shared.context import current, set_context
from shared.permissions.who import Who

Scope = Any
Headers = Iterable[tuple[bytes, bytes]]
FetchKeys = Callable[[], Awaitable[dict[str, Any]]]

FRESH_SECONDS = 300  # how long a key set is believed
ASK_AGAIN_SECONDS = 30  # an unknown key id makes us ask again, at most this often
FAILED_SECONDS = 1  # while no key set was ever read: services may start before the gateway
FETCH_SECONDS = 2
MAX_VERDICTS = 10_000
MAX_TOKEN = 8_192
log = structlog.get_logger()


@dataclass(frozen=True)
class Principal:
    """Who asks and what the token allows. `subject` is the client itself, or a person."""

    subject: str
    client_id: str
    role: str
    scopes: frozenset[str]
    countries: tuple[str, ...] = ()
    organisation_id: UUID | None = None
    enterprise_id: UUID | None = None
    trainer_id: UUID | None = None

    @property
    def who(self) -> Who:
        return Who(self.role, self.countries, self.organisation_id, self.enterprise_id, self.trainer_id)

    def require(self, scope: str) -> None:
        """403 `insufficient-scope` unless the token carries `scope`."""
        if scope not in self.scopes:
            raise errors.InsufficientScope(scope)


class Header(BaseModel):
    """Exactly these: a header that brings its own key (`jwk`, `jku`, `x5u`) or wants more (`crit`) is refused."""

    model_config = ConfigDict(strict=True, extra="forbid")

    alg: Literal["RS256"]
    typ: Literal["at+jwt", "application/at+jwt"]
    kid: str


class Claims(BaseModel):
    model_config = ConfigDict(strict=True)

    iss: str
    aud: str | list[str]
    exp: int
    iat: int
    nbf: int = 0
    jti: str
    sub: str
    client_id: str
    role: str
    scope: str
    countries: list[str] = []
    organisation_id: UUID | None = None
    enterprise_id: UUID | None = None
    trainer_id: UUID | None = None

    def hold_for(self, issuer: str, at: float) -> bool:
        return self.iss == issuer and self.aud in (issuer, [issuer]) and self.nbf <= at < self.exp

    def principal(self) -> Principal:
        return Principal(
            subject=self.sub,
            client_id=self.client_id,
            role=self.role,
            scopes=frozenset(self.scope.split()),
            countries=tuple(self.countries),
            organisation_id=self.organisation_id,
            enterprise_id=self.enterprise_id,
            trainer_id=self.trainer_id,
        )


# --- the issuer's keys -----------------------------------------------------------------------------------------


async def fetch_key_set(jwks_url: str) -> dict[str, Any]:
    async with httpx.AsyncClient(timeout=FETCH_SECONDS, trust_env=False) as client:
        answer = await client.get(jwks_url)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found


class PublicKeys:
    """The issuer's keys by id. They stay in use while the issuer can't be reached."""

    def __init__(self, fetch: FetchKeys) -> None:
        self._fetch = fetch
        self._keys: dict[str, RSAKey] = {}
        self._read_at = self._asked_at = -float("inf")
        self._one_asks = asyncio.Lock()

    def __contains__(self, kid: str) -> bool:
        return kid in self._keys and not self._stale()

    async def find(self, kid: str) -> RSAKey | None:
        """The key, or None if the issuer has no such; 503 while no key set could be read."""
        if kid not in self:
            async with self._one_asks:
                if kid not in self and self._may_ask():
                    await self._ask()
        if not self._keys:
            raise errors.ServiceUnavailable("Tokens cannot be checked at the moment.", retry_after=1)
        return self._keys.get(kid)

    def _stale(self) -> bool:
        return time.monotonic() - self._read_at > FRESH_SECONDS

    def _may_ask(self) -> bool:
        pause = ASK_AGAIN_SECONDS if self._keys else FAILED_SECONDS
        return time.monotonic() - self._asked_at > pause

    async def _ask(self) -> None:
        try:
            found = await self._fetch()
            self._keys = {key["kid"]: RSAKey.import_key(key) for key in found["keys"]}
            self._read_at = time.monotonic()
        except (httpx.HTTPError, errors.Problem, JoseError, ValueError, KeyError, TypeError) as error:
            log.warning("the issuer's keys could not be read", error=type(error).__name__)
        self._asked_at = time.monotonic()


# --- tokens ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Verdict:
    kid: str
    expires: int
    principal: Principal


class TokenVerifier:
    """Verifies access tokens of `issuer`, who is also their audience. A good token is checked once, then remembered."""

    def __init__(self, issuer: str, jwks_url: str = "", *, fetch: FetchKeys | None = None) -> None:
        self._issuer = issuer
        self._keys = PublicKeys(fetch or partial(fetch_key_set, jwks_url))
        self._verdicts: dict[bytes, Verdict] = {}

    async def verify(self, token: str) -> Principal:
        """Raises `errors.Unauthorized`; `errors.ServiceUnavailable` while the issuer's keys were never read."""
        digest = hashlib.sha256(token.encode()).digest()
        known = self._verdicts.get(digest)
        if known is None or known.expires <= time.time() or known.kid not in self._keys:
            self._verdicts.pop(digest, None)
            known = await self._judge(token)
            self._remember(digest, known)
        return known.principal

    async def _judge(self, token: str) -> Verdict:
        header = header_of(token)
        key = await self._keys.find(header.kid)
        if key is None:
            raise invalid_token()
        try:
            claims = Claims.model_validate_json(jws.deserialize_compact(token, key, algorithms=["RS256"]).payload)
        except (JoseError, ValueError) as error:
            raise invalid_token() from error
        if not claims.hold_for(self._issuer, time.time()):
            raise invalid_token()
        return Verdict(header.kid, claims.exp, claims.principal())

    def _remember(self, digest: bytes, verdict: Verdict) -> None:
        if len(self._verdicts) >= MAX_VERDICTS:
            self._verdicts.clear()
        self._verdicts[digest] = verdict


def invalid_token() -> errors.Unauthorized:
    """One answer whatever is wrong: a forger learns nothing from it."""
    return errors.Unauthorized("The token is not valid here, or not any more.", error="invalid_token")


def header_of(token: str) -> Header:
    if len(token) > MAX_TOKEN:
        raise invalid_token()
    try:
        return Header.model_validate(jws.extract_compact(token.encode()).headers())
    except (JoseError, ValueError) as error:
        raise invalid_token() from error


# --- the door --------------------------------------------------------------------------------------------------


def bearer_of(headers: Headers) -> str:
    """The token of the one `Authorization: Bearer …`; 401 without it."""
    values = [value for name, value in headers if name == b"authorization"]
    scheme, _, token = (values[0] if len(values) == 1 else b"").decode("latin-1").partition(" ")
    if scheme.lower() != "bearer":
        raise errors.Unauthorized()
    return token.strip(" ")


class AuthMiddleware:
    """Nothing but `public_paths` is reached without a valid token, whether the path exists or not.

    A public path that ends in `*` stands for all that begin so. The principal is put into `scope["state"]["principal"]`
    and its subject into the context, which events and history name.
    """

    def __init__(self, app: Any, verifier: TokenVerifier, public_paths: Sequence[str]) -> None:
        self.app, self.verifier = app, verifier
        self._paths = frozenset(path for path in public_paths if not path.endswith("*"))
        self._beginnings = tuple(path[:-1] for path in public_paths if path.endswith("*"))

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan" or self._is_public(scope["path"]):
            await self.app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        try:
            state["principal"] = principal = await self.verifier.verify(bearer_of(scope["headers"]))
        except errors.Problem as problem:
            await answer(problem, state.get("request_id", ""))(scope, receive, send)
            return
        set_context(replace(current(), subject=principal.subject, who=principal.who))
        await self.app(scope, receive, send)

    def _is_public(self, path: str) -> bool:
        return path in self._paths or path.startswith(self._beginnings)


def answer(problem: errors.Problem, request_id: str) -> JSONResponse:
    return JSONResponse(problem.document(request_id), problem.status, problem.headers, media_type=errors.MEDIA_TYPE)
