"""The keys that sign access tokens: made here, kept in the gateway's database, sealed under the installation's secret.

There are always two or more to verify with: the one that signs, the next one, which every process has long known when its turn
comes, and those before, until their last token has expired. So no request fails when the keys change.
"""

import asyncio
import hashlib
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

import structlog
from joserfc import jwe, jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey, RSAKey
from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.gateway.models import SigningKey
from services.gateway.storage import rows_of, transaction
from shared.db import Database, now

LIFE_SECONDS = 600  # of a token
KEY_BITS = 2048
SEALED = {"alg": "dir", "enc": "A256GCM"}
ONE_AT_A_TIME = text("select pg_advisory_xact_lock(hashtext('score signing keys'))")
KNOWN_AFTER = timedelta(seconds=5)  # every process asks for changes twice a second
VERIFIES_FOR = timedelta(seconds=LIFE_SECONDS + 120)  # after its turn
FOREIGN_FOR = timedelta(days=400)  # a key sealed under another secret: nobody can say when its turn ends
NAMES = select(SigningKey.kid, SigningKey.created_at, SigningKey.signs_from, SigningKey.retired_at)
log = structlog.get_logger()


class SigningKeys:
    """Reads the keys at the first use and whenever it is told to look; the first process ever makes them."""

    def __init__(self, database: Database, secret: str, sign_for: timedelta = timedelta(days=30)) -> None:
        self._database, self._sign_for = database, sign_for
        self._seal = OctKey.import_key(hashlib.sha256(f"signing-key:{secret}".encode()).digest())
        self._opened: dict[str, RSAKey | None] = {}
        self.signing: RSAKey | None = None
        self._public: list[dict[str, Any]] = []
        self._rows: Sequence[SigningKey] = []
        self._one_loads = asyncio.Lock()

    async def sign(self, claims: dict[str, Any]) -> str:
        """An RFC 9068 token. Raises `errors.ServiceUnavailable` while the keys can't be read."""
        key = await self._signing_key()
        return jwt.encode({"alg": "RS256", "typ": "at+jwt", "kid": key.kid}, claims, key)

    async def key_set(self) -> dict[str, Any]:
        """The JWK set to verify with."""
        await self._signing_key()
        return {"keys": self._public}

    async def refresh(self) -> str:
        """Looks whether the keys are others now, and changes them when their time has come; a name for the present set."""
        async with self._one_loads:
            if names_of(await rows_of(self._database, NAMES)) != names_of(self._rows) or self._wants_work(self._rows):
                await self._load()
        return self.fingerprint

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(" ".join(key["kid"] for key in self._public).encode()).hexdigest()[:32]

    async def rotate(self) -> str:
        """The next key signs from now on; its id. Waits until every process has had time to learn of it."""
        await self.refresh()
        if wait := await self._rotated_or_wait():
            await asyncio.sleep(wait)
            return await self.rotate()
        key = await self._signing_key()
        return str(key.kid)

    # --- reading ---

    async def _signing_key(self) -> RSAKey:
        if self.signing is None:
            async with self._one_loads:
                if self.signing is None:
                    await self._load()
        assert self.signing is not None
        return self.signing

    async def _load(self) -> None:
        async with transaction(self._database) as session:
            rows = await all_keys(session)
            if self._wants_work(rows):
                await (await session.connection()).execute(ONE_AT_A_TIME)
                rows = await self._in_order(session, await all_keys(session))
        self._take(rows)

    def _take(self, rows: Sequence[SigningKey]) -> None:
        signing = self._signing_of(rows)
        self.signing = self._opened[signing.kid] if signing else None
        self._public = [row.public_key for row in rows]
        self._rows = rows

    def _ours(self, rows: Sequence[SigningKey]) -> list[SigningKey]:
        """Those that this secret opens."""
        return [row for row in rows if self._open(row) is not None]

    def _signing_of(self, rows: Sequence[SigningKey]) -> SigningKey | None:
        return next((row for row in self._ours(rows) if row.signs_from and not row.retired_at), None)

    def _next_of(self, rows: Sequence[SigningKey]) -> SigningKey | None:
        return next((row for row in self._ours(rows) if not row.signs_from and not row.retired_at), None)

    def _open(self, row: SigningKey) -> RSAKey | None:
        if row.kid not in self._opened:
            self._opened[row.kid] = self._unsealed(row)
        return self._opened[row.kid]

    def _unsealed(self, row: SigningKey) -> RSAKey | None:
        """None if it was sealed under another secret; tokens signed with it stay good until they expire."""
        try:
            pem = jwe.decrypt_compact(row.private_key, self._seal).plaintext or b""
        except JoseError:
            log.warning("a signing key was sealed under another secret", kid=row.kid)
            return None
        return RSAKey.import_key(pem, {"kid": row.kid, "use": "sig", "alg": "RS256"})

    # --- changing ---

    def _wants_work(self, rows: Sequence[SigningKey]) -> bool:
        signing, coming = self._signing_of(rows), self._next_of(rows)
        return signing is None or coming is None or self._is_due(signing, coming) or any(map(is_over, rows))

    async def _in_order(self, session: AsyncSession, rows: list[SigningKey]) -> list[SigningKey]:
        """One signs, one is next, what is over is gone; under the lock."""
        for row in filter(is_over, rows):
            await session.delete(row)
        rows = [row for row in rows if not is_over(row)]
        signing, coming = self._signing_of(rows), self._next_of(rows)
        if signing is None:
            signing = coming or await self._make(session, rows)
            signing.signs_from = now()
            coming = None
        elif coming and self._is_due(signing, coming):
            hand_over(signing, coming)
            coming = None
        if coming is None:
            await self._make(session, rows)
        await session.flush()
        return sorted(rows, key=lambda row: row.created_at, reverse=True)

    def _is_due(self, signing: SigningKey, coming: SigningKey) -> bool:
        old = signing.signs_from is not None and now() - signing.signs_from > self._sign_for
        return old and now() - coming.created_at > KNOWN_AFTER

    async def _rotated_or_wait(self) -> float:
        """0 when it is done, else the seconds until it can be."""
        async with self._one_loads, transaction(self._database) as session:
            await (await session.connection()).execute(ONE_AT_A_TIME)
            rows = await all_keys(session)
            signing, coming = self._signing_of(rows), self._next_of(rows)
            assert signing is not None
            assert coming is not None
            if (left := KNOWN_AFTER - (now() - coming.created_at)) > timedelta():
                return left.total_seconds()
            hand_over(signing, coming)
            self._take(await self._in_order(session, rows))
            return 0.0

    async def _make(self, session: AsyncSession, rows: list[SigningKey]) -> SigningKey:
        key = await asyncio.to_thread(RSAKey.generate_key, KEY_BITS, {"use": "sig", "alg": "RS256"}, auto_kid=True)
        private = jwe.encrypt_compact(SEALED, key.as_pem(private=True), self._seal)
        row = SigningKey(kid=str(key.kid), public_key=dict(key.as_dict(private=False)), private_key=private)
        session.add(row)
        rows.append(row)
        log.info("signing key made", kid=row.kid)
        return row


async def all_keys(session: AsyncSession) -> list[SigningKey]:
    """The newest first."""
    newest = select(SigningKey).order_by(col(SigningKey.created_at).desc()).execution_options(populate_existing=True)
    return list((await session.exec(newest)).all())


def names_of(rows: Iterable[Any]) -> set[Any]:
    """What is different when a key was made, or takes its turn, or is gone."""
    return {(row.kid, row.created_at, row.signs_from, row.retired_at) for row in rows}


def hand_over(signing: SigningKey, coming: SigningKey) -> None:
    signing.retired_at = coming.signs_from = now()
    log.info("another key signs", kid=coming.kid)


def is_over(row: SigningKey) -> bool:
    """No token signed with it can be good any more."""
    if row.retired_at:
        return now() - row.retired_at > VERIFIES_FOR
    return row.signs_from is not None and now() - row.signs_from > FOREIGN_FOR
