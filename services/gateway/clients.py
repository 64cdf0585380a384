"""The machines that may ask for tokens."""

import asyncio
import re
import secrets
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from sqlmodel.ext.asyncio.session import AsyncSession

from services.gateway.models import Client
from services.gateway.storage import transaction
from services.gateway.upstreams import SCOPES_OF_ROLE
from shared.db import Database, now

CLIENT_ID = re.compile(r"score-[0-9a-f]{16}")
MAX_SECRET = 200
# Secrets are 256 random bits, so the smallest recommended cost is plenty.
PASSES, KIBIBYTES, LANES = 2, 19_456, 1
AT_ONCE = 2  # checks running at the same time: guessing costs the guesser, not the others


@dataclass(frozen=True)
class Grantee:
    """A client that has shown its secret, and every scope it may have."""

    client_id: str
    role: str
    scopes: tuple[str, ...]


class Clients:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._hasher = PasswordHasher(PASSES, KIBIBYTES, LANES)
        self._nobody = self._hasher.hash(secrets.token_urlsafe())
        self._turn = asyncio.Semaphore(AT_ONCE)

    async def authenticate(self, client_id: str, secret: str) -> Grantee | None:
        """None for an unknown or disabled client and for a wrong secret, each after the same work."""
        client = await self._find(client_id)
        async with self._turn:
            good = await asyncio.to_thread(self._fits, client.secret_hash if client else self._nobody, secret)
        if client is None or client.disabled_at or not good:
            return None
        return Grantee(client.client_id, client.role, SCOPES_OF_ROLE[client.role])

    async def is_enabled(self, client_id: str) -> bool:
        client = await self._find(client_id)
        return client is not None and client.disabled_at is None

    async def register(self, name: str, role: str, *, instead_of: str | None = None) -> tuple[str, str]:
        """Makes a client; its id and secret, which is never to be seen again. `instead_of` is disabled with it."""
        client_id, secret = f"score-{secrets.token_hex(8)}", secrets.token_urlsafe(32)
        async with transaction(self._database) as session:
            if instead_of:
                await disable(session, instead_of)
            session.add(Client(client_id=client_id, name=name, role=role, secret_hash=self._hasher.hash(secret)))
            await session.flush()
        return client_id, secret

    async def _find(self, client_id: str) -> Client | None:
        if not CLIENT_ID.fullmatch(client_id):
            return None
        async with transaction(self._database) as session:
            return await session.get(Client, client_id)

    def _fits(self, hashed: str, secret: str) -> bool:
        try:
            return self._hasher.verify(hashed, secret[:MAX_SECRET])
        except (Argon2Error, InvalidHashError):
            return False


async def disable(session: AsyncSession, client_id: str) -> None:
    """Its tokens stay good until they expire, ten minutes at most."""
    client = await session.get(Client, client_id)
    if client is not None and client.disabled_at is None:
        client.disabled_at = now()
