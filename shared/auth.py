"""Who asks, and the door that keeps everybody else out before anything is looked up: what one may not ask for looks like what
is not there. Whether a token is good is for `shared.verification` to say.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol
from uuid import UUID

from starlette.responses import JSONResponse

from shared import errors
from shared.context import Context, current, set_context
from shared.permissions.who import Who

Scope = Any
Headers = Iterable[tuple[bytes, bytes]]


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
    is_person: bool = False  # whom another issuer vouches for

    @cached_property
    def who(self) -> Who:
        return Who(self.role, self.countries, self.organisation_id, self.enterprise_id, self.trainer_id)

    def require(self, scope: str) -> None:
        """403 `insufficient-scope` unless the token carries `scope`."""
        if scope not in self.scopes:
            raise errors.InsufficientScope(scope)


# --- the door --------------------------------------------------------------------------------------------------


def bearer_of(headers: Headers) -> str:
    """The token of the one `Authorization: Bearer …`; 401 without it."""
    values = [value for name, value in headers if name == b"authorization"]
    scheme, _, token = (values[0] if len(values) == 1 else b"").decode("latin-1").partition(" ")
    if scheme.lower() != "bearer":
        raise errors.Unauthorized()
    return token.strip(" ")


class Verifier(Protocol):
    async def verify(self, token: str) -> Principal: ...


class AuthMiddleware:
    """Nothing but `public_paths` is reached without a valid token, whether the path exists or not.

    A public path that ends in `*` stands for all that begin so. The principal is put into `scope["state"]["principal"]`
    and its subject into the context, which events and history name.
    """

    def __init__(self, app: Any, verifier: Verifier, public_paths: Sequence[str]) -> None:
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
        asked = current()
        set_context(Context(asked.request_id, asked.traceparent, principal.subject, principal.who))
        await self.app(scope, receive, send)

    def _is_public(self, path: str) -> bool:
        return path in self._paths or path.startswith(self._beginnings)


def answer(problem: errors.Problem, request_id: str) -> JSONResponse:
    return JSONResponse(problem.document(request_id), problem.status, problem.headers, media_type=errors.MEDIA_TYPE)
