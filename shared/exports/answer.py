"""A list as a file: all of it, as it was at one moment, with the eyes of whoever asks. It holds a batch of rows in memory.

What fails before the first byte is told as a problem; after that the connection breaks, so that nobody takes the file for whole.
"""

import asyncio
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any

import structlog
from fastapi import Request
from pydantic import BaseModel
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import Response

from shared import receipts
from shared.exports.collections import Collection, collection_of
from shared.exports.forms import CsvForm, Form, NdjsonForm
from shared.exports.listing import Listing
from shared.files.media import CSV, ENDINGS, NDJSON, XLSX
from shared.files.workbooks import Workbook
from shared.outages import FAILURES, refusal_of
from shared.telemetry import Receive, Scope, Send

FILES = (CSV, NDJSON, XLSX)
FORMS: dict[str, type[CsvForm] | type[NdjsonForm]] = {CSV: CsvForm, NDJSON: NdjsonForm}
PIECE = 64 * 1024
log = structlog.get_logger()


class ExportAnswer(Response):
    """Made while the request's transaction lasts, read afterwards in one of its own."""

    def __init__(self, request: Request, listing: Listing, media_type: str) -> None:
        super().__init__(media_type=media_type)
        del self.headers["content-length"]
        name = request.scope["route"].name.removeprefix("list_").replace("_", "-")
        self.headers["Content-Disposition"] = f'attachment; filename="{name}.{ENDINGS[media_type]}"'
        self.media_type = media_type
        self._request, self._listing = request, listing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope.get("score.head"):
            await self._begin(send)
            await send({"type": "http.response.body", "body": b""})
            return
        watch = asyncio.create_task(until_gone(receive))
        try:
            await self._send_all(send, watch)
        finally:
            watch.cancel()

    async def _send_all(self, send: Send, watch: asyncio.Task[None]) -> None:
        """The head goes with the first piece."""
        begun = False
        async with aclosing(self._pieces()) as pieces:
            async for piece in pieces:
                if watch.done():
                    log.info("the client left an export")
                    return
                if not begun:
                    await self._begin(send)
                    begun = True
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    async def _begin(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})

    async def _pieces(self) -> AsyncGenerator[bytes, None]:
        try:
            async with self._request.app.state.database.snapshot() as session:
                collection = await collection_of(session, self._request, self._listing)
                inner = self._book(session, collection) if self.media_type == XLSX else self._text(session, collection)
                async with aclosing(inner) as pieces:
                    async for piece in pieces:
                        yield piece
        except FAILURES as error:
            raise refusal_of(error) from error

    async def _text(self, session: AsyncSession, collection: Collection) -> AsyncGenerator[bytes, None]:
        """The names of the columns with the first batch."""
        form: Form = FORMS[str(self.media_type)](collection.columns)
        before = form.head()
        async for rows in self._rows(session, collection):
            piece = await asyncio.to_thread(form.piece, rows)
            yield before + piece
            before = b""
        yield before

    async def _book(self, session: AsyncSession, collection: Collection) -> AsyncGenerator[bytes, None]:
        """Whole on the disk before its first byte goes."""
        with tempfile.TemporaryDirectory(prefix="score-export-") as folder:
            path = Path(folder) / "book.xlsx"
            title = self._listing.out.__name__.removesuffix("Out")
            book = Workbook(path, [column.name for column in collection.columns], title)
            try:
                async for rows in self._rows(session, collection):
                    await asyncio.to_thread(book.add, collection.cells(rows))
            finally:
                await asyncio.to_thread(book.close)
            self.headers["Content-Length"] = str(path.stat().st_size)
            with path.open("rb") as file:
                while piece := await asyncio.to_thread(file.read, PIECE):
                    yield piece

    async def _rows(self, session: AsyncSession, collection: Collection) -> AsyncIterator[Sequence[Mapping[str, Any]]]:
        async for batch in self._listing.source.batches(session):
            models, answers = await asyncio.to_thread(told, self._listing.out, batch)
            await self._leave_receipts(models)
            yield await collection.as_rows(session, batch, answers)

    async def _leave_receipts(self, models: Sequence[BaseModel]) -> None:
        """Before the rows go: no row leaves without its receipt, whatever dies."""
        principal, state = self._request.state.principal, self._request.app.state
        kept: receipts.Receipts | None = state.receipts
        if kept is None or principal.role not in receipts.READERS:
            return
        async with state.database.transaction() as session:
            await receipts.note_answer(session, principal, models, kept.consents)
            await receipts.hand_over(session, principal, self._request.scope["route"].name, kept.keep)


def told(out: type[BaseModel], batch: Sequence[Any]) -> tuple[list[BaseModel], list[dict[str, Any]]]:
    models = [out.model_validate(one, from_attributes=True) for one in batch]
    return models, [one.model_dump(mode="json") for one in models]


async def until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
