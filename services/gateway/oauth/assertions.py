"""private_key_jwt (RFC 7523 as updated by RFC 10070): a client signs that it is itself, to us alone, for a minute, once."""

import time
from typing import Any, Literal

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry
from pydantic import BaseModel, ConfigDict, Field

from shared.verification import MAX_TOKEN, is_type

TYPE = "client-authentication+jwt"
LONGEST_SECONDS = 60
SKEW_SECONDS = 5  # how far the client's clock may be ahead of ours
ALGORITHMS = {"RSA": ("RS256", "PS256"), "EC": ("ES256",)}
OFFERED = sorted(name for names in ALGORITHMS.values() for name in names)


class Header(BaseModel):
    """Exactly these: keys come from the client's registration and from nowhere else."""

    model_config = ConfigDict(strict=True, extra="forbid")

    alg: Literal["RS256", "PS256", "ES256"]
    typ: str
    kid: str | None = None


class Assertion(BaseModel):
    model_config = ConfigDict(strict=True)

    iss: str
    sub: str
    aud: str  # a text, not a list of one
    exp: int
    jti: str = Field(min_length=1, max_length=255)
    iat: int | None = None
    nbf: int | None = None

    def check(self, client_id: str, issuer: str, at: float) -> None:
        """Raises ValueError."""
        begun = max(self.iat or 0, self.nbf or 0) <= at + SKEW_SECONDS
        in_time = at < self.exp <= at + LONGEST_SECONDS + SKEW_SECONDS and begun
        short = self.iat is None or self.exp - self.iat <= LONGEST_SECONDS
        if self.iss != client_id or self.sub != client_id or self.aud != issuer or not (in_time and short):
            raise ValueError("not for us, or not now")


def claimed_client(text: str) -> str:
    """Whom it says it is, before anything of it is believed; empty if it says nothing that can be read."""
    try:
        return Subject.model_validate_json(parts_of(text).payload).sub
    except (JoseError, ValueError):
        return ""


class Subject(BaseModel):
    model_config = ConfigDict(strict=True)

    sub: str = Field(max_length=200)


def verified(text: str, key_set: dict[str, Any], client_id: str, issuer: str) -> Assertion:
    """What the client says, if one of its keys has signed it. Raises ValueError or JoseError."""
    header = Header.model_validate(parts_of(text).headers())
    if not is_type(header.typ, TYPE):
        raise ValueError("another kind of token")
    fitting = [key for key in key_set["keys"] if header.alg in ALGORITHMS[key["kty"]]]
    named = [key for key in fitting if header.kid in (None, key["kid"])]
    if len(named) != 1:
        raise ValueError("it does not say which key")
    key = JWKRegistry.import_key(named[0])
    payload = jws.deserialize_compact(text, key, algorithms=[header.alg]).payload
    found = Assertion.model_validate_json(payload)
    found.check(client_id, issuer, time.time())
    return found


def parts_of(text: str) -> Any:
    if len(text) > MAX_TOKEN:
        raise ValueError("too long")
    return jws.extract_compact(text.encode())
