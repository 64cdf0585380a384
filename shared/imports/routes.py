"""The operations of a collection's imports, the same for each."""

from collections.abc import Mapping, Sequence
from inspect import Parameter, Signature
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, Path, Query, Request
from sqlalchemy import RowMapping
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.background import BackgroundTask
from starlette.responses import Response, StreamingResponse

from shared import errors
from shared.answers import JsonAnswer, PageAnswer
from shared.auth import Principal
from shared.contract import page_of
from shared.db import uuid7
from shared.files.media import ENDINGS
from shared.imports import arrival, jobs
from shared.imports.files import TAKEN
from shared.imports.importer import Importer, ImportQuery, Job, Mode
from shared.imports.jobs import Record
from shared.imports.persons import Persons
from shared.imports.rejects import as_kept, rejected_rows
from shared.negotiation import check_accept
from shared.pagination import PageQuery, PagesDep, each, terms
from shared.routing import PrincipalDep, Router, SessionDep
from shared.types import Answer, Id, Instant

State = Literal["queued", "running", "succeeded", "failed", "cancelled"]
SEE_ALL = ("programme_admin", "auditor")
END_ALL = ("programme_admin",)


class ImportProgress(Answer):
    done: int
    total: int


class ImportSummary(Answer):
    received: int
    created: int
    updated: int
    unchanged: int
    rejected: int


class ImportOut(Answer):
    id: Id
    state: State
    mode: Mode
    progress: ImportProgress
    summary: ImportSummary
    problem: dict[str, Any] | None
    created_at: Instant
    finished_at: Instant | None

    @classmethod
    def of(cls, row: Mapping[Any, Any]) -> "ImportOut":
        """`received` are the rows worked through so far."""
        counts = {name: row[name] for name in ("created", "updated", "unchanged", "rejected")}
        return cls(
            **{name: row[name] for name in ("id", "state", "mode", "problem", "created_at", "finished_at")},
            progress=ImportProgress(done=row["done"], total=row["total"]),
            summary=ImportSummary(received=row["done"], **counts),
        )


class ImportErrorOut(Answer):
    """`row` 1 is the first record; `column` null is the row as a whole; `value` has at most 200 characters."""

    row: int
    column: str | None
    code: str
    detail: str
    value: str | None


class ImportsQuery(PageQuery):
    state: Annotated[str | None, each(State)] = None

    def filters(self) -> dict[str, Any]:
        return {"state": self.state} if self.state else {}


async def told_imports(_: AsyncSession, rows: Sequence[RowMapping]) -> list[ImportOut]:
    return [ImportOut.of(row) for row in rows]


class PathIds:
    """A dependency that reads and documents the ids in a path."""

    def __init__(self, names: list[str]) -> None:
        parameters = [Parameter(name, Parameter.KEYWORD_ONLY, annotation=Annotated[Id, Path()]) for name in names]
        self.__signature__ = Signature(parameters)

    def __call__(self, **ids: UUID) -> dict[str, UUID]:
        return ids


def import_routes(router: Router, importer: Importer[Any] | type[Importer[Any]], under: str = "") -> None:
    """Adds them below `<prefix><under>/imports`; `under` may have ids, which the importer finds in `Job.ids`.

    They come first in the router: `/{id}` must not take `/imports` for an id.
    """
    before = len(router.routes)
    ImportRoutes(router, importer, under).add()
    router.routes[:] = [*router.routes[before:], *router.routes[:before]]


class ImportRoutes:
    def __init__(self, router: Router, importer: Importer[Any] | type[Importer[Any]], under: str) -> None:
        self._router, self._collection, self._row, self._query = (
            router,
            importer.collection,
            importer.row,
            importer.query,
        )
        self._path = f"{under}/imports"
        self._noun = importer.collection.replace("-", "_")
        self._ids = PathIds([part[1:-1] for part in under.split("/") if part.startswith("{")])

    def add(self) -> None:
        one = f"{self._path}/{{import_id}}"
        self._router.add_api_route(self._path, self._start(), methods=["POST"], **self._about_start())
        self._add(self._path, self._list(), f"list_{self._noun}_imports", response_model=page_of(ImportOut))
        self._add(one, self._show(), f"get_{self._noun}_import", response_model=ImportOut)
        errors_page = page_of(ImportErrorOut)
        self._add(f"{one}/errors", self._list_errors(), f"list_{self._noun}_import_errors", response_model=errors_page)
        self._add(f"{one}/rejected", self._show_rejected(), f"get_{self._noun}_import_rejected", **FILE)
        cancelling: dict[str, Any] = {"status_code": 202, "response_model": ImportOut}
        self._add(one, self._cancel(), f"cancel_{self._noun}_import", methods=["DELETE"], **cancelling)

    def _add(self, path: str, endpoint: Any, name: str, **options: Any) -> None:
        self._router.add_api_route(path, endpoint, name=name, **({"methods": ["GET"]} | options))

    def _about_start(self) -> dict[str, Any]:
        text = {"schema": {"type": "string", "format": "binary"}}
        columns = f"Columns, those with ? may be absent: {arrival.columns_in_words(self._row)}"
        body = {"required": True, "description": columns, "content": dict.fromkeys(TAKEN, text)}
        location = {"description": "Where the import tells how it goes", "schema": {"type": "string"}}
        return {
            "name": f"import_{self._noun}",
            "status_code": 202,
            "response_model": ImportOut,
            "responses": {202: {"headers": {"Location": location}}},
            "openapi_extra": {"x-upload": True, "x-imports": self._collection, "requestBody": body},
        }

    def _start(self) -> Any:
        async def start(
            request: Request, session: SessionDep, principal: PrincipalDep, query: Any, ids: dict[str, UUID]
        ) -> Response:
            """Take a file; what is wrong with single rows is told by the import, not here."""
            return await started(request, session, self._importer(request), new_job(principal, ids, query), query)

        start.__annotations__ |= {"query": Annotated[self._query, Query()], "ids": self._ids_annotation()}
        return start

    def _importer(self, request: Request) -> Importer[Any]:
        return request.app.state.importers[self._collection]  # type: ignore[no-any-return]

    def _ids_annotation(self) -> Any:
        return Annotated[dict[str, UUID], Depends(self._ids)]

    def _with_ids(self, endpoint: Any) -> Any:
        endpoint.__annotations__["ids"] = self._ids_annotation()
        return endpoint

    def _show(self) -> Any:
        async def show(session: SessionDep, principal: PrincipalDep, import_id: Id, ids: dict[str, UUID]) -> JsonAnswer:
            """How an import goes."""
            return progress_answer(await self._visible(session, principal, import_id, ids, SEE_ALL))

        return self._with_ids(show)

    def _list(self) -> Any:
        async def list_imports(
            pages: PagesDep, principal: PrincipalDep, query: Annotated[ImportsQuery, Query()], ids: dict[str, UUID]
        ) -> PageAnswer:
            """Imports of the last 30 days, the oldest first: one's own, or everybody's for administrators and auditors."""
            by = None if principal.role in SEE_ALL else principal.subject
            wanted = jobs.all_of(self._collection, ids, by, terms(query.state))
            return await pages.by_number(wanted, jobs.PLACE, ImportOut, query, told_imports)

        return self._with_ids(list_imports)

    def _list_errors(self) -> Any:
        async def list_errors(
            request: Request,
            pages: PagesDep,
            session: SessionDep,
            principal: PrincipalDep,
            import_id: Id,
            query: Annotated[PageQuery, Query()],
            ids: dict[str, UUID],
        ) -> PageAnswer:
            """What is wrong with the rows that were rejected, in the order of the file."""
            row = await self._visible(session, principal, import_id, ids, SEE_ALL)
            wanted, persons = (
                jobs.errors_of(import_id),
                Persons.of(self._importer(request), import_id, row["header"], session),
            )
            tell = persons.revealed_errors if persons else None
            return await pages.by_number(wanted, wanted.selected_columns.place, ImportErrorOut, query, tell)

        return self._with_ids(list_errors)

    def _show_rejected(self) -> Any:
        async def show_rejected(
            request: Request, session: SessionDep, principal: PrincipalDep, import_id: Id, ids: dict[str, UUID]
        ) -> Response:
            """The file with only the rejected rows and a column `error`; mend it and send it again as it is."""
            record = Record.of(await self._visible(session, principal, import_id, ids, SEE_ALL))
            check_accept(request, record.media_type)
            if record.total and not await jobs.has_file(session, import_id):
                raise errors.NotFound("The file is kept for 7 days after the end of its import.")
            ending = ENDINGS[record.media_type]
            headers = {"Content-Disposition": f'attachment; filename="{self._noun}-rejected.{ending}"'}
            persons = Persons.of(self._importer(request), import_id, record.header, session)
            rows = rejected_rows(request.app.state.database, record, persons.revealed if persons else as_kept)
            return StreamingResponse(rows, media_type=record.media_type, headers=headers)

        return self._with_ids(show_rejected)

    def _cancel(self) -> Any:
        async def cancel(
            session: SessionDep, principal: PrincipalDep, import_id: Id, ids: dict[str, UUID]
        ) -> JsonAnswer:
            """End an import; what `partial` has stored by then stays."""
            row = await self._visible(session, principal, import_id, ids, END_ALL)
            asked = await jobs.ask_to_cancel(session, import_id)
            if asked is None:
                now = await jobs.row_of(session, self._collection, import_id) or row
                raise errors.WrongState(now["state"], [])
            return JsonAnswer(ImportOut.of(asked), 202)

        return self._with_ids(cancel)

    async def _visible(
        self, session: AsyncSession, principal: Principal, id: UUID, ids: Mapping[str, UUID], roles: tuple[str, ...]
    ) -> RowMapping:
        """One's own, or anybody's for some roles; to others it is not there."""
        row = await jobs.row_of(session, self._collection, id)
        here = row is not None and row["ids"] == {name: str(one) for name, one in ids.items()}
        if row is None or not here or not (row["by"] == principal.subject or principal.role in roles):
            raise errors.NotFound()
        return row


FILE: dict[str, Any] = {
    "response_class": Response,
    "responses": {
        200: {"description": "The rejected rows", "content": {kind: {"schema": {"type": "string"}} for kind in TAKEN}}
    },
    "openapi_extra": {"x-produces": TAKEN},
}


def new_job(principal: Principal, ids: Mapping[str, UUID], query: ImportQuery) -> Job:
    return Job(uuid7(), principal.subject, ids, principal, arrival.options_of(query))


async def started(
    request: Request, session: AsyncSession, importer: Importer[Any], job: Job, query: ImportQuery
) -> Response:
    await arrival.keep(session, request.state.upload, importer, job, query)
    row = await jobs.row_of(session, importer.collection, job.id)
    answer = JsonAnswer(ImportOut.of(row or {}), 202)
    answer.headers["Location"] = f"{request.url.path}/{job.id}"

    async def wake() -> None:  # after the answer, hence after the commit
        request.app.state.imports.nudge()

    answer.background = BackgroundTask(wake)
    return answer


def progress_answer(row: RowMapping) -> JsonAnswer:
    """A finished import covers, for whoever sends its token on, all that it announced."""
    answer = JsonAnswer(ImportOut.of(row))
    if row["finished_at"] and row["last_event"]:
        answer.covers = row["last_event"]  # type: ignore[attr-defined]
    return answer
