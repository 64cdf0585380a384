"""The door every request of a service goes through, in this order: permission, query, Accept, body, consistency, and then one
transaction that holds the idempotency record, the change, its history and its events, committed before the answer leaves.

    router = Router("enterprises")                     # serves /v1/enterprises, scopes enterprises:read|write

    @router.post("", status_code=201, response_model=EnterpriseOut)
    async def register_enterprise(session: SessionDep, command: RegisterEnterprise) -> ResourceAnswer: ...
"""

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any, get_args
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.routing import APIRoute
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import Scope

from shared import consistency, errors, idempotency, receipts
from shared.answers import PageAnswer
from shared.auth import Principal
from shared.conditions import IfMatch, NoneMatch
from shared.contract import documented_answers, is_list
from shared.db import LaterTransaction, OnItsWay, PatienceOutside, common_patience
from shared.exports.answer import FILES, ExportAnswer
from shared.exports.listing import Given, Listing
from shared.files.media import JSON
from shared.json_in import parse_json
from shared.merge_patch import Patch
from shared.negotiation import check_accept, check_content_type, joined
from shared.outages import FAILURES, may_repeat, refusal_of
from shared.permissions.matrix import may_do
from shared.query_in import check_query, query_names
from shared.reading import Reader

Handler = Callable[[Request], Awaitable[Response]]
RETRIES = 3
BESIDE_IDS = {"imports", "approve", "match"}
LISTS = (JSON, *FILES)
KEPT_UNMODIFIED = {"etag", "cache-control", "vary", "consistency-token"}


class Route(APIRoute):
    """One operation. Its first tag is its collection; the scope follows from it and the method: default deny.

    What any valid token may do has no scope (`openapi_extra={"x-any-token": True}`).
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        methods = options.get("methods") or ["GET"]
        extra = dict(options.pop("openapi_extra", None) or {})  # a copy: routes may share what they say of themselves
        self.upload = bool(extra.pop("x-upload", False))
        self.imports: str = extra.pop("x-imports", "")  # the collection a file comes to
        self.produces: Sequence[str] = extra.pop("x-produces", None) or produced_by(options.get("response_model"))
        open_to_all = bool(extra.pop("x-any-token", False))
        options["responses"] = documented_answers(methods, path) | (options.get("responses") or {})
        super().__init__(path, endpoint, openapi_extra=extra or None, **options)
        self.beginning = path.partition("{")[0]
        self.query_names = query_names(self)
        self.reads = set(methods) <= {"GET", "HEAD"}
        self.scope = "" if open_to_all else f"{self.tags[0]}:{'read' if self.reads else 'write'}"

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """A word that stands beside the ids of a collection is none of them: what is not offered there is 405."""
        if not scope["path"].startswith(
            self.beginning
        ):  # of a hundred routes most are told by that, at a tenth of the cost
            return Match.NONE, {}
        match, found = super().matches(scope)
        beside = BESIDE_IDS & {str(value) for value in found.get("path_params", {}).values()}
        return (Match.NONE, {}) if beside else (match, found)

    def get_route_handler(self) -> Callable[[Request], Any]:
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            return await Exchange(self, request, handle).answer()

        return answer


def produced_by(model: Any) -> Sequence[str]:
    """Every list is answered as a file too."""
    return LISTS if is_list(model) else (JSON,)


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
        # the role first: a scope that it can't have would help nobody
        if not may_do(self.principal.role, self.route.name, self.route.reads):
            raise errors.Forbidden()
        if self.route.scope:
            self.principal.require(self.route.scope)
        check_query(self.request, self.route.query_names)
        self.state.media_type = check_accept(self.request, *self.route.produces)
        covered = self.app.tokens.read(joined(self.request, consistency.HEADER))
        known = NoneMatch.read(joined(self.request, "If-None-Match"))
        attempt = await self._prepare()
        try:
            await self._await(covered)
            if self.app.successors and self.route.reads and self.app.successors.named_in(self.request):
                await self._read_successors()
            response = await self._patiently(attempt, covered)
        finally:
            if self.route.upload:
                self.state.upload.close()
        if self.route.reads:
            response = self._as_file(response)
            self._tell_coverage(response, covered)
        return self._conditional(response, known)

    async def _await(self, covered: consistency.Token) -> None:
        wanted = covered.foreign_to(self.app.service)
        try:
            arrived = not wanted or await self.app.arrivals.wait_for(wanted, consistency.PATIENCE_SECONDS)
        except FAILURES as error:
            raise refusal_of(error) from error
        if not arrived:
            raise errors.NotCaughtUp()

    def _as_file(self, response: Response) -> Response:
        """A list in another form than JSON is all of it."""
        wanted = self.state.media_type
        if wanted not in FILES or self.route.produces != LISTS:
            return response
        if not isinstance(response, PageAnswer):
            raise errors.NotAcceptable(f"This is one resource; it answers {JSON}.")
        if isinstance(response, Listing):
            return ExportAnswer(self.request, response, wanted)
        items = self.route.response_model.model_fields["items"].annotation
        return ExportAnswer(self.request, Listing(Given(response.told), get_args(items)[0]), wanted)

    async def _read_successors(self) -> None:
        """Before the question's own transaction, which may want to choose how isolated it is; begun only where it is needed."""
        try:
            async with self.app.database.transaction() as session:
                await self.app.successors.read(session, self.request)
        except FAILURES as error:
            raise refusal_of(error) from error

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
        posting = self.request.method == "POST"
        key = idempotency.read_key(joined(self.request, idempotency.HEADER)) if posting else None
        digest = await self._take_upload() if self.route.upload else await self._take_json()
        if key is None:
            return None
        kind = self.request.headers.get("content-type", "")
        mark = idempotency.fingerprint(self.request.scope["query_string"], kind, digest)
        # a person is not the client she came through, and another role another principal
        asking = f"{self.principal.subject} as {self.principal.role}"
        return idempotency.Attempt(asking, "POST", self.request.url.path, key, mark)

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

    async def _patiently(self, attempt: idempotency.Attempt | None, covered: consistency.Token) -> Response:
        """An id that is not known yet is waited for, two seconds at most, between transactions."""
        patience = PatienceOutside()
        before = common_patience.set(patience)
        try:
            while True:
                try:
                    return await self._in_one_transaction(attempt, covered)
                except OnItsWay:
                    await patience.outside()
        finally:
            common_patience.reset(before)

    async def _in_one_transaction(self, attempt: idempotency.Attempt | None, covered: consistency.Token) -> Response:
        for left in reversed(range(RETRIES)):
            try:
                return await self._once(attempt, covered)
            except FAILURES as error:
                if not (left and may_repeat(error, self.committing)):
                    raise refusal_of(error, self.committing) from error
        raise errors.ServiceUnavailable()

    async def _once(self, attempt: idempotency.Attempt | None, covered: consistency.Token) -> Response:
        self.committing = False
        async with LaterTransaction(self.app.database) as transaction:
            self.state.transaction = transaction
            if self.route.reads:
                response = await self._read(transaction)
            else:
                response = await self._write(await transaction.begun(), attempt, covered)
            self.committing = True
        return response

    async def _read(self, transaction: LaterTransaction) -> Response:
        """Most reads begin no transaction: their questions go by `shared.reading`."""
        response = await self._handled()
        if self.app.receipts and self.principal.role in receipts.READERS:
            await self._leave_receipts(await transaction.begun(), response, self.app.receipts)
        if transaction.session and (event := transaction.session.info.get("last_event")):
            response.covers = event  # type: ignore[attr-defined]
        return response

    async def _leave_receipts(self, session: AsyncSession, response: Response, kept: receipts.Receipts) -> None:
        await receipts.note_answer(session, self.principal, getattr(response, "told", ()), kept.consents)
        await receipts.hand_over(session, self.principal, self.route.name, kept.keep)

    async def _write(
        self, session: AsyncSession, attempt: idempotency.Attempt | None, covered: consistency.Token
    ) -> Response:
        if attempt and (kept := await idempotency.begin(session, attempt)):
            await self._refuse_unseen(session, kept)
            return kept
        if self.app.successors:
            await self.app.successors.read(session, self.request)
        response = await self._handled()
        if self.app.receipts:
            await receipts.hand_over(session, self.principal, self.route.name, self.app.receipts.keep)
        self._finish_write(response, session, covered)
        if attempt and response.status_code < 300:
            await idempotency.keep(session, attempt, response)
        return response

    async def _refuse_unseen(self, session: AsyncSession, kept: Response) -> None:
        """What may not be seen any more is not repeated either."""
        id = getattr(kept, "resource_id", None)
        known = session.info["visibility"]
        if id and not await known.sees(session, session.info["who"], UUID(id)):
            raise errors.NotFound()

    async def _handled(self) -> Response:
        try:
            return await self.handle(self.request)
        except errors.AlreadyExists as error:
            # commands know the id; only the door knows the address
            location = (error.headers or {}).get("Location", "/")
            if not location.startswith("/"):
                path = self.request.url.path
                collection = path.rpartition("/")[0] if self.request.method == "PATCH" else path
                error.headers = {**(error.headers or {}), "Location": f"{collection}/{location}"}
            raise
        except errors.NotFound as error:
            if not self.route.reads and IfMatch.read(joined(self.request, "If-Match")).wants_any:
                raise errors.PreconditionFailed() from error
            raise

    def _finish_write(self, response: Response, session: AsyncSession, covered: consistency.Token) -> None:
        token = covered.after_write(self.app.service, session.info.get("last_event"))
        response.headers[consistency.HEADER] = self.app.tokens.write(token)
        new_id = getattr(response, "resource_id", None)
        if response.status_code == 201 and new_id and "Location" not in response.headers:
            response.headers["Location"] = f"{self.request.url.path}/{new_id}"

    def _conditional(self, response: Response, known: NoneMatch) -> Response:
        response.headers.setdefault("Cache-Control", "private, no-cache")
        response.headers["Vary"] = "Authorization, Accept"
        if self.route.reads and response.status_code == 200 and known.includes(response.headers.get("ETag")):
            kept = {name: value for name, value in response.headers.items() if name in KEPT_UNMODIFIED}
            return Response(status_code=304, headers=kept)
        return response


# --- what routes ask for ---------------------------------------------------------------------------------------


async def session_of(request: Request) -> AsyncSession:
    transaction: LaterTransaction = request.state.transaction
    return await transaction.begun()


async def reader_of(request: Request) -> Reader:
    return request.app.state.database.reader  # type: ignore[no-any-return]


async def principal_of(request: Request) -> Principal:
    return request.state.principal  # type: ignore[no-any-return]


async def required_match(request: Request) -> IfMatch:
    return IfMatch.read(joined(request, "If-Match")).required()


async def optional_match(request: Request) -> IfMatch:
    return IfMatch.read(joined(request, "If-Match"))


async def patch_of(request: Request) -> Patch:
    if not isinstance(request._json, dict):
        raise errors.ValidationFailed(errors=[errors.pointer("wrong_type", "A merge patch must be an object.")])
    return Patch(request._json)


ReaderDep = Annotated[Reader, Depends(reader_of)]  # for what asks for one row: see `ResourceColumns.read`
SessionDep = Annotated[AsyncSession, Depends(session_of)]
PrincipalDep = Annotated[Principal, Depends(principal_of)]
IfMatchDep = Annotated[IfMatch, Depends(required_match)]
VerbMatchDep = Annotated[IfMatch, Depends(optional_match)]
PatchDep = Annotated[Patch, Depends(patch_of)]
