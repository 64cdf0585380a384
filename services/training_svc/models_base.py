"""The base of this service's tables: a registry of its own, so that two services can live in one test process."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import registry
from sqlmodel import SQLModel

from shared.errors import WrongState

PERSONAL = {"personal": True}  # `info` of a column that tells who a person is
ERASED = "erased"


class Base(SQLModel, registry=registry()):
    pass


class Erasable:
    """A person's resource: once the person is erased nothing of it changes any more."""

    if TYPE_CHECKING:
        erased_at: datetime | None  # a column of the class; what is annotated here would become one

    def refuse_if_erased(self) -> None:
        if self.erased_at is not None:
            raise WrongState(ERASED, [])


def texts() -> Column[Any]:
    return Column(ARRAY(Text), nullable=False)
