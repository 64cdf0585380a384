"""An `external_ref` in a row: each client gives every reference to one resource of a collection, by whichever way it is made.

refs = await Refs.of(session, Visit, [row.values.external_ref for row in rows], job.by)
refs.taken(ref, visit)    # another resource of the same client has it
refs.changed(ref, visit)  # it is news to this one
"""

from collections.abc import Hashable, Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.db import ResourceColumns
from shared.imports.importer import Rejected
from shared.sets import among

REF = "external_ref"
TAKEN = Rejected.because(REF, "taken", "You have used this external_ref for another record.")


def keys_with(key: Hashable, external_ref: str | None) -> list[Hashable]:
    """In a file neither may be there twice."""
    return [key, (REF, external_ref)] if external_ref else [key]


class Refs:
    def __init__(self, by: str, holders: Mapping[str, UUID]) -> None:
        self._by, self._holders = by, holders

    @classmethod
    async def of(
        cls, session: AsyncSession, model: type[ResourceColumns], refs: Iterable[str | None], by: str
    ) -> "Refs":
        """`by`: whose references they are."""
        given = {ref for ref in refs if ref}
        if not given:
            return cls(by, {})
        columns: Any = (model.external_ref, model.id)
        mine = select(*columns).where(among(col(model.external_ref), given), col(model.created_by) == by)
        return cls(by, dict((await session.exec(mine)).all()))

    def taken(self, external_ref: str | None, present: ResourceColumns | None) -> bool:
        """`present`: what the rest of the row names, if it is there."""
        holder = self._holders.get(external_ref or "")
        return holder is not None and (present is None or holder != present.id)

    def changed(self, external_ref: str | None, present: ResourceColumns) -> bool:
        """What another client made keeps that client's reference; a cell left empty says nothing."""
        ours = present.created_by in (None, "", self._by)
        return ours and external_ref is not None and external_ref != present.external_ref
