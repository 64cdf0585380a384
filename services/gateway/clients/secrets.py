"""Secrets: made here, shown once, kept as argon2 only."""

import asyncio
import hashlib
import hmac
import os
import secrets
from collections import OrderedDict
from collections.abc import Sequence
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from services.gateway.clients.models import ClientSecret

MAX_SECRET = 200
# Secrets are 256 random bits, so the smallest recommended cost is plenty.
PASSES, KIBIBYTES, LANES = 2, 19_456, 1
AT_ONCE = max(1, (os.cpu_count() or 1) // 2)  # guessing costs the guesser, not the others
MAX_WAITING = 64
MAX_REMEMBERED = 10_000


class TooBusy(Exception):
    """More secrets wait to be checked than can be checked in a moment."""


class Secrets:
    def __init__(self) -> None:
        self._hasher = PasswordHasher(PASSES, KIBIBYTES, LANES)
        self._nobody = self._hasher.hash(secrets.token_urlsafe())
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0
        # of secrets that were right: a client that comes often is known at once, and no guesser keeps it waiting
        self._remembered: OrderedDict[UUID, bytes] = OrderedDict()
        self._key = secrets.token_bytes(32)

    def make(self) -> tuple[str, str]:
        """A new secret, and what is kept of it."""
        secret = secrets.token_urlsafe(32)
        return secret, self._hasher.hash(secret)

    def knows(self, kept: Sequence[ClientSecret], secret: str) -> bool:
        """Whether it was right before and its row is still there and good."""
        tag = self._tag(secret)
        return any(hmac.compare_digest(self._remembered.get(one.id, b""), tag) for one in kept)

    async def fits(self, kept: Sequence[ClientSecret], secret: str) -> bool:
        """Takes as long for a client that has no secret. Raises `TooBusy`."""
        if self._waiting >= MAX_WAITING:
            raise TooBusy
        self._waiting += 1
        try:
            async with self._turn:
                return await asyncio.to_thread(self._any_fits, kept, secret)
        finally:
            self._waiting -= 1

    def _any_fits(self, kept: Sequence[ClientSecret], secret: str) -> bool:
        if not kept:
            return self._verifies(self._nobody, secret) and False
        for one in kept:
            if self._verifies(one.secret_hash, secret):
                self._remember(one.id, secret)
                return True
        return False

    def _verifies(self, hashed: str, secret: str) -> bool:
        try:
            return self._hasher.verify(hashed, secret[:MAX_SECRET])
        except (Argon2Error, InvalidHashError):
            return False

    def _remember(self, id: UUID, secret: str) -> None:
        self._remembered[id] = self._tag(secret)
        while len(self._remembered) > MAX_REMEMBERED:
            self._remembered.popitem(last=False)

    def _tag(self, secret: str) -> bytes:
        return hmac.digest(self._key, secret[:MAX_SECRET].encode("utf-8", "surrogatepass"), hashlib.sha256)
