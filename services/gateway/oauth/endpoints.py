"""`/oauth/*` and the metadata: RFC 6749 (client credentials), 7009, 7662, 8414, 9068. Errors as RFC 6749 has them."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.gateway.keys import LIFE_SECONDS, SigningKeys
from services.gateway.models import RevokedToken
from services.gateway.oauth.assertions import OFFERED
from services.gateway.oauth.authentication import Authentication, Grantee
from services.gateway.oauth.errors import NO_STORE, Busy, OAuthError
from services.gateway.oauth.forms import Form, read_form
from services.gateway.revocations import VoidTokens
from services.gateway.scopes import scopes_of
from services.gateway.storage import transaction
from shared import errors
from shared.db import Database, uuid7
from shared.permissions.roles import Role
from shared.revocations import mark_of
from shared.verification import Claims, Gateway, verified_claims

WAYS = ["client_secret_basic", "client_secret_post", "private_key_jwt"]
READS_ALL = (Role.PROGRAMME_ADMIN, Role.AUDITOR)  # may ask about tokens of others
BINDINGS = ("organisation_id", "enterprise_id", "trainer_id")
Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class OAuth:
    """The issuer: `public_url` is its name, and the audience of its tokens."""

    public_url: str
    database: Database
    authentication: Authentication
    keys: SigningKeys
    void: VoidTokens
    issuer: Gateway

    def routes(self) -> list[Route]:
        posts = {"token": self.issue_token, "revoke": self.revoke_token, "introspect": self.introspect_token}
        return [
            *(
                Route(f"/oauth/{name}", told_as_oauth_has_it(endpoint), methods=["POST"])
                for name, endpoint in posts.items()
            ),
            Route("/oauth/jwks", self.show_keys),
            Route("/oauth/revoked", self.void.show),
            Route("/.well-known/oauth-authorization-server", self.show_metadata),
        ]

    async def show_keys(self, _: Request) -> Response:
        return JSONResponse(await self.keys.key_set(), headers=NO_STORE)

    async def show_metadata(self, _: Request) -> Response:
        return JSONResponse(metadata(self.public_url), headers=NO_STORE)

    # --- a token ---

    async def issue_token(self, request: Request) -> Response:
        form = await read_form(request)
        if "grant_type" not in form:
            raise OAuthError("invalid_request", "grant_type is missing.")
        grantee = await self.authentication.client_of(request, form)
        if form["grant_type"] != "client_credentials":
            raise OAuthError("unsupported_grant_type", "Only client_credentials is offered.")
        scopes = narrowed(grantee.scopes, form.get("scope"))
        return JSONResponse(await self._token_for(grantee, scopes), headers=NO_STORE)

    async def _token_for(self, grantee: Grantee, scopes: list[str]) -> dict[str, Any]:
        at = int(time.time())
        claims = {
            "iss": self.public_url,
            "aud": self.public_url,
            "sub": grantee.client_id,
            "client_id": grantee.client_id,
            "client_version": grantee.version,
            "role": grantee.role,
            "countries": list(grantee.countries),
            **bindings_of(grantee),
            "scope": " ".join(scopes),
            "iat": at,
            "exp": at + LIFE_SECONDS,
            "jti": str(uuid7()),
        }
        token = await self.keys.sign(claims)
        return {"access_token": token, "token_type": "Bearer", "expires_in": LIFE_SECONDS, "scope": claims["scope"]}

    # --- and what becomes of it ---

    async def revoke_token(self, request: Request) -> Response:
        """RFC 7009: a token that is no good any more, or never was one of ours, is as revoked as can be."""
        grantee, claims = await self._client_and_token(request)
        if claims is None:
            return Response(status_code=200, headers=NO_STORE)
        if claims.client_id != grantee.client_id:
            raise OAuthError("unauthorized_client", "This token is another client's.")
        gone = {"mark": mark_of(claims.jti), "expires_at": datetime.fromtimestamp(claims.exp, UTC)}
        async with transaction(self.database) as session:
            await session.execute(insert(RevokedToken).values(gone).on_conflict_do_nothing())
        return Response(status_code=200, headers=NO_STORE)

    async def introspect_token(self, request: Request) -> Response:
        """RFC 7662: a client learns of its own tokens, who may read everything of all."""
        grantee, claims = await self._client_and_token(request)
        if claims is None or (claims.client_id != grantee.client_id and grantee.role not in READS_ALL):
            return JSONResponse({"active": False}, headers=NO_STORE)
        return JSONResponse(
            {"active": True, "token_type": "Bearer", **claims.model_dump(mode="json", exclude_defaults=True)},
            headers=NO_STORE,
        )

    async def _client_and_token(self, request: Request) -> tuple[Grantee, Claims | None]:
        form = await read_form(request)
        grantee = await self.authentication.client_of(request, form)
        if "token" not in form:
            raise OAuthError("invalid_request", "token is missing.")
        return grantee, await self._good(form)

    async def _good(self, form: Form) -> Claims | None:
        """The claims of a token that is good now, asked of the database itself."""
        claims = await verified_claims(self.issuer, form["token"])
        if claims is None:
            return None
        voided = (await self.void.present()).voids(*claims.marks())
        return None if voided else claims


def told_as_oauth_has_it(endpoint: Endpoint) -> Endpoint:
    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except OAuthError as error:
            return error.response()
        except errors.ServiceUnavailable as error:
            retry_after = int((error.headers or {}).get("Retry-After", 1))
            return Busy(str(error.detail), retry_after).response()

    return answer


def bindings_of(grantee: Grantee) -> dict[str, str]:
    known = asdict(grantee)
    return {name: str(known[name]) for name in BINDINGS if isinstance(known[name], UUID)}


def narrowed(allowed: tuple[str, ...], asked: str | None) -> list[str]:
    """All that the client may have, or of these what it asks for."""
    wanted = allowed if asked is None else asked.split()
    if not wanted or not set(wanted) <= set(allowed):
        raise OAuthError("invalid_scope", "This client may not have one of these scopes.")
    return sorted(set(wanted))


def metadata(public_url: str) -> dict[str, Any]:
    """RFC 8414."""
    guarded = {
        f"{name}_endpoint_auth_{what}": values
        for name in ("token", "revocation", "introspection")
        for what, values in (("methods_supported", WAYS), ("signing_alg_values_supported", OFFERED))
    }
    return {
        "issuer": public_url,
        "token_endpoint": f"{public_url}/oauth/token",
        "revocation_endpoint": f"{public_url}/oauth/revoke",
        "introspection_endpoint": f"{public_url}/oauth/introspect",
        "jwks_uri": f"{public_url}/oauth/jwks",
        **guarded,
        "grant_types_supported": ["client_credentials"],
        "response_types_supported": [],
        "scopes_supported": sorted({scope for role in Role for scope in scopes_of(role)}),
        "service_documentation": f"{public_url}/docs",
    }
