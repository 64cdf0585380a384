"""Tokens that must never pass: what attackers of other systems have sent, made with whichever keys the system under test has."""

import base64
import hmac
import json
import time
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc import jws
from joserfc.jwk import RSAKey

CLIENT = "score-1"
SCOPE = "enterprises:read results:read"


def encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def part(value: Any) -> str:
    return encoded(json.dumps(value).encode())


def flipped(text: str, index: int) -> str:
    """One bit of one character's value changed, in the base64url alphabet."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    index %= len(text)
    return text[:index] + alphabet[alphabet.index(text[index]) ^ 1] + text[index + 1 :]


@dataclass
class Forger:
    """`key` is the issuer's own, which a forger does not have; `other` is one that he has."""

    issuer: str
    key: RSAKey
    other: RSAKey

    def claims(self, **changes: Any) -> dict[str, Any]:
        at = int(time.time())
        good = {
            "iss": self.issuer,
            "aud": self.issuer,
            "sub": CLIENT,
            "client_id": CLIENT,
            "role": "programme_admin",
            "scope": SCOPE,
            "iat": at,
            "exp": at + 600,
            "jti": "1",
        }
        return {name: value for name, value in (good | changes).items() if value is not None}

    def header(self, **changes: Any) -> dict[str, Any]:
        return {"alg": "RS256", "typ": "at+jwt", "kid": self.key.kid} | changes

    def token(self, key: Any = None, head: dict[str, Any] | None = None, **changes: Any) -> str:
        """A good one, unless something is changed."""
        claims = json.dumps(self.claims(**changes))
        return jws.serialize_compact(head or self.header(), claims, key or self.key, algorithms=["RS256"])

    def forged(self, head: dict[str, Any], signature: str | None = None) -> str:
        """The right claims and, unless another is given, a right signature of the right key: under a head it was not made for."""
        right = self.token().split(".")[2]
        return f"{part(head)}.{part(self.claims())}.{signature if signature is not None else right}"

    def signed_with_head(self, **changes: Any) -> str:
        """Signed by the right key, under a head that ours never has."""
        message = f"{part(self.header(**changes))}.{part(self.claims())}"
        return f"{message}.{encoded(self.key.private_key.sign(message.encode(), PKCS1v15(), SHA256()))}"

    def signed_with_public_key(self) -> str:
        """HS256, the public key taken for the shared secret."""
        message = f"{part(self.header(alg='HS256'))}.{part(self.claims())}"
        return f"{message}.{encoded(hmac.digest(self.key.as_pem(private=False), message.encode(), 'sha256'))}"

    def mutants(self) -> dict[str, str]:
        return {
            "empty parts": "..",
            "no token at all": "x",
            "two parts": self.token().rpartition(".")[0],
            "four parts": self.token() + ".x",
            "a JWE": "a.b.c.d.e",
            "not base64": "!!.!!.!!",
            "unsigned, alg none": self.forged(self.header(alg="none"), ""),
            "unsigned, alg None": self.forged(self.header(alg="None"), ""),
            "alg none with a signature": self.forged(self.header(alg="none")),
            "signature missing": self.token().rpartition(".")[0] + ".",
            "HS256 with the public key": self.signed_with_public_key(),
            "HS256 head, RS256 signature": self.forged(self.header(alg="HS256")),
            "RS512 head": self.forged(self.header(alg="RS512")),
            "PS256 head": self.forged(self.header(alg="PS256")),
            "another's key under our id": self.token(self.other),
            "another's key under its id": self.token(self.other, self.header(kid=self.other.kid)),
            "jwk in the head": self.signed_with_head(jwk=self.key.as_dict(private=False)),
            "another's jwk in the head": self.forged(self.header(jwk=self.other.as_dict(private=False))),
            "jku in the head": self.signed_with_head(jku="https://evil.example.org/jwks"),
            "x5u in the head": self.signed_with_head(x5u="https://evil.example.org/cert"),
            "crit in the head": self.signed_with_head(crit=["exp"]),
            "b64 in the head": self.signed_with_head(b64=False, crit=["b64"]),
            "kid is a path": self.signed_with_head(kid="../../dev/null"),
            "kid is a list": self.signed_with_head(kid=[self.key.kid]),
            "kid missing": self.forged({"alg": "RS256", "typ": "at+jwt"}),
            "an id token": self.signed_with_head(typ="JWT"),
            "typ missing": self.forged({"alg": "RS256", "kid": self.key.kid}),
            "head is a list": f"{part([1])}.{part(self.claims())}.{self.token().split('.')[2]}",
            "head nested deeply": f"{encoded(b'[' * 5000)}.{part(self.claims())}.x",
            "head with a huge number": f"{encoded(b'1' * 5000)}.{part(self.claims())}.x",
            "another issuer": self.token(iss="https://evil.example.org"),
            "another audience": self.token(aud="https://other.example.org"),
            "our audience among others": self.token(aud=[self.issuer, "https://other.example.org"]),
            "no audience": self.token(aud=None),
            "no issuer": self.token(iss=None),
            "no exp": self.token(exp=None),
            "no client": self.token(client_id=None),
            "no scope": self.token(scope=None),
            "no jti": self.token(jti=None),
            "expired": self.token(exp=int(time.time()) - 1),
            "exp is a text": self.token(exp="9999999999"),
            "exp is infinite": self.token(exp=float("inf")),
            "not yet": self.token(nbf=int(time.time()) + 3600),
            "issued tomorrow": self.token(iat=int(time.time()) + 86_400),
            "no role": self.token(role=None),
            "a role there is not": self.token(role="root"),
            "countries are a text": self.token(countries="CH"),
            "organisation is no id": self.token(organisation_id="x"),
            "bit flipped in the head": flipped(self.token(), 3),
            "bit flipped in the claims": flipped(self.token(), self.token().index(".") + 30),
            "bit flipped in the signature": flipped(self.token(), -100),
            "spare bit flipped at the end": flipped(self.token(), -1),
            "padded": self.token() + "==",
            "too long": self.token(jti="x" * 9000),
        }
