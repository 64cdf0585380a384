"""Who asks at `/oauth/*`: a client that shows its secret, or signs that it is itself."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from joserfc.errors import JoseError
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from starlette.requests import Request

from services.gateway.clients.models import Client, ClientSecret, ClientState
from services.gateway.clients.secrets import Secrets, TooBusy
from services.gateway.models import UsedAssertion
from services.gateway.oauth import assertions
from services.gateway.oauth.errors import Busy, InvalidClient
from services.gateway.oauth.forms import Credentials, Form, credentials_of
from services.gateway.oauth.guesses import Guesses
from services.gateway.scopes import scopes_of
from services.gateway.storage import transaction
from shared.db import Database
from shared.revocations import mark_of

CLIENT_ID = re.compile(r"[0-9a-z-]{1,64}")
UNKNOWN = "The client is not known, or it did not prove that it is this one."


@dataclass(frozen=True)
class Grantee:
    """A client that has shown who it is, and every scope it may have."""

    client_id: str
    version: int
    role: str
    scopes: tuple[str, ...]
    countries: tuple[str, ...]
    organisation_id: UUID | None
    enterprise_id: UUID | None
    trainer_id: UUID | None

    @classmethod
    def of(cls, client: Client) -> "Grantee":
        """What the matrix has taken from its role since it was registered, it does not get any more."""
        allowed = scopes_of(client.role)
        return cls(
            client_id=client.client_id,
            version=client.version,
            role=client.role,
            scopes=tuple(sorted(allowed.intersection(client.scopes or allowed))),
            countries=tuple(client.countries),
            organisation_id=client.organisation_id,
            enterprise_id=client.enterprise_id,
            trainer_id=client.trainer_id,
        )


class Authentication:
    def __init__(self, issuer: str, database: Database, secrets: Secrets) -> None:
        self._issuer, self._database, self._secrets = issuer, database, secrets
        self._guesses = Guesses()

    async def client_of(self, request: Request, form: Form) -> Grantee:
        """Raises `OAuthError`; `errors.ServiceUnavailable` without the database."""
        given = credentials_of(request, form)
        claimed = assertions.claimed_client(given.assertion) if given.assertion else given.client_id
        try:
            client = await (self._by_key(given, claimed) if given.assertion else self._by_secret(given))
        finally:
            request.state.standing = self._guesses.standing(claimed)
        if client is None or client.state is not ClientState.ACTIVE:
            raise InvalidClient(UNKNOWN, given.challenged)
        return Grantee.of(client)

    async def _by_secret(self, given: Credentials) -> Client | None:
        """After the same work whether the client is unknown or its secret another."""
        client, kept = await self._find(given.client_id)
        if self._secrets.knows(kept, given.secret):
            return client
        self._guesses.begin(given.client_id)
        try:
            good = await self._secrets.fits(kept, given.secret)
        except TooBusy as error:
            raise Busy("Too many secrets are being checked. Try again in a moment.", 1) from error
        if not good:
            return None
        self._guesses.forgive(given.client_id)
        return client

    async def _by_key(self, given: Credentials, claimed: str) -> Client | None:
        self._guesses.begin(claimed)
        client, _ = await self._find(claimed)
        if client is None or client.jwks is None or given.client_id not in ("", claimed):
            return None
        try:
            assertion = assertions.verified(given.assertion, client.jwks, claimed, self._issuer)
        except (JoseError, ValueError):
            return None
        if not await self._is_new(claimed, assertion):
            return None
        self._guesses.forgive(claimed)
        return client

    async def _find(self, client_id: str) -> tuple[Client | None, Sequence[ClientSecret]]:
        if not CLIENT_ID.fullmatch(client_id):
            return None, []
        async with transaction(self._database) as session:
            client = (await session.exec(select(Client).where(Client.client_id == client_id))).first()
            if client is None:
                return None, []
            kept = (await session.exec(select(ClientSecret).where(ClientSecret.client == client.id))).all()
            return client, [one for one in kept if one.is_good()]

    async def _is_new(self, client_id: str, assertion: assertions.Assertion) -> bool:
        """Each is taken once, by whichever process comes first."""
        seen = {
            "mark": mark_of(f"{client_id} {assertion.jti}"),
            "expires_at": datetime.fromtimestamp(assertion.exp, UTC),
        }
        statement = insert(UsedAssertion).values(seen).on_conflict_do_nothing().returning(col(UsedAssertion.mark))
        async with transaction(self._database) as session:
            return (await session.execute(statement)).first() is not None
