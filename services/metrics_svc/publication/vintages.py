"""What has been told, row by row. What is told next is held against it; it is told again where a revision would isolate few."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.metrics_svc.publication.contributions import Contributions, digest_of, read, written
from services.metrics_svc.publication.models import ToldContributions, Vintage
from services.metrics_svc.suppression.cells import Cell

AT_ONCE = 1_000  # parameters of a statement
PUBLIC = UUID(int=0)  # who has no organisation, and hears what consents given to the public open
ONE_AT_A_TIME = text("lock table vintages in share row exclusive mode")


@dataclass(frozen=True)
class ToldRow:
    """`organisation_id`: to whom alone it was told, by the consents it has; None: to everybody. `said`: which figures of the row;
    `numbers`: those that are not computed of the contributions."""

    as_of: date
    cell: Cell
    organisation_id: UUID | None
    row: str
    said: frozenset[str]
    numbers: Mapping[str, int]
    contributions: Contributions
    digest: bytes

    @property
    def place(self) -> tuple[date, Cell, UUID | None, str]:
        return self.as_of, self.cell, self.organisation_id, self.row

    def is_more_than(self, other: "ToldRow | None") -> bool:
        """Whether it tells anything but what the other did."""
        if other is None:
            return True
        return (self.digest, self.said, self.numbers) != (other.digest, other.said, other.numbers)

    def columns(self) -> dict[str, Any]:
        where = {"country": self.cell.country, "kind": self.cell.kind, "key": self.cell.key}
        what = {"said": sorted(self.said), "numbers": dict(self.numbers), "digest": self.digest}
        return where | what | {"as_of": self.as_of, "organisation_id": self.organisation_id, "row": self.row}


@dataclass
class Vintages:
    """As far as this process knows them: `told` in the order of `last`, the number of the latest."""

    last: int = 0
    told: list[ToldRow] = field(default_factory=list)
    newest: dict[tuple[date, Cell, UUID | None, str], ToldRow] = field(default_factory=dict)
    _contributions: dict[bytes, Contributions] = field(default_factory=dict)

    async def catch_up(self, connection: AsyncConnection) -> None:
        one: Any = Vintage
        columns = (one.number, one.as_of, one.country, one.kind, one.key, one.organisation_id, one.row, one.said)
        wanted = select(*columns, one.numbers, one.digest).where(one.number > self.last).order_by(one.number)
        found = (await connection.execute(wanted)).all()
        await self._learn(connection, {row.digest for row in found} - self._contributions.keys())
        for number, as_of, country, kind, key, organisation_id, row, said, numbers, digest in found:
            cell, contributions = Cell(country, kind, key), self._contributions[digest]
            self._add(ToldRow(as_of, cell, organisation_id, row, frozenset(said), numbers, contributions, digest))
            self.last = number

    def of(self, organisation_id: UUID | None) -> list[ToldRow]:
        """What was told to it alone."""
        return [one for one in self.told if one.organisation_id == organisation_id]

    async def _learn(self, connection: AsyncConnection, digests: set[bytes]) -> None:
        one: Any = ToldContributions
        for some in batched(sorted(digests), AT_ONCE):
            found = (await connection.execute(select(one.digest, one.of).where(one.digest.in_(some)))).all()
            self._contributions |= await asyncio.to_thread(documents_read, found)

    def _add(self, one: ToldRow) -> None:
        self.told.append(one)
        self.newest[one.place] = one


def documents_read(found: Sequence[Any]) -> dict[bytes, Contributions]:
    return {digest: read(document) for digest, document in found}


def batched(digests: Sequence[bytes], most: int) -> Iterator[Sequence[bytes]]:
    return (digests[n : n + most] for n in range(0, len(digests), most))


async def write_down(connection: AsyncConnection, told: Sequence[ToldRow], last: int) -> bool:
    """False if others have told more since `last`: then this has to be thought over. One at a time writes, so that two tellings
    that must not both be made are not."""
    await connection.execute(ONE_AT_A_TIME)
    if (await connection.scalar(select(func.max(Vintage.number))) or 0) != last:
        return False
    contributions = {one.digest: one.contributions for one in told}
    documents = [{"digest": digest, "of": written(of)} for digest, of in contributions.items()]
    await connection.execute(insert(ToldContributions).values(documents).on_conflict_do_nothing())
    await connection.execute(insert(Vintage), [one.columns() for one in told])
    return True


def digest(contributions: Contributions) -> bytes:
    return digest_of(written(contributions))
