"""The base of this service's tables: a registry of its own, so that two services can live in one test process."""

from sqlalchemy.orm import registry
from sqlmodel import SQLModel


class Base(SQLModel, registry=registry()):
    pass
