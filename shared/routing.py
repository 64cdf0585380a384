"""The door every request of a service goes through, in this order: permission, query, Accept, body, consistency, and then one
transaction that holds the idempotency record, the change, its history and its events, committed before the answer leaves.

    router = Router("enterprises")                     # serves /v1/enterprises, scopes enterprises:read|write

    @router.post("", status_code=201, response_model=EnterpriseOut)
    async def register_enterprise(session: SessionDep, command: RegisterEnterprise) -> ResourceAnswer: ...
"""

import hashlib
import string
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Annotated, Any
from urllib.parse import parse_qsl, unquote_to_bytes

import structlog
from fastapi import APIRouter, Depends, Header, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import Response

from shared import consistency, errors, idempotency
from shared.auth import Principal
from shared.conditions import IfMatch, not_modified
from shared.contract import documented_answers
from shared.json_in import parse_json
from shared.merge_patch import Patch

Handler = Callable[[Request], Awaitable[Response]]
PATCH_TYPES = ("application/merge-patch+json", "application/json")
RETRIES = 3
# unique violation (a repeat finds the winner's row and says so), serialization failure, deadlock
REPEATABLE = {"23505", "40001", "40P01"}
log = structlog.get_logger()


class Route(APIRoute):
    """One operation. Its first tag is its collection; the scope follows from it and the method: default deny."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        methods = options.get("methods") or ["GET"]
        extra = options.pop("openapi_extra", None) or {}
        self.upload = bool(extra.pop("x-upload", False))
        self.produces: Sequence[str] = extra.pop("x-produces", ("application/json",))
        options["responses"] = documented_answers(methods, path) | (options.get("responses") or {})
        super().__init__(path, endpoint, openapi_extra=extra or None, **options)
        self.query_names = query_names(self)
        self.reads = self.methods <= {"GET", "HEAD"}
        self.scope = f"{self.tags[0]}:{'read' if self.reads else 'write'}"

    def get_route_handler(self) -> Callable[[Request], Any]:
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            return await Exchange(self, request, handle).answer()

        return answer


class Router(APIRouter):
    """All operations on one collection."""

    def __init__(self, collection: str) -> None:
        super().__init__(
            prefix=f"/v1/{collection}",
            tags=[collection],
            route_class=Route,
            redirect_slashes=False,
            generate_unique_id_function=lambda route: route.name,
        )


class Exchange:
    """One request at one route."""

    def __init__(self, route: Route, request: Request, handle: Handler) -> None:
        self.route, self.request, self.handle = route, request, handle
        self.state, self.app = request.state, request.app.state
        self.principal: Principal = request.state.principal
        self.committing = False

    async def answer(self) -> Response:
        self.principal.require(self.route.scope)
        check_query(self.request, self.route.query_names)
        check_accept(self.request, *self.route.produces)
        covered = self.app.tokens.read(joined(self.request, consistency.HEADER))
        attempt = await self._prepare()
        try:
            if not await self.app.arrivals.wait_for(covered.foreign_to(self.app.service), consistency.PATIENCE_SECONDS):
                raise errors.NotCaughtUp()
            response = await self._in_one_transaction(attempt, covered)
        finally:
            if self.route.upload:
                self.state.upload.close()
        if self.route.reads:
            self._tell_coverage(response, covered)
        return self._conditional(response)

    def _tell_coverage(self, response: Response, covered: consistency.Token) -> None:
        """An answer about finished work (`response.covers`, its last event) covers that too."""
        if event := getattr(response, "covers", None):
            covered = covered.joined_by(self.app.service, event)
        if covered.events:
            response.headers[consistency.HEADER] = self.app.tokens.write(covered)

    async def _prepare(self) -> idempotency.Attempt | None:
        """Reads the body once, strictly; gives the attempt's name in the idempotency ledger."""
        if self.route.reads:
            return None
        key = (
            idempotency.read_key(self.request.headers.get(idempotency.HEADER))
            if self.request.method == "POST"
            else None
        )
        digest = await self._take_upload() if self.route.upload else await self._take_json()
        if key is None:
            return None
        kind = self.request.headers.get("content-type", "")
        mark = idempotency.fingerprint(self.request.scope["query_string"], kind, digest)
        return idempotency.Attempt(self.principal.client_id, "POST", self.request.url.path, key, mark)

    async def _take_json(self) -> bytes:
        body = await self.request.body()
        field, patching = self.route.body_field, self.request.method == "PATCH"
        if body or patching or (field and field.field_info.is_required()):
            check_content_type(self.request, self.request.method, body)
            value = parse_json(body)
            if not (field or patching) and value != {}:
                raise errors.ValidationFailed(errors=[errors.pointer("extra_forbidden", "This verb takes no body.")])
            self.request._json = value
        return hashlib.sha256(body).digest()

    async def _take_upload(self) -> bytes:
        self.state.upload = upload = await self.app.uploads.receive(self.request)
        return upload.digest  # type: ignore[no-any-return]

    async def _in_one_transaction(self, attempt: idempotency.Attempt | None, covered: consistency.Token) -> Response:
        for left in reversed(range(RETRIES)):
            try:
                return await self._once(attempt, covered)
            except (DBAPIError, PoolTimeout, OSError) as error:
                if not (left and self._may_repeat(error)):
                    raise refusal_of(error) from error
        raise errors.ServiceUnavailable()

    async def _once(self, attempt: idempotency.Attempt | None, covered: consistency.Token) -> Response:
        self.committing = False
        async with self.app.database.transaction() as session:
            self.state.session = session
            if attempt and (kept := await idempotency.begin(session, attempt)):
                return kept
            response = await self._handled()
            if not self.route.reads:
                self._finish_write(response, session, covered)
                if attempt and response.status_code < 300:
                    await idempotency.keep(session, attempt, response)
            self.committing = True
        return response

    async def _handled(self) -> Response:
        try:
            return await self.handle(self.request)
        except errors.AlreadyExists as error:
            # commands know the id; only the door knows the address
            location = (error.headers or {})["Location"]
            if not location.startswith("/"):
                path = self.request.url.path
                collection = path.rpartition("/")[0] if self.request.method == "PATCH" else path
                error.headers = {**(error.headers or {}), "Location": f"{collection}/{location}"}
            raise

    def _finish_write(self, response: Response, session: AsyncSession, covered: consistency.Token) -> None:
        token = covered.after_write(self.app.service, session.info.get("last_event"))
        response.headers[consistency.HEADER] = self.app.tokens.write(token)
        new_id = getattr(response, "resource_id", None)
        if response.status_code == 201 and new_id and "Location" not in response.headers:
            response.headers["Location"] = f"{self.request.url.path}/{new_id}"

    def _may_repeat(self, error: Exception) -> bool:
        """A definite abort may be repeated; a connection lost while committing may not: it may have been done."""
        if sqlstate(error) in REPEATABLE:
            return True
        return isinstance(error, DBAPIError) and error.connection_invalidated and not self.committing

    def _conditional(self, response: Response) -> Response:
        response.headers.setdefault("Cache-Control", "private, no-cache")
        response.headers["Vary"] = "Authorization, Accept"
        tag = response.headers.get("ETag")
        if (
            self.route.reads
            and response.status_code == 200
            and not_modified(joined(self.request, "If-None-Match"), tag)
        ):
            kept = {name: response.headers[name] for name in ("ETag", "Cache-Control", "Vary")}
            return Response(status_code=304, headers=kept)
        return response


# --- the parts of the door -------------------------------------------------------------------------------------


def joined(request: Request, name: str) -> str | None:
    values = request.headers.getlist(name)
    return ", ".join(values) if values else None


def query_names(route: APIRoute) -> frozenset[str]:
    """Names of the query parameters a route declares, those inside a query model too."""
    names: set[str] = set()
    for field in all_query_params(route.dependant):
        annotation = field.field_info.annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            names |= {info.alias or name for name, info in annotation.model_fields.items()}
        else:
            names.add(field.alias)
    return frozenset(names)


def all_query_params(dependant: Dependant) -> Iterator[Any]:
    """Those of a route and of what it depends on."""
    yield from dependant.query_params
    for inner in dependant.dependencies:
        yield from all_query_params(inner)


HEX = frozenset(string.hexdigits.encode())


def check_query(request: Request, known: frozenset[str]) -> None:
    """400 when the query cannot be decoded; 422 for unknown, repeated and empty parameters."""
    pairs = parse_query(request.scope["query_string"])
    places: list[errors.Place] = []
    seen: set[str] = set()
    for name, value in pairs:
        if name not in known:
            places.append(errors.parameter("unknown_parameter", "There is no such parameter here.", safe_name(name)))
        elif name in seen:
            places.append(errors.parameter("repeated_parameter", "This parameter is given twice.", name))
        elif not value:
            places.append(errors.parameter("empty_parameter", "This parameter has no value; leave it out.", name))
        elif "\x00" in value:
            places.append(errors.parameter("nul_character", "A text can't hold the NUL character.", name))
        seen.add(name)
    if places:
        raise errors.ValidationFailed(errors=places[:100])


def parse_query(raw: bytes) -> list[tuple[str, str]]:
    index = raw.find(b"%")
    while index >= 0:
        if not (len(raw) > index + 2 and raw[index + 1] in HEX and raw[index + 2] in HEX):
            raise errors.MalformedQuery()
        index = raw.find(b"%", index + 1)
    try:
        unquote_to_bytes(raw).decode("utf-8")
        return parse_qsl(raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=200)
    except (UnicodeDecodeError, ValueError) as error:
        raise errors.MalformedQuery() from error


def safe_name(name: str) -> str:
    """A parameter's name may be answered back only if it looks like one."""
    return name if name.isascii() and name.replace("_", "").isalnum() and len(name) <= 50 else "?"


def check_accept(request: Request, *offered: str) -> None:
    """406 unless one of `offered` is acceptable."""
    header = joined(request, "accept")
    if header is None:
        return
    weights: dict[str, float] = {}
    for part in header.split(","):
        kind, *params = (piece.strip().lower() for piece in part.split(";"))
        quality = 1.0
        with suppress(ValueError):
            quality = next((float(param[2:]) for param in params if param.startswith("q=")), 1.0)
        weights[kind] = quality
    if not any(weight_of(kind, weights) > 0 for kind in offered):
        raise errors.NotAcceptable()


def weight_of(offered: str, weights: Mapping[str, float]) -> float:
    """The most specific range that fits decides."""
    ranges = (offered, f"{offered.split('/')[0]}/*", "*/*")
    return next((weights[kind] for kind in ranges if kind in weights), 0.0)


def check_content_type(request: Request, method: str, body: bytes) -> None:
    taken = PATCH_TYPES if method == "PATCH" else ("application/json",)
    values = request.headers.getlist("content-type")
    if not values and not body:
        raise errors.MalformedJson("The body is empty.")
    kind, _, params = (values[0] if len(values) == 1 else "").partition(";")
    charset = params.strip().lower().removeprefix("charset=").strip('"')
    if kind.strip().lower() not in taken or charset not in ("", "utf-8"):
        name = "Accept-Patch" if method == "PATCH" else "Accept-Post"
        raise errors.UnsupportedMediaType(headers={name: ", ".join(taken)})


def sqlstate(error: Exception) -> str | None:
    return getattr(getattr(error, "orig", None), "sqlstate", None)


def refusal_of(error: Exception) -> Exception:
    """What a database's failure is to the caller: a conflict, or nobody's fault and worth another try."""
    if sqlstate(error) == "23505":
        return Conflict()
    if isinstance(error, DBAPIError) and not (isinstance(error, OperationalError) or error.connection_invalidated):
        state = sqlstate(error) or ""
        if not state.startswith(("08", "53", "57", "40")):
            return error
    log.warning("database unavailable", error=type(error).__name__)
    return errors.ServiceUnavailable("The database of this part is not available. Try again in a moment.")


class Conflict(errors.Problem):
    code, status, title = "conflict", 409, "Another request was faster"
    explanation = "A value that must be unique was taken meanwhile. Read again, then decide."


# --- what routes ask for ---------------------------------------------------------------------------------------


def session_of(request: Request) -> AsyncSession:
    return request.state.session  # type: ignore[no-any-return]


def principal_of(request: Request) -> Principal:
    return request.state.principal  # type: ignore[no-any-return]


IF_MATCH = Header(alias="If-Match", description='The ETag you read, for instance `"3"`')


def required_match(if_match: Annotated[str | None, IF_MATCH] = None) -> IfMatch:
    return IfMatch.read(if_match).required()


def optional_match(if_match: Annotated[str | None, IF_MATCH] = None) -> IfMatch:
    return IfMatch.read(if_match)


def patch_of(request: Request) -> Patch:
    if not isinstance(request._json, dict):
        raise errors.ValidationFailed(errors=[errors.pointer("wrong_type", "A merge patch must be an object.")])
    return Patch(request._json)


SessionDep = Annotated[AsyncSession, Depends(session_of)]
PrincipalDep = Annotated[Principal, Depends(principal_of)]
IfMatchDep = Annotated[IfMatch, Depends(required_match)]
VerbMatchDep = Annotated[IfMatch, Depends(optional_match)]
PatchDep = Annotated[Patch, Depends(patch_of)]
