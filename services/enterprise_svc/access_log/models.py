from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Column, Identity, Index, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from services.enterprise_svc.models_base import Base


class AccessReceipt(Base, table=True):
    """That somebody who is no staff read an enterprise's data. It names no row by a foreign key: it comes from all services."""

    __tablename__ = "access_receipts"
    __table_args__ = (
        Index("access_receipts_of_enterprise", "enterprise_id", "number"),
        {"info": {"append_only": True}},
    )

    number: int | None = Field(None, sa_column=Column(BigInteger, Identity(always=True), primary_key=True))
    enterprise_id: UUID
    at: datetime
    by: str
    client_id: str
    role: str
    organisation_id: UUID | None = None
    operation: str
    request_id: str
    fields: list[str] = Field(sa_column=Column(ARRAY(Text), nullable=False))
    consent_ids: list[UUID] = Field(sa_column=Column(ARRAY(Uuid), nullable=False))
