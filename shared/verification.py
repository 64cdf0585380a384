"""Whether a token is good: one of the gateway's, or one of a person from a provider the operator trusts.

Every process does it by itself, from keys and a list of void tokens that it keeps; nobody is asked while a request waits.
"""

import asyncio
import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol
from uuid import UUID

import structlog
from joserfc import jws
from joserfc.errors import JoseError
from pydantic import BaseModel, ConfigDict, Field

from shared import errors
from shared.auth import Principal
from shared.oidc import OidcIssuer, said, texts
from shared.permissions.matrix import scopes_of
from shared.permissions.roles import Role
from shared.public_keys import ALGORITHM, FetchKeys, PublicKeys, keys_at, keys_of_provider
from shared.revocations import POLL_SECONDS, Revocations, mark_of
from shared.types import COUNTRIES

MAX_TOKEN = 8_192
MAX_VERDICTS = 10_000
MAX_SUBJECT = 200
SKEW_SECONDS = 60  # how far the clock of another provider may be ahead of ours
log = structlog.get_logger()
THUMBPRINTS = frozenset({"x5t", "x5t#S256"})  # they name a key, and bring none


class Header(BaseModel):
    """Exactly these: a header that brings its own key (`jwk`, `jku`, `x5u`) or wants more (`crit`) is refused."""

    model_config = ConfigDict(strict=True, extra="forbid")

    alg: Literal["RS256", "ES256"]
    typ: str
    kid: str


@dataclass(frozen=True)
class Verdict:
    """`marks` of the client and of the token, for the list of void ones."""

    kid: str
    issuer: "Issuer"
    expires: float
    principal: Principal
    marks: tuple[str, int, str] | None = None


class Issuer(Protocol):
    """Whoever signs tokens that are taken here."""

    keys: PublicKeys

    def header(self, found: dict[str, Any]) -> Header:
        """Raises ValueError."""

    def judge(self, kid: str, claims: bytes) -> Verdict:
        """Of claims whose signature is right. Raises ValueError."""


# --- ours ------------------------------------------------------------------------------------------------------


class Claims(BaseModel):
    """RFC 9068, with what our role and its bindings need."""

    model_config = ConfigDict(strict=True)

    iss: str
    aud: str | list[str]
    exp: int
    iat: int
    nbf: int = 0
    jti: str
    sub: str
    client_id: str
    client_version: int = 0
    role: Role
    scope: str
    countries: list[str] = []
    organisation_id: UUID | None = None
    enterprise_id: UUID | None = None
    trainer_id: UUID | None = None

    def hold_for(self, issuer: str, at: float) -> bool:
        in_time = self.nbf <= at < self.exp and self.iat <= at + SKEW_SECONDS
        return self.iss == issuer and self.aud in (issuer, [issuer]) and in_time

    def marks(self) -> tuple[str, int, str]:
        """What the list of void tokens is asked for."""
        return mark_of(self.client_id), self.client_version, mark_of(self.jti)

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


class Gateway:
    """Issues tokens for machines; it is their audience, too."""

    def __init__(self, name: str, keys: PublicKeys) -> None:
        self.name, self.keys = name, keys

    def header(self, found: dict[str, Any]) -> Header:
        header = Header.model_validate(found)
        if header.alg != "RS256" or not is_type(header.typ, "at+jwt"):
            raise ValueError("not one of ours")
        return header

    def judge(self, kid: str, claims: bytes) -> Verdict:
        found = self.claims(claims)
        return Verdict(kid, self, found.exp, found.principal(), found.marks())

    def claims(self, signed: bytes) -> Claims:
        found = Claims.model_validate_json(signed)
        if not found.hold_for(self.name, time.time()):
            raise ValueError("not for us, or not now")
        return found


# --- people ----------------------------------------------------------------------------------------------------


class PersonClaims(BaseModel):
    """What every provider's access token must have; the rest is read by the names the operator gave."""

    model_config = ConfigDict(strict=True)

    iss: str
    aud: str | list[str]
    exp: int | float
    iat: int | float
    nbf: int | float = 0
    sub: str = Field(min_length=1, max_length=MAX_SUBJECT, pattern=r"^[!-~]+$")


class Provider:
    """An OpenID provider as the operator has described it."""

    def __init__(self, about: OidcIssuer, keys: PublicKeys) -> None:
        self.about, self.keys = about, keys

    def header(self, found: dict[str, Any]) -> Header:
        header = Header.model_validate({name: value for name, value in found.items() if name not in THUMBPRINTS})
        if not is_type(header.typ, self.about.token_type):
            raise ValueError("another kind of token")
        return header

    def judge(self, kid: str, claims: bytes) -> Verdict:
        found = PersonClaims.model_validate_json(claims)
        self._check(found, time.time())
        return Verdict(kid, self, found.exp, self._principal(found.sub, json.loads(claims)))

    def _check(self, claims: PersonClaims, at: float) -> None:
        audience = [claims.aud] if isinstance(claims.aud, str) else claims.aud
        in_time = claims.nbf <= at < claims.exp and claims.iat <= at + SKEW_SECONDS
        short = claims.exp - claims.iat <= self.about.max_token_seconds
        if claims.iss != self.about.issuer or self.about.audience not in audience or not in_time or not short:
            raise ValueError("not for us, or not now")

    def _principal(self, sub: str, claims: Mapping[str, Any]) -> Principal:
        role = self._role(claims)
        subject = f"{self.about.name}:{sub}"
        allowed, names = scopes_of(role), self.about.claims
        scopes = allowed if names.scope is None else allowed & set(texts(said(claims, names.scope)))
        return Principal(
            subject=subject,
            client_id=subject,
            role=role,
            scopes=scopes,
            countries=self._countries(claims),
            organisation_id=self._id(claims, "organisation_id"),
            enterprise_id=self._id(claims, "enterprise_id"),
            trainer_id=self._id(claims, "trainer_id"),
            is_person=True,
        )

    def _role(self, claims: Mapping[str, Any]) -> Role:
        """403 for somebody whom the provider knows and who has no part in the programme."""
        carried = said(claims, self.about.claims.role)
        values = carried if isinstance(carried, list) else [carried, *texts(carried)]
        role = self.about.fixed.role or next(
            (role for value, role in self.about.roles.items() if value in values), None
        )
        if role is None:
            raise errors.Forbidden("Your account has no role here.")
        return role

    def _countries(self, claims: Mapping[str, Any]) -> tuple[str, ...]:
        fixed = self.about.fixed.countries
        return (
            fixed
            if fixed is not None
            else tuple(one for one in texts(said(claims, self.about.claims.countries)) if one in COUNTRIES)
        )

    def _id(self, claims: Mapping[str, Any], name: str) -> UUID | None:
        fixed: UUID | None = getattr(self.about.fixed, name)
        value = said(claims, getattr(self.about.claims, name))
        return fixed or (UUID(str(value)) if value else None)


# --- the judge -------------------------------------------------------------------------------------------------


class Peek(BaseModel):
    """What a token says before anything of it is believed."""

    model_config = ConfigDict(strict=True)

    iss: str


class TokenVerifier:
    """Verifies access tokens of `issuer`, who is also their audience, and of `providers`.

    A good token is checked once, then remembered until it expires, its key goes, or it is made void.
    """

    def __init__(
        self,
        issuer: str,
        jwks_url: str = "",
        *,
        fetch: FetchKeys | None = None,
        revocations: Revocations | None = None,
        providers: Sequence[OidcIssuer] = (),
    ) -> None:
        self.gateway = Gateway(issuer, PublicKeys(fetch or keys_at(jwks_url)))
        others = {one.issuer: Provider(one, PublicKeys(keys_of_provider(one))) for one in providers}
        self._issuers: dict[str, Issuer] = {**others, issuer: self.gateway}
        self._revocations = revocations
        self._verdicts: dict[bytes, Verdict] = {}

    @property
    def problem(self) -> str | None:
        """None when tokens can be checked: the gateway's keys and its list of void tokens were read once, as `watch` does."""
        known = self.gateway.keys.are_known and (self._revocations is None or self._revocations.is_known)
        return None if known else "tokens-cannot-be-checked: the gateway has not been reached"

    async def verify(self, token: str) -> Principal:
        """Raises `errors.Unauthorized`; `errors.ServiceUnavailable` while the issuer's keys were never read."""
        digest = hashlib.sha256(token.encode()).digest()
        known = self._verdicts.get(digest)
        if known is None or known.expires <= time.time() or known.kid not in known.issuer.keys:
            self._verdicts.pop(digest, None)
            known = await self._judge(token)
            self._remember(digest, known)
        await self._refuse_void(known)
        return known.principal

    async def watch(self) -> None:
        """Keeps the list of void tokens, and the keys when they have changed. Runs until it is cancelled."""
        if self._revocations:
            try:
                await self._watch(self._revocations)
            finally:
                await self._revocations.close()

    async def _watch(self, revocations: Revocations) -> None:
        keys: str | None = None
        while True:
            try:
                keys = await self._follow(revocations, keys)
            except Exception as error:  # whatever it was: the next look comes in a moment
                log.error("the list of void tokens was not looked at", error=type(error).__name__)
            await asyncio.sleep(POLL_SECONDS)

    async def _follow(self, revocations: Revocations, keys: str | None) -> str | None:
        """What stands for the issuer's keys now; renews ours when it is not `keys` any more."""
        revoked = await revocations.refresh()
        if revoked and revoked.keys != keys:
            await self.gateway.keys.renew()
            return revoked.keys
        return keys

    async def _judge(self, token: str) -> Verdict:
        try:
            issuer = self._issuers[Peek.model_validate_json(parts_of(token).payload).iss]
            return issuer.judge(*await signed_by(issuer, token))
        except (JoseError, ValueError, KeyError) as error:
            raise invalid_token() from error

    async def _refuse_void(self, verdict: Verdict) -> None:
        if self._revocations and verdict.marks and (await self._revocations.known()).voids(*verdict.marks):
            raise invalid_token()

    def _remember(self, digest: bytes, verdict: Verdict) -> None:
        if len(self._verdicts) >= MAX_VERDICTS:
            self._verdicts.clear()
        self._verdicts[digest] = verdict


async def signed_by(issuer: Issuer, token: str) -> tuple[str, bytes]:
    """Id of the key that signed it, and the claims. Raises JoseError or ValueError unless it was one of the issuer's."""
    header = issuer.header(parts_of(token).headers())
    key = await issuer.keys.find(header.kid)
    if key is None or ALGORITHM[key.key_type] != header.alg:
        raise ValueError("not one of its keys")
    return header.kid, jws.deserialize_compact(token, key, algorithms=[header.alg]).payload


async def verified_claims(issuer: Gateway, token: str) -> Claims | None:
    """Those of a token of ours, if it is good now and not made void, which is another question."""
    try:
        _, signed = await signed_by(issuer, token)
        return issuer.claims(signed)
    except (JoseError, ValueError):
        return None


def invalid_token() -> errors.Unauthorized:
    """One answer whatever is wrong: a forger learns nothing from it."""
    return errors.Unauthorized("The token is not valid here, or not any more.", error="invalid_token")


def parts_of(token: str) -> Any:
    if len(token) > MAX_TOKEN:
        raise ValueError("too long")
    return jws.extract_compact(token.encode())


def is_type(typ: str, wanted: str) -> bool:
    """Media types are compared without regard to case, and `application/` may stand before them (RFC 7515)."""
    return typ.lower() in (wanted.lower(), f"application/{wanted.lower()}")
