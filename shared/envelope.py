"""The outside of an event on the wire: CloudEvents 1.0 in binary mode, attributes as `ce-` headers, the state as JSON body."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, unquote
from uuid import UUID

import asyncpg

from shared.context import Context

CONTENT_TYPE = "application/json"
Row = asyncpg.Record | Mapping[str, Any]


class InvalidEnvelope(Exception):
    """The headers are none that our relays write. The text names attributes, never values."""


@dataclass(frozen=True)
class Envelope:
    """One event as it came. `subject` is its type, `payload` its JSON."""

    event_id: UUID
    subject: str
    occurred_at: datetime
    context: Context
    payload: bytes

    @classmethod
    def read(cls, subject: str, headers: Mapping[str, str], payload: bytes) -> "Envelope":
        """Raises `InvalidEnvelope`."""
        check_attributes(subject, headers)
        try:
            event_id, occurred_at = UUID(headers["ce-id"]), datetime.fromisoformat(headers["ce-time"])
        except ValueError as error:
            raise InvalidEnvelope("invalid_envelope: ce-id or ce-time is malformed") from error
        if occurred_at.tzinfo is None:
            raise InvalidEnvelope("invalid_envelope: ce-time has no offset")
        return cls(event_id, subject, occurred_at, context_in(headers), payload)


def check_attributes(subject: str, headers: Mapping[str, str]) -> None:
    if missing := [name for name in ("ce-id", "ce-type", "ce-source", "ce-time") if not headers.get(name)]:
        raise InvalidEnvelope(f"invalid_envelope: {', '.join(missing)} missing")
    if headers.get("ce-specversion") != "1.0":
        raise InvalidEnvelope("invalid_envelope: ce-specversion is not 1.0")
    if any(name.lower().startswith("ce-") and name != name.lower() for name in headers):
        raise InvalidEnvelope("invalid_envelope: an attribute's name is not in lower case")
    if headers["ce-type"] != subject:
        raise InvalidEnvelope("invalid_envelope: ce-type is not the subject")


def context_in(headers: Mapping[str, str]) -> Context:
    return Context(
        request_id=headers.get("ce-requestid", ""),
        traceparent=headers.get("ce-traceparent", ""),
        subject=unquote(headers.get("ce-principal", "")),
    )


def headers_of(row: Row, service: str) -> dict[str, str]:
    """Headers of an outbox row. The broker drops repeats of `Nats-Msg-Id` within its window; the inbox does for ever."""
    told = {
        "ce-subject": str(row["aggregate_id"]),
        "ce-requestid": row["request_id"],
        "ce-traceparent": row["traceparent"],
        "ce-principal": quote(row["by"], safe=":@/|"),
    }
    return {
        "Nats-Msg-Id": str(row["event_id"]),
        "content-type": CONTENT_TYPE,
        "ce-specversion": "1.0",
        "ce-id": str(row["event_id"]),
        "ce-type": row["subject"],
        "ce-source": f"/{service}",
        "ce-time": row["occurred_at"].isoformat(),
    } | {name: value for name, value in told.items() if value}
