"""`/oauth/*` and the metadata: client credentials in, access tokens out (RFC 6749, 8414, 9068). Errors as RFC 6749 has them."""

import base64
import binascii
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.gateway.clients import Clients, Grantee
from services.gateway.keys import SigningKeys
from services.gateway.upstreams import SCOPES_OF_ROLE
from shared import errors
from shared.db import uuid7

LIFE_SECONDS = 600
FORM = "application/x-www-form-urlencoded"
MAX_FIELDS = 20
NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class OAuthError(Exception):
    """An error as RFC 6749 5.2 wants it: a code of its list and a sentence for people."""

    def __init__(
        self, code: str, description: str, status: int = 400, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(code)
        self.body = {"error": code, "error_description": description}
        self.status, self.headers = status, {**NO_STORE, **(headers or {})}

    def response(self) -> Response:
        return JSONResponse(self.body, self.status, self.headers)


@dataclass(frozen=True)
class Tokens:
    """The issuer: `public_url` is its name, and the audience of its tokens."""

    public_url: str
    clients: Clients
    keys: SigningKeys

    def routes(self) -> list[Route]:
        return [
            Route("/oauth/token", self.issue_token, methods=["POST"]),
            Route("/oauth/jwks", self.show_keys),
            Route("/.well-known/oauth-authorization-server", self.show_metadata),
        ]

    async def issue_token(self, request: Request) -> Response:
        try:
            grantee, scopes = await self._granted(request)
            return JSONResponse(await self._token_for(grantee, scopes), headers=NO_STORE)
        except OAuthError as error:
            return error.response()
        except errors.ServiceUnavailable as error:
            busy = OAuthError("temporarily_unavailable", str(error.detail), 503, error.headers)
            return busy.response()

    async def show_keys(self, _: Request) -> Response:
        return JSONResponse(await self.keys.key_set(), headers=NO_STORE)

    async def show_metadata(self, _: Request) -> Response:
        return JSONResponse(metadata(self.public_url), headers=NO_STORE)

    async def _granted(self, request: Request) -> tuple[Grantee, list[str]]:
        form = await read_form(request)
        if "grant_type" not in form:
            raise OAuthError("invalid_request", "grant_type is missing.")
        grantee = await self._authenticated(request, form)
        if form["grant_type"] != "client_credentials":
            raise OAuthError("unsupported_grant_type", "Only client_credentials is offered.")
        return grantee, narrowed(grantee.scopes, form.get("scope"))

    async def _authenticated(self, request: Request, form: Mapping[str, str]) -> Grantee:
        given, challenge = credentials_of(request, form)
        grantee = await self.clients.authenticate(*given)
        if grantee is None:
            raise OAuthError("invalid_client", "The client is not known, or its secret is another.", 401, challenge)
        return grantee

    async def _token_for(self, grantee: Grantee, scopes: list[str]) -> dict[str, Any]:
        at = int(time.time())
        claims = {
            "iss": self.public_url,
            "aud": self.public_url,
            "sub": grantee.client_id,
            "client_id": grantee.client_id,
            "role": grantee.role,
            "scope": " ".join(scopes),
            "iat": at,
            "exp": at + LIFE_SECONDS,
            "jti": str(uuid7()),
        }
        token = await self.keys.sign(claims)
        return {"access_token": token, "token_type": "Bearer", "expires_in": LIFE_SECONDS, "scope": claims["scope"]}


def metadata(public_url: str) -> dict[str, Any]:
    """RFC 8414."""
    return {
        "issuer": public_url,
        "token_endpoint": f"{public_url}/oauth/token",
        "jwks_uri": f"{public_url}/oauth/jwks",
        "grant_types_supported": ["client_credentials"],
        "response_types_supported": [],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "scopes_supported": sorted({scope for scopes in SCOPES_OF_ROLE.values() for scope in scopes}),
        "service_documentation": f"{public_url}/docs",
    }


async def read_form(request: Request) -> dict[str, str]:
    """The fields that have a value (RFC 6749 3.2: one without counts as left out); none may come twice."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise OAuthError("invalid_request", f"The body must be {FORM}.")
    try:
        text = (await request.body()).decode("utf-8")
        pairs = parse_qsl(text, errors="strict", max_num_fields=MAX_FIELDS) if text else []
    except ValueError as error:
        raise OAuthError("invalid_request", "The form cannot be read.") from error
    if len(dict(pairs)) != len(pairs):
        raise OAuthError("invalid_request", "A field is given twice.")
    return dict(pairs)


def credentials_of(request: Request, form: Mapping[str, str]) -> tuple[tuple[str, str], dict[str, str]]:
    """Id and secret, and the challenge that a refusal carries: one way of authentication, not two (RFC 6749 2.3)."""
    values = request.headers.getlist("authorization")
    posted = "client_secret" in form
    if len(values) + posted > 1:
        raise OAuthError("invalid_request", "Authenticate in one way only.")
    if posted:
        return (form.get("client_id", ""), form["client_secret"]), {}
    challenge = {"WWW-Authenticate": 'Basic realm="score", charset="UTF-8"'}
    given = basic_credentials(values[0]) if values else None
    if given is None or form.get("client_id", given[0]) != given[0]:
        raise OAuthError(
            "invalid_client", "Authenticate with client_secret_basic or client_secret_post.", 401, challenge
        )
    return given, challenge


def basic_credentials(value: str) -> tuple[str, str] | None:
    scheme, _, encoded = value.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        pair = base64.b64decode(encoded.strip(), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
    client_id, colon, secret = pair.partition(":")
    return (unquote_plus(client_id), unquote_plus(secret)) if colon else None


def narrowed(allowed: tuple[str, ...], asked: str | None) -> list[str]:
    """All that the client may have, or of these what it asks for."""
    wanted = allowed if asked is None else asked.split()
    if not wanted or not set(wanted) <= set(allowed):
        raise OAuthError("invalid_scope", "This client may not have one of these scopes.")
    return sorted(set(wanted))
