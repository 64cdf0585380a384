from collections.abc import Sequence, Set
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.gateway.clients import rules
from services.gateway.clients.errors import OwnClient
from services.gateway.clients.models import Client, ClientSecret
from services.gateway.clients.references import References
from services.gateway.clients.schemas import RegisterClient
from services.gateway.clients.secrets import Secrets
from shared.changes import record
from shared.conditions import IfMatch
from shared.context import current
from shared.db import refuse_taken_ref, uuid7
from shared.merge_patch import Patch

Shown = tuple[Client, str | None]  # the secret, which nobody will see again


async def register_client(
    session: AsyncSession, secrets: Secrets, references: References, command: RegisterClient, held: Set[str]
) -> Shown:
    """`held`: the scopes of the token that asks, here and below."""
    await refuse_taken_ref(session, Client, command.external_ref)
    rules.check(command)
    rules.refuse_giving_more(command, held)
    await references.insist(command)
    return await make_client(session, secrets, command)


async def make_client(session: AsyncSession, secrets: Secrets, command: RegisterClient) -> Shown:
    """Its id in the registry is its name at the token endpoint, too."""
    id = uuid7()
    client = Client(id=id, client_id=str(id), **facts(command))
    session.add(client)
    await record(session, client, None)
    return client, None if command.jwks else keep_new_secret(session, secrets, client)


def facts(command: RegisterClient) -> dict[str, Any]:
    once = {name: list(dict.fromkeys(getattr(command, name))) for name in ("countries", "scopes")}
    return command.model_dump() | once


def keep_new_secret(session: AsyncSession, secrets: Secrets, client: Client) -> str:
    secret, kept = secrets.make()
    session.add(ClientSecret(client=client.id, secret_hash=kept))
    return secret


async def amend_client(
    session: AsyncSession, references: References, id: UUID, match: IfMatch, patch: Patch, held: Set[str]
) -> Client:
    """Where its rights change, the tokens it has end: within a second it has the new ones everywhere, and no more."""
    client = await Client.for_change(session, id)
    match.check(client.version)
    rules.refuse_taking_over(client, held)
    before = RegisterClient.model_validate(client)
    command = patch.onto(before)
    if command.external_ref != client.external_ref:
        await refuse_taken_ref(session, Client, command.external_ref)
    rules.check(command)
    rules.refuse_giving_more(command, held)
    await references.insist(command, besides=before)
    client.sqlmodel_update(facts(command))
    if any(getattr(command, name) != getattr(before, name) for name in rules.RIGHTS):
        void_tokens(client)
    await record(session, client, None)
    return client


def void_tokens(client: Client) -> None:
    """Not those of whoever asks: an administrator who locks the door behind it could not open it again."""
    if client.client_id == current().subject:
        raise OwnClient()
    client.void_tokens()


async def rotate_client_secret(
    session: AsyncSession, secrets: Secrets, id: UUID, match: IfMatch, grace: timedelta, held: Set[str]
) -> Shown:
    """The new one is good at once; what was good before stays so for `grace` at most."""
    client = await Client.for_change(session, id)
    match.check(client.version)
    rules.refuse_taking_over(client, held)
    client.demand("rotate-secret")
    for one in await secrets_of(session, client):
        one.end_after(grace)
    if not grace:
        void_tokens(client)
    await record(session, client, None, elsewhere=True)
    return client, keep_new_secret(session, secrets, client)


async def secrets_of(session: AsyncSession, client: Client) -> Sequence[ClientSecret]:
    kept = select(ClientSecret).where(ClientSecret.client == client.id)
    return (await session.exec(kept)).all()


async def disable_client(session: AsyncSession, id: UUID, match: IfMatch) -> Client:
    """It gets no token any more, and those it has end within a second."""
    client = await Client.for_change(session, id)
    match.check(client.version)
    client.disable()
    void_tokens(client)
    await record(session, client, None)
    return client
