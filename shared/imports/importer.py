"""What a collection says about its import: the shape of a row, its natural key, and how a batch of rows is stored.

class EnterpriseImporter(Importer[EnterpriseRow]):
    collection, row = "enterprises", EnterpriseRow

    def key(self, values: EnterpriseRow) -> Hashable: ...
    async def store(self, session, rows, job) -> list[Outcome]: ...
"""

from abc import ABC, abstractmethod
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Generic, Literal, TypeVar
from uuid import UUID

from pydantic import BaseModel
from sqlmodel.ext.asyncio.session import AsyncSession

Values = TypeVar("Values", bound=BaseModel)


@dataclass(frozen=True)
class Row(Generic[Values]):
    """One record of the file that has the right shape; `number` 1 is the first."""

    number: int
    values: Values


@dataclass(frozen=True)
class RowError:
    """Why a row is refused. `column` is its name in the file's notation (`workforce.total`), None for the whole row."""

    column: str | None
    code: str
    detail: str


@dataclass(frozen=True)
class Rejected:
    errors: Sequence[RowError]

    @classmethod
    def because(cls, column: str | None, code: str, detail: str) -> "Rejected":
        return cls([RowError(column, code, detail)])


Outcome = Literal["created", "updated", "unchanged"] | Rejected


@dataclass(frozen=True)
class Job:
    """The import a batch belongs to: who asked (`by`, whose `external_ref`s are meant) and the ids of its path."""

    id: UUID
    by: str
    ids: Mapping[str, UUID]


class Importer(ABC, Generic[Values]):
    """`row` is a pydantic `Input` model in the JSON names; a nested model gives columns with a dot (`workforce.total`)."""

    collection: ClassVar[str]
    row: ClassVar[type[BaseModel]]

    async def row_for(self, session: AsyncSession, job: Job) -> type[BaseModel]:
        """The shape of this very file's rows, where it depends on the path (a survey's answers)."""
        return self.row

    @abstractmethod
    def key(self, values: Values) -> Hashable:
        """The natural key as written: a second row with the same key is an error of that row."""

    @abstractmethod
    async def store(self, session: AsyncSession, rows: Sequence[Row[Values]], job: Job) -> list[Outcome]:
        """Stores a batch (at most some hundred rows with different keys); one outcome for each row, in their order.

        What a row does wrong is `Rejected`, never raised. History and events are written as by any command.
        """
