import base64
import hmac
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc import jws
from joserfc.jwk import RSAKey

from shared import errors
from shared.auth import AuthMiddleware, Principal
from shared.verification import TokenVerifier
from tests.gateway.servers import Running, answer, until

ISSUER = "https://score.example.org"
KEY = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, auto_kid=True)
OTHER = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, auto_kid=True)


def claims(**changes: Any) -> dict[str, Any]:
    at = int(time.time())
    good = {
        "iss": ISSUER,
        "aud": ISSUER,
        "sub": "score-1",
        "client_id": "score-1",
        "role": "programme_admin",
        "scope": "enterprises:read results:read",
        "iat": at,
        "exp": at + 600,
        "jti": "1",
    }
    return {name: value for name, value in (good | changes).items() if value is not None}


def header(**changes: Any) -> dict[str, Any]:
    return {"alg": "RS256", "typ": "at+jwt", "kid": KEY.kid} | changes


def token(key: Any = KEY, head: dict[str, Any] | None = None, **changes: Any) -> str:
    return jws.serialize_compact(head or header(), json.dumps(claims(**changes)), key, algorithms=["RS256"])


def encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def part(value: Any) -> str:
    return encoded(json.dumps(value).encode())


def forged(head: dict[str, Any], signature: str | None = None) -> str:
    """The right claims and, unless another is given, a right signature of the right key: under a head it was not made for."""
    return f"{part(head)}.{part(claims())}.{signature if signature is not None else token().split('.')[2]}"


def signed_with_head(**changes: Any) -> str:
    """Signed by the right key, under a head that ours never has."""
    message = f"{part(header(**changes))}.{part(claims())}"
    return f"{message}.{encoded(KEY.private_key.sign(message.encode(), PKCS1v15(), SHA256()))}"


def signed_with_public_key() -> str:
    """HS256, the public key taken for the shared secret."""
    message = f"{part(header(alg='HS256'))}.{part(claims())}"
    return f"{message}.{encoded(hmac.digest(KEY.as_pem(private=False), message.encode(), 'sha256'))}"


def flipped(text: str, index: int) -> str:
    """One bit of one character's value changed, in the base64url alphabet."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    index %= len(text)
    return text[:index] + alphabet[alphabet.index(text[index]) ^ 1] + text[index + 1 :]


MUTANTS = {
    "empty parts": "..",
    "no token at all": "x",
    "two parts": token().rpartition(".")[0],
    "four parts": token() + ".x",
    "a JWE": "a.b.c.d.e",
    "not base64": "!!.!!.!!",
    "unsigned, alg none": forged(header(alg="none"), ""),
    "unsigned, alg None": forged(header(alg="None"), ""),
    "alg none with a signature": forged(header(alg="none")),
    "signature missing": token().rpartition(".")[0] + ".",
    "HS256 with the public key": signed_with_public_key(),
    "HS256 head, RS256 signature": forged(header(alg="HS256")),
    "RS512 head": forged(header(alg="RS512")),
    "PS256 head": forged(header(alg="PS256")),
    "another's key under our id": token(OTHER),
    "another's key under its id": token(OTHER, header(kid=OTHER.kid)),
    "jwk in the head": signed_with_head(jwk=KEY.as_dict(private=False)),
    "another's jwk in the head": forged(header(jwk=OTHER.as_dict(private=False))),
    "jku in the head": signed_with_head(jku="https://evil.example.org/jwks"),
    "x5u in the head": signed_with_head(x5u="https://evil.example.org/cert"),
    "crit in the head": signed_with_head(crit=["exp"]),
    "b64 in the head": signed_with_head(b64=False, crit=["b64"]),
    "kid is a path": signed_with_head(kid="../../dev/null"),
    "kid is a list": signed_with_head(kid=[KEY.kid]),
    "kid missing": forged({"alg": "RS256", "typ": "at+jwt"}),
    "an id token": signed_with_head(typ="JWT"),
    "typ missing": forged({"alg": "RS256", "kid": KEY.kid}),
    "head is a list": f"{part([1])}.{part(claims())}.{token().split('.')[2]}",
    "head nested deeply": f"{encoded(b'[' * 5000)}.{part(claims())}.x",
    "head with a huge number": f"{encoded(b'1' * 5000)}.{part(claims())}.x",
    "another issuer": token(iss="https://evil.example.org"),
    "another audience": token(aud="https://other.example.org"),
    "our audience among others": token(aud=[ISSUER, "https://other.example.org"]),
    "no audience": token(aud=None),
    "no issuer": token(iss=None),
    "no exp": token(exp=None),
    "no client": token(client_id=None),
    "no scope": token(scope=None),
    "no jti": token(jti=None),
    "expired": token(exp=int(time.time()) - 1),
    "exp is a text": token(exp="9999999999"),
    "exp is infinite": token(exp=float("inf")),
    "not yet": token(nbf=int(time.time()) + 3600),
    "countries are a text": token(countries="CH"),
    "organisation is no id": token(organisation_id="x"),
    "bit flipped in the head": flipped(token(), 3),
    "bit flipped in the claims": flipped(token(), token().index(".") + 30),
    "bit flipped in the signature": flipped(token(), -100),
    "spare bit flipped at the end": flipped(token(), -1),
    "padded": token() + "==",
    "too long": token(jti="x" * 9000),
}


class Issuer:
    """Serves its key set, and counts; nothing is revoked."""

    def __init__(self) -> None:
        self.keys, self.asked, self.down = [KEY], 0, False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["path"] == "/revoked":
            await answer(send, 200, b"{}")
        elif scope["type"] == "http":
            self.asked += 1
            body = json.dumps({"keys": [key.as_dict(private=False) for key in self.keys]}).encode()
            await answer(send, 503 if self.down else 200, b"" if self.down else body)


async def says_who(scope: Any, receive: Any, send: Any) -> None:
    principal: Principal = scope.get("state", {}).get("principal")
    await answer(send, 200, json.dumps(principal.subject if principal else None).encode())


@contextmanager
def serving(issuer: Issuer) -> Iterator[TokenVerifier]:
    with Running(issuer, lifespan="off") as running:
        yield TokenVerifier(issuer=ISSUER, jwks_url=running.url)


@contextmanager
def behind_the_door(verifier: TokenVerifier) -> Iterator[str]:
    app = AuthMiddleware(says_who, verifier=verifier, public_paths=("/-/live", "/oauth/*"))
    with Running(app, lifespan="off") as running:
        yield running.url


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
def verifier(issuer: Issuer) -> Iterator[TokenVerifier]:
    with serving(issuer) as verifier:
        yield verifier


@pytest.fixture(scope="module")
def door() -> Iterator[str]:
    with serving(Issuer()) as verifier, behind_the_door(verifier) as url:
        yield url


@pytest.fixture
async def client(door: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=door) as client:
        yield client


async def test_a_good_token_names_its_principal(verifier: TokenVerifier) -> None:
    principal = await verifier.verify(token(countries=["CN"], organisation_id="019a5c3e-7f00-7000-8000-000000000000"))
    assert principal.subject == principal.client_id == "score-1"
    assert principal.scopes == {"enterprises:read", "results:read"}
    assert principal.countries == ("CN",)
    assert str(principal.organisation_id) == "019a5c3e-7f00-7000-8000-000000000000"
    principal.require("results:read")
    with pytest.raises(errors.InsufficientScope):
        principal.require("results:write")


@pytest.mark.parametrize("mutant", MUTANTS)
async def test_a_forged_token_never_passes(client: httpx.AsyncClient, mutant: str) -> None:
    good = await client.get("/v1/x", headers={"Authorization": f"Bearer {token()}"})
    assert good.json() == "score-1"
    refused = await client.get("/v1/x", headers={"Authorization": f"Bearer {MUTANTS[mutant]}"})
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"].startswith("Bearer")
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["code"] == "unauthorized"


@pytest.mark.parametrize(
    "value", [None, "", "Bearer", f"Basic {token()}", token(), f"Bearer{token()}", f"Bearer {token()} x"]
)
async def test_without_a_bearer_token_nothing_is_told(client: httpx.AsyncClient, value: str | None) -> None:
    refused = await client.get("/v1/x", headers={} if value is None else {"Authorization": value})
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"].startswith("Bearer")


async def test_two_tokens_are_none(client: httpx.AsyncClient) -> None:
    both = [("Authorization", f"Bearer {token()}")] * 2
    assert (await client.get("/v1/x", headers=both)).status_code == 401


async def test_public_paths_need_no_token(client: httpx.AsyncClient) -> None:
    assert (await client.get("/-/live")).status_code == 200
    assert (await client.get("/oauth/anything")).status_code == 200
    assert (await client.get("/-/live/")).status_code == 401
    assert (await client.get("/oauth")).status_code == 401


async def test_keys_are_asked_for_once(issuer: Issuer, verifier: TokenVerifier) -> None:
    for _ in range(5):
        await verifier.verify(token())
    assert issuer.asked == 1


async def test_unknown_keys_cost_the_issuer_little(issuer: Issuer, verifier: TokenVerifier) -> None:
    for index in range(200):
        with pytest.raises(errors.Unauthorized):
            await verifier.verify(token(OTHER, header(kid=f"unknown-{index}")))
    assert issuer.asked == 1


async def test_a_new_key_is_found(issuer: Issuer, verifier: TokenVerifier, monkeypatch: pytest.MonkeyPatch) -> None:
    await verifier.verify(token())
    issuer.keys = [OTHER, KEY]
    monkeypatch.setattr("shared.public_keys.ASK_AGAIN_SECONDS", 0)
    await verifier.verify(token(OTHER, header(kid=OTHER.kid)))
    assert issuer.asked == 2


async def test_a_key_taken_back_is_good_no_longer_than_the_key_set(
    issuer: Issuer, verifier: TokenVerifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = token()
    await verifier.verify(mine)
    issuer.keys = [OTHER]
    monkeypatch.setattr("shared.public_keys.FRESH_SECONDS", 0)
    monkeypatch.setattr("shared.public_keys.ASK_AGAIN_SECONDS", 0)
    with pytest.raises(errors.Unauthorized):
        await verifier.verify(mine)


async def test_a_remembered_token_expires_like_any_other(verifier: TokenVerifier) -> None:
    expires = int(time.time()) + 1
    short = token(exp=expires)
    await verifier.verify(short)
    until(lambda: time.time() >= expires)
    with pytest.raises(errors.Unauthorized):
        await verifier.verify(short)


async def test_known_keys_stay_in_use_while_the_issuer_is_down(
    issuer: Issuer, verifier: TokenVerifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    await verifier.verify(token())
    issuer.down = True
    monkeypatch.setattr("shared.public_keys.FRESH_SECONDS", 0)
    monkeypatch.setattr("shared.public_keys.ASK_AGAIN_SECONDS", 0)
    assert (await verifier.verify(token(jti="2"))).subject == "score-1"


def test_without_keys_nobody_is_judged(issuer: Issuer, verifier: TokenVerifier) -> None:
    issuer.down = True
    with behind_the_door(verifier) as url:
        refused = httpx.get(f"{url}/v1/x", headers={"Authorization": f"Bearer {token()}"})
    assert refused.status_code == 503
    assert refused.headers["retry-after"] == "1"
