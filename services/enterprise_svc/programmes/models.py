from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from services.enterprise_svc.models_base import Base
from shared.db import ResourceColumns


class Programme(Base, ResourceColumns, table=True):
    """What phases are phases of."""

    __tablename__ = "programmes"
    __table_args__ = (
        UniqueConstraint("created_by", "external_ref", name="programmes_external_ref"),
        Index("programmes_ref", "external_ref"),
    )

    code: str = Field(unique=True)
    name: str
