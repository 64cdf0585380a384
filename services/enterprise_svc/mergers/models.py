from uuid import UUID

from sqlmodel import Field

from services.enterprise_svc.models_base import Base
from shared.successors import SuccessorColumns


class MergedEnterprise(Base, SuccessorColumns, table=True):
    """Which enterprises are read as another; one whose merger was undone stays with neither."""

    __tablename__ = "merged_enterprises"


class LaterFact(Base, table=True):
    """That another service recorded something for an enterprise into which others had been merged; `kind` says what."""

    __tablename__ = "later_facts"

    id: UUID = Field(primary_key=True)
    version: int
    kind: str
    enterprise_id: UUID = Field(index=True)
    recorded_under: UUID | None = None
