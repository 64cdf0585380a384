"""The word once given on a cell: kept, so that the same question has the same answer."""

from collections import defaultdict
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.metrics_svc.publication.figures import Word
from services.metrics_svc.publication.models import ToldCell
from services.metrics_svc.suppression.cells import Cell


async def word_of(connection: AsyncConnection, as_of: date) -> Word:
    one: Any = ToldCell
    rows = await connection.execute(select(one.country, one.kind, one.key, one.shown).where(one.as_of == as_of))
    word: dict[str, dict[Cell, bool]] = defaultdict(dict)
    for country, kind, key, shown in rows:
        for name, is_shown in shown.items():
            word[name][Cell(country, kind, key)] = is_shown
    return word


async def keep_word(connection: AsyncConnection, as_of: date, cell: Cell, shown: dict[str, bool]) -> None:
    """Written only where it says more than before, or less. Of a cell that nobody is in there is no word: days and divisions that
    somebody makes up leave nothing behind."""
    if not shown:
        return
    row = {"as_of": as_of, "country": cell.country, "kind": cell.kind, "key": cell.key, "shown": shown}
    known: Any = ToldCell
    added = insert(ToldCell).values(row)
    changed = known.shown.op("||")(added.excluded.shown)
    await connection.execute(
        added.on_conflict_do_update(
            index_elements=["as_of", "country", "kind", "key"],
            set_={"shown": changed},
            where=known.shown.op("is distinct from")(changed),
        )
    )
