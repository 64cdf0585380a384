from typing import Any

from sqlalchemy import Column, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.training_svc.models_base import Base, texts
from shared.db import ResourceColumns

FIRST_MODULE = "M1"  # compulsory, before any other
STANDARD = "standard"


class Module(Base, ResourceColumns, table=True):
    """A part of the training, with the ways in which it is delivered."""

    __tablename__ = "modules"
    __table_args__ = (UniqueConstraint("created_by", "external_ref", name="modules_external_ref"),)

    code: str = Field(unique=True)
    title: str
    prerequisites: list[str] = Field(default_factory=list, sa_column=texts())
    variants: list[dict[str, Any]] = Field(default_factory=list, sa_column=Column(JSONB, nullable=False))

    @property
    def variant_codes(self) -> list[str]:
        return [variant["code"] for variant in self.variants]

    def variant(self, code: str) -> dict[str, Any]:
        return next(variant for variant in self.variants if variant["code"] == code)
