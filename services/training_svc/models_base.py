"""The base of this service's tables: a registry of its own, so that two services can live in one test process."""

from typing import Any

from sqlalchemy import Column, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import registry
from sqlmodel import SQLModel

PERSONAL = {"personal": True}  # `info` of a column that tells who a person is


class Base(SQLModel, registry=registry()):
    pass


def texts() -> Column[Any]:
    return Column(ARRAY(Text), nullable=False)
