"""What a collection says of its own files: its importer's columns, and how its resources stand in them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from fastapi import Request
from pydantic import BaseModel
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.exports.columns import Exported, columns_of
from shared.exports.listing import Listing
from shared.files.columns import OF_RESOURCES
from shared.files.workbooks import Cell

Rows = Sequence[Mapping[str, Any]]


class Files(Protocol):
    """What is asked of an `Importer` here."""

    secret_columns: frozenset[str]
    fields_beside: frozenset[str]

    async def row_of_files(self, session: AsyncSession, ids: Mapping[str, UUID]) -> type[BaseModel]: ...

    async def as_rows(
        self, session: AsyncSession, resources: Sequence[Any], answers: Sequence[dict[str, Any]]
    ) -> Rows: ...


@dataclass(frozen=True)
class Collection:
    columns: Sequence[Exported]
    importer: Files | None

    def cells(self, rows: Rows) -> Iterator[list[Cell]]:
        return ([column.cell(row) for column in self.columns] for row in rows)

    async def as_rows(self, session: AsyncSession, resources: Sequence[Any], answers: Sequence[dict[str, Any]]) -> Rows:
        return answers if self.importer is None else await self.importer.as_rows(session, resources, answers)


async def collection_of(session: AsyncSession, request: Request, listing: Listing) -> Collection:
    importer = importer_of(request)
    if importer is None:
        return Collection(columns_of(listing.out, None), None)
    ids = {name: UUID(value) for name, value in request.path_params.items()}
    row = await importer.row_of_files(session, ids)
    told = {*listing.out.model_fields, *importer.fields_beside, *OF_RESOURCES}
    columns = columns_of(listing.out, row, importer.secret_columns)
    return Collection([column for column in columns if column.path[0] in told], importer)


def importer_of(request: Request) -> Files | None:
    """The one whose files come to `<path of this list>/imports`."""
    mine = f"{request.scope['route'].path_format}/imports"
    for route in request.app.routes:
        name = getattr(route, "imports", None)
        if name and route.path_format == mine:
            found: Files = request.app.state.importers[name]
            return found
    return None
