"""The key that signs access tokens: made at the first start, kept in the gateway's database, sealed."""

import asyncio
import hashlib
from typing import Any

import structlog
from joserfc import jwe, jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey, RSAKey
from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.gateway.models import SigningKey
from services.gateway.storage import transaction
from shared.db import Database

KEY_BITS = 2048
SEALED = {"alg": "dir", "enc": "A256GCM"}
ONE_AT_A_TIME = text("select pg_advisory_xact_lock(hashtext('score signing keys'))")
log = structlog.get_logger()


class SigningKeys:
    """Reads the keys at the first use; the first process ever makes one, the others wait and find it."""

    def __init__(self, database: Database, secret: str) -> None:
        self._database = database
        self._seal = OctKey.import_key(hashlib.sha256(f"signing-key:{secret}".encode()).digest())
        self._private: RSAKey | None = None
        self._public: list[dict[str, Any]] = []
        self._one_loads = asyncio.Lock()

    async def sign(self, claims: dict[str, Any]) -> str:
        """An RFC 9068 token. Raises `errors.ServiceUnavailable` while the keys can't be read."""
        key = await self._signing_key()
        return jwt.encode({"alg": "RS256", "typ": "at+jwt", "kid": key.kid}, claims, key)

    async def key_set(self) -> dict[str, Any]:
        """The JWK set to verify with."""
        await self._signing_key()
        return {"keys": self._public}

    async def _signing_key(self) -> RSAKey:
        if self._private is None:
            async with self._one_loads:
                if self._private is None:
                    self._private = await self._load()
        return self._private

    async def _load(self) -> RSAKey:
        async with transaction(self._database) as session:
            await (await session.connection()).execute(ONE_AT_A_TIME)
            known = (await session.exec(select(SigningKey).order_by(col(SigningKey.created_at).desc()))).all()
            usable = next((key for row in known if (key := self._opened(row))), None)
            key = usable or await self._make(session)
        self._public = [row.public_key for row in known] + ([] if usable else [public_part(key)])
        return key

    async def _make(self, session: AsyncSession) -> RSAKey:
        key = await asyncio.to_thread(RSAKey.generate_key, KEY_BITS, {"use": "sig", "alg": "RS256"}, auto_kid=True)
        private = jwe.encrypt_compact(SEALED, key.as_pem(private=True), self._seal)
        session.add(SigningKey(kid=str(key.kid), public_key=public_part(key), private_key=private))
        await session.flush()
        log.info("signing key made", kid=key.kid)
        return key

    def _opened(self, row: SigningKey) -> RSAKey | None:
        """None if it was sealed under another secret; tokens signed with it stay good until they expire."""
        try:
            pem = jwe.decrypt_compact(row.private_key, self._seal).plaintext or b""
        except JoseError:
            log.warning("a signing key was sealed under another secret", kid=row.kid)
            return None
        return RSAKey.import_key(pem, {"kid": row.kid, "use": "sig", "alg": "RS256"})


def public_part(key: RSAKey) -> dict[str, Any]:
    return dict(key.as_dict(private=False))
