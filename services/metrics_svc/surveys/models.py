from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID, uuid4

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.metrics_svc.models_base import Base
from shared.db import ResourceColumns, choice, now


class Category(StrEnum):
    """Whom a response comes from."""

    MANAGER = "manager"
    WORKER = "worker"


class Scale(StrEnum):
    YES_NO = "yes_no"
    FIVE_POINT = "five_point"


class Survey(Base, ResourceColumns, table=True):
    """Questions put to managers and workers. `items`: `[{"code", "text", "scale", "about"}]`."""

    __tablename__ = "surveys"
    __table_args__ = (UniqueConstraint("created_by", "external_ref", name="surveys_external_ref"),)

    code: str = Field(unique=True)
    title: str
    country: str | None = Field(default=None, index=True)
    partnership_id: UUID | None = Field(default=None, index=True)
    phase_id: UUID | None = Field(default=None, index=True)
    conducted_on: date
    items: list[dict[str, Any]] = Field(default_factory=list, sa_column=Column(JSONB, nullable=False))

    def items_about(self, category: str) -> dict[str, str]:
        """Scale of each item that `category` was asked, by its code."""
        return {item["code"]: item["scale"] for item in self.items if category in item["about"]}


def today() -> datetime:
    """The day, and no more."""
    return datetime.combine(now().date(), time(), UTC)


class SurveyResponse(Base, ResourceColumns, table=True):
    """One anonymous interview. Nothing in it tells when in the day it came, or after which other: its id is random, its instants
    are days, and it has no history and no events. `slip` is the keyed hash of its number. `answers` hold no blanks."""

    __tablename__ = "survey_responses"
    __table_args__ = (
        UniqueConstraint("survey_id", "slip", name="survey_responses_slip"),
        Index("survey_responses_of_survey", "survey_id", "category"),
    )
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    created_at: datetime = Field(default_factory=today, index=True)
    updated_at: datetime = Field(default_factory=today, index=True)
    survey_id: UUID = Field(sa_column=Column(ForeignKey("surveys.id"), nullable=False))
    enterprise_id: UUID = Field(index=True)
    recorded_under: UUID | None = Field(default=None, index=True)
    category: Category = Field(sa_type=choice(Category))
    sex: str | None = None
    slip: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    answers: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSONB, nullable=False))

    CONTENT: ClassVar = ("enterprise_id", "category", "sex", "answers")

    def says(self, values: Mapping[str, Any]) -> bool:
        return all(getattr(self, name) == values[name] for name in self.CONTENT)


class ToldAnswers(Base, table=True):
    """What was counted of an item when it was last told outside the programme: by response, category and whether it agrees."""

    __tablename__ = "told_answers"

    survey_id: UUID = Field(sa_column=Column(ForeignKey("surveys.id"), primary_key=True))
    item: str = Field(primary_key=True)
    answers: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
