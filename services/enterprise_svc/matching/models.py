from uuid import UUID

from sqlalchemy import BigInteger, Column, Index
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from services.enterprise_svc.models_base import Base


class MatchKeys(Base, table=True):
    """Under which blocking keys an enterprise is found, and under which its likes are. Without a fence of its own: it tells
    numbers only, and no route selects from it; whom they lead to is looked up behind the fence.
    """

    __tablename__ = "match_keys"
    # no list of pending entries: each search would read it whole
    __table_args__ = (Index("match_keys_keys", "keys", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),)

    enterprise_id: UUID = Field(primary_key=True, foreign_key="enterprises.id")
    keys: list[int] = Field(default_factory=list, sa_column=Column(ARRAY(BigInteger), nullable=False))
    keys_around: list[int] = Field(default_factory=list, sa_column=Column(ARRAY(BigInteger), nullable=False))
