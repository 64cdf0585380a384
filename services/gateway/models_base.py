"""The base of the gateway's tables: a registry of its own, so that it can live beside a service in one test process."""

from sqlalchemy.orm import registry
from sqlmodel import SQLModel


class Base(SQLModel, registry=registry()):
    pass
