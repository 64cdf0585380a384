"""Which tokens are void: what the gateway knows at first hand, and tells the other processes at `/oauth/revoked`."""

import asyncio
import hashlib
import json
import time
from datetime import timedelta

from sqlalchemy import select
from sqlmodel import col
from starlette.requests import Request
from starlette.responses import Response

from services.gateway.clients.models import Client
from services.gateway.keys import LIFE_SECONDS, SigningKeys
from services.gateway.models import RevokedToken
from services.gateway.storage import rows_of
from shared.conditions import NoneMatch
from shared.db import Database, now
from shared.revocations import Revoked, mark_of

LONG_ENOUGH = timedelta(seconds=LIFE_SECONDS + 120)  # afterwards no older token is left to be voided
FRESH_SECONDS = 0.2  # however many processes ask


class VoidTokens:
    def __init__(self, database: Database, keys: SigningKeys) -> None:
        self._database, self._keys = database, keys
        self._list = Revoked()
        self._read_at = -float("inf")
        self._one_reads = asyncio.Lock()

    async def present(self) -> Revoked:
        """Raises `errors.ServiceUnavailable`."""
        async with self._one_reads:
            if time.monotonic() - self._read_at > FRESH_SECONDS:
                self._list = Revoked(**await self._read(), keys=await self._keys.refresh())
                self._read_at = time.monotonic()
        return self._list

    async def _read(self) -> dict[str, object]:
        changed = select(col(Client.client_id), col(Client.rights_version)).where(
            col(Client.rights_changed_at) > now() - LONG_ENOUGH, col(Client.rights_version) > 1
        )
        revoked = select(col(RevokedToken.mark)).where(col(RevokedToken.expires_at) > now())
        clients = await rows_of(self._database, changed)
        tokens = await rows_of(self._database, revoked)
        return {
            "clients": {mark_of(row.client_id): row.rights_version for row in clients},
            "tokens": frozenset(row.mark for row in tokens),
        }

    async def show(self, request: Request) -> Response:
        body = ordered(await self.present())
        tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        headers = {"ETag": tag, "Cache-Control": "no-store"}
        if NoneMatch.read(request.headers.get("if-none-match")).includes(tag):
            return Response(status_code=304, headers=headers)
        return Response(body, media_type="application/json", headers=headers)


def ordered(revoked: Revoked) -> bytes:
    """The same list is the same text."""
    return json.dumps(
        {"clients": revoked.clients, "tokens": sorted(revoked.tokens), "keys": revoked.keys}, sort_keys=True
    ).encode()
