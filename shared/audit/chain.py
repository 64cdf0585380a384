"""The chain: each seal is the hash of the one before it and of one row of the history. Its head is signed for the outside."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import Column, Label, RowMapping, Text, cast

from shared.signing import Signer
from shared.tables import history

FIRST = bytes(32)  # what the first seal follows
FIELDS = ("id", "aggregate", "aggregate_id", "version", "at", "by", "request_id")


def columns() -> list[Column[Any] | Label[Any]]:
    """What is sealed of a row: all that it says. Its JSON as text, so that no digit is lost on the way."""
    return [*(history.c[name] for name in FIELDS), cast(history.c.changes, Text).label("changes")]


def link(before: bytes, seq: int, sealed_at: datetime, row: RowMapping) -> bytes:
    """The seal of `row`, which follows the seal `before`."""
    return hashlib.sha256(before + canonical(seq, sealed_at, row)).digest()


def canonical(seq: int, sealed_at: datetime, row: RowMapping) -> bytes:
    """One spelling for each row: names in order, no spaces, instants in UTC to the microsecond, numbers to the digit."""
    told = {name: row[name] for name in FIELDS}
    told |= {"aggregate_id": str(row["aggregate_id"]), "at": instant(row["at"]), "changes": verbatim(row["changes"])}
    return orjson.dumps(told | {"seq": seq, "sealed_at": instant(sealed_at)}, option=orjson.OPT_SORT_KEYS)


def instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def verbatim(text: str) -> Any:
    def as_written(number: str) -> orjson.Fragment:
        return orjson.Fragment(number.encode())

    return json.loads(text, parse_int=as_written, parse_float=as_written)


@dataclass(frozen=True)
class Head:
    """How far the chain of a service went at some moment. Signed, it tells later that nothing before it is gone or rewritten."""

    service: str
    seq: int
    hash: bytes

    def signed(self, secret: str) -> str:
        return signer(secret).sign([self.service, self.seq, self.hash.hex()])

    @classmethod
    def read(cls, text: str, secret: str) -> "Head":
        """`ValueError` for what this installation did not sign."""
        service, seq, digest = signer(secret).read(text)
        return cls(service, seq, bytes.fromhex(digest))


def signer(secret: str) -> Signer:
    return Signer(secret, "head of a history")
