"""The history of a person's resource, as it is answered."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping
from sqlmodel.ext.asyncio.session import AsyncSession

from shared import history
from shared.answers import PageAnswer
from shared.pagination import PageQuery, Pages
from shared.personal.changes import revealed_changes
from shared.tables import history as table


class PersonChange(history.Change):
    """What one request changed: `by` is the client, `version` what the resource became. Of a person who was erased, personal
    fields are named and null."""


async def changes_of(pages: Pages, person: UUID, query: PageQuery) -> PageAnswer:
    async def tell(session: AsyncSession, rows: Sequence[RowMapping]) -> list[dict[str, Any]]:
        told = await revealed_changes(session, person, [row["changes"] for row in rows])
        return [{**row, "changes": changes} for row, changes in zip(rows, told, strict=True)]

    return await pages.by_number(history.changes_of(person), table.c.version, PersonChange, query, tell)
