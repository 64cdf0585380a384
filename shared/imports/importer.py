"""What a collection says about its import: the shape of a row, its natural key, and how a batch of rows is stored.

class EnterpriseImporter(Importer[EnterpriseRow]):
    collection, row = "enterprises", EnterpriseRow

    def key(self, values: EnterpriseRow) -> Hashable: ...
    async def store(self, session, rows, job) -> list[Outcome]: ...
"""

from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, Literal, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.auth import Principal

Values = TypeVar("Values", bound=BaseModel)


@dataclass(frozen=True)
class Row(Generic[Values]):
    """One record of the file that has the right shape; `number` 1 is the first. `id`: the resource it says it is about."""

    number: int
    values: Values
    id: UUID | None = None


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


class Overtaken(Exception):
    """What the rows were compared with has changed meanwhile: the transaction is done again."""


Mode = Literal["dry_run", "atomic", "partial"]
NOBODY = Principal(subject="", client_id="", role="", scopes=frozenset())


class ImportQuery(BaseModel):
    """Parameters of every import; a collection with further ones extends it and finds them in `Job.options`."""

    model_config = ConfigDict(extra="forbid")

    mode: Mode


@dataclass(frozen=True)
class Job:
    """The import a batch belongs to: who asked (`by`, whose `external_ref`s are meant) and the ids of its path.

    `principal` is who asked, with role and countries; `options` are the query parameters beside the mode.
    """

    id: UUID
    by: str
    ids: Mapping[str, UUID]
    principal: Principal = NOBODY
    options: Mapping[str, Any] = field(default_factory=dict)


class Importer(ABC, Generic[Values]):
    """`row` is a pydantic `Input` model in the JSON names; a nested model gives columns with a dot (`workforce.total`)."""

    collection: ClassVar[str]
    row: ClassVar[type[BaseModel]]
    query: ClassVar[type[ImportQuery]] = ImportQuery
    secret_columns: ClassVar[frozenset[str]] = (
        frozenset()
    )  # their cells are kept, read and answered as `conceal` gives them

    personal_columns: ClassVar[frozenset[str]] = frozenset()  # their cells name persons: see `shared.imports.persons`
    fields_beside: ClassVar[frozenset[str]] = frozenset()  # of a row, that `as_rows` adds to what the list answers

    def conceal(self, job: Job, cell: str) -> str:
        """What is kept instead of a cell of `secret_columns`: the same for the same, and itself for what was concealed before
        (rejected rows are sent again as they were given back)."""
        return cell

    async def row_for(self, session: AsyncSession, job: Job) -> type[BaseModel]:
        """The shape of this very file's rows, where it depends on the path (a survey's answers)."""
        return self.row

    async def row_of_files(self, session: AsyncSession, ids: Mapping[str, UUID]) -> type[BaseModel]:
        """The shape of the rows of an export; `ids` are those of its path."""
        return await self.row_for(session, Job(UUID(int=0), "", ids))

    async def as_rows(
        self, session: AsyncSession, resources: Sequence[Any], answers: Sequence[dict[str, Any]]
    ) -> Sequence[Mapping[str, Any]]:
        """`resources` as rows of a file that could be sent here; `answers` are what the list answers of them."""
        return answers

    @abstractmethod
    def key(self, values: Values) -> Hashable:
        """The natural key as written: a second row with the same key is an error of that row."""

    def keys(self, values: Values) -> Iterable[Hashable]:
        """All natural keys of a row, where it may have several (an enterprise's identifiers); rows may share none."""
        return (self.key(values),)

    @abstractmethod
    async def store(self, session: AsyncSession, rows: Sequence[Row[Values]], job: Job) -> list[Outcome]:
        """Stores a batch (at most some hundred rows with different keys); one outcome for each row, in their order.

        What a row does wrong is `Rejected`, never raised. History and events are written as by any command.
        """

    async def conclude(self, session: AsyncSession) -> None:
        """The last of each transaction whose rows are to stay, for what only its end can tell; raises `Overtaken`."""
