"""`Idempotency-Key`: the effect of a POST and the record of its answer are one transaction.

A repeat gets the recorded answer; while the first runs, a repeat gets 409 at once; only 2xx answers are kept, for a day.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import Response

from shared import errors
from shared.db import now
from shared.personal.keyring import Key
from shared.personal.keys import keys_of
from shared.tables import idempotency

HEADER = "Idempotency-Key"
KEY = re.compile(r"[\x21-\x7e]{1,255}")
KEPT_FOR = timedelta(hours=24)
FORGOTTEN_AT_ONCE = 10_000
RESOURCE = "resource"  # kept beside the headers, and none
KEPT_HEADERS = ("etag", "location", "consistency-token", "content-type")


def read_key(value: str | None) -> str | None:
    if value is not None and not KEY.fullmatch(value):
        place = errors.header("malformed_key", "A key has 1 to 255 visible ASCII characters.", HEADER)
        raise errors.MalformedHeader(errors=[place])
    return value


@dataclass(frozen=True)
class Attempt:
    """One POST with a key, as the ledger sees it."""

    client: str
    method: str
    path: str
    key: str
    fingerprint: bytes

    @property
    def identity(self) -> dict[str, str]:
        return {"client": self.client, "method": self.method, "path": self.path, "key": self.key}


def fingerprint(query: bytes, content_type: str, body_digest: bytes) -> bytes:
    """What must be equal for two requests to be the same: query, content type and raw body."""
    return hashlib.sha256(b"\x00".join((query, content_type.encode(), body_digest))).digest()


async def begin(session: AsyncSession, attempt: Attempt) -> Response | None:
    """The recorded answer, or None: go ahead. Raises 409 while another runs, 422 for another request under the key."""
    name = "\x1f".join(attempt.identity.values())
    if not await session.scalar(select(func.pg_try_advisory_xact_lock(func.hashtextextended(name, 0)))):
        raise errors.IdempotencyInProgress(headers={"Retry-After": "1"})
    row = (await session.execute(select(idempotency).where(*matches(attempt)))).mappings().first()
    if row is None or row["created_at"] < now() - KEPT_FOR:
        session.info["persons"] = {}  # of whom the answer will tell, each with its key
        return None
    if row["fingerprint"] != attempt.fingerprint:
        raise errors.IdempotencyKeyReused()
    if row["status"] == 409:
        raise errors.SecretAlreadyShown(headers={"Location": row["headers"].get("location", "")})
    return repeat_of(row, await revealed_body(session, row))


def repeat_of(row: Any, body: bytes) -> Response:
    headers = {name: value for name, value in row["headers"].items() if name in KEPT_HEADERS}
    answer = Response(body, row["status"], {**headers, "Idempotent-Replayed": "true"})
    answer.resource_id = row["headers"].get(RESOURCE)  # type: ignore[attr-defined]
    return answer


async def keep(session: AsyncSession, attempt: Attempt, answer: Response) -> None:
    """Records a 2xx answer beside its effect. An answer that shows a secret is kept without its body, one that tells of persons
    under their keys."""
    secret = bool(getattr(answer, "shows_secret", False))
    keys = {person: key for person, key in session.info["persons"].items() if key}
    record = {
        "fingerprint": attempt.fingerprint,
        "status": 409 if secret else answer.status_code,
        "body": b"" if secret else concealed_body(bytes(answer.body), keys),
        "persons": list(keys),
        "headers": {name: answer.headers[name] for name in KEPT_HEADERS if name in answer.headers}
        | resource_of(answer),
        "created_at": now(),
    }
    statement = insert(idempotency).values(**attempt.identity, **record)
    await session.execute(statement.on_conflict_do_update(index_elements=list(attempt.identity), set_=record))


def resource_of(answer: Response) -> dict[str, str]:
    """Which resource it shows: who may not see it any more gets no repeat of it."""
    id = getattr(answer, "resource_id", None)
    return {RESOURCE: str(id)} if id else {}


def matches(attempt: Attempt) -> list[Any]:
    return [idempotency.c[name] == value for name, value in attempt.identity.items()]


def concealed_body(body: bytes, keys: Mapping[UUID, Key]) -> bytes:
    for person, key in keys.items():
        body = key.conceal(body, person.bytes)
    return body


async def revealed_body(session: AsyncSession, row: Any) -> bytes:
    """409 `person-erased` once any of the persons is: the answer is not there any more, and the request is not done again."""
    keys, body = await keys_of(session, row["persons"]), bytes(row["body"])
    for person in reversed(row["persons"]):
        if person not in keys:
            raise errors.PersonErased(headers={"Location": row["headers"].get("location", "")})
        body = keys[person].reveal(body, person.bytes)
    return body


async def forget_old(session: AsyncSession) -> int:
    """Removes a bounded number of records that are too old to be replayed; gives the number."""
    of = tuple_(*(idempotency.c[name] for name in ("client", "method", "path", "key")))
    old = select(*of.clauses).where(idempotency.c.created_at < now() - KEPT_FOR).limit(FORGOTTEN_AT_ONCE)
    forgotten = await (await session.connection()).execute(delete(idempotency).where(of.in_(old)))
    return forgotten.rowcount
