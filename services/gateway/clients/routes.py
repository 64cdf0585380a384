from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Query, Request

from services.gateway.clients import commands, queries
from services.gateway.clients.models import Client
from services.gateway.clients.references import References
from services.gateway.clients.schemas import (
    ClientChange,
    ClientOut,
    ClientQuery,
    ClientWithSecret,
    RegisterClient,
    RotateSecret,
)
from services.gateway.clients.secrets import Secrets
from shared.answers import PageAnswer, ResourceAnswer, found
from shared.contract import page_of, patch_body
from shared.history import changes_of
from shared.pagination import PageQuery, PagesDep
from shared.routing import IfMatchDep, PatchDep, PrincipalDep, ReaderDep, Router, SessionDep, VerbMatchDep
from shared.tables import history
from shared.types import Id

router = Router("clients")


async def secrets_of(request: Request) -> Secrets:
    return request.app.state.secrets  # type: ignore[no-any-return]


async def references_of(request: Request) -> References:
    return References(request.app.state.upstreams, request)


SecretsDep = Annotated[Secrets, Depends(secrets_of)]
ReferencesDep = Annotated[References, Depends(references_of)]


@router.post("", status_code=201, response_model=ClientWithSecret)
async def register_client(
    session: SessionDep,
    secrets: SecretsDep,
    references: ReferencesDep,
    principal: PrincipalDep,
    command: RegisterClient,
) -> ResourceAnswer:
    """Let a machine in, with no scope that you do not have yourself. Its `client_secret` is in this answer and nowhere else."""
    return shown(await commands.register_client(session, secrets, references, command, principal.scopes), 201)


@router.get("", response_model=page_of(ClientOut))
async def list_clients(pages: PagesDep, query: Annotated[ClientQuery, Query()]) -> PageAnswer:
    """Clients, filtered by role, state, country and what they are bound to."""
    return await pages.of(queries.clients_matching(query), Client, ClientOut, query)


@router.get("/{id}", response_model=ClientOut)
async def get_client(reader: ReaderDep, id: Id) -> ResourceAnswer:
    """One client."""
    return found(ClientOut.model_validate(await Client.read(reader, id)))


@router.patch("/{id}", response_model=ClientOut, openapi_extra=patch_body(RegisterClient))
async def amend_client(
    session: SessionDep,
    references: ReferencesDep,
    principal: PrincipalDep,
    id: Id,
    match: IfMatchDep,
    patch: PatchDep,
) -> ResourceAnswer:
    """Change a client (JSON Merge Patch). A change of its rights ends the tokens it has; it fetches new ones."""
    amended = await commands.amend_client(session, references, id, match, patch, principal.scopes)
    return found(ClientOut.model_validate(amended))


@router.get("/{id}/history", response_model=page_of(ClientChange))
async def list_client_changes(
    session: SessionDep, pages: PagesDep, id: Id, query: Annotated[PageQuery, Query()]
) -> PageAnswer:
    """Every change of a client: who, when, which fields, from what to what."""
    await Client.named(session, id)
    return await pages.by_number(changes_of(id), history.c.version, ClientChange, query)


@router.post("/{id}/rotate-secret", response_model=ClientWithSecret)
async def rotate_client_secret(
    request: Request,
    session: SessionDep,
    secrets: SecretsDep,
    principal: PrincipalDep,
    id: Id,
    match: VerbMatchDep,
    command: RotateSecret | None = None,
) -> ResourceAnswer:
    """Give it a new secret, shown in this answer and nowhere else; the one before stays good for a while."""
    asked = command.grace_seconds if command else None
    grace = request.app.state.secret_grace if asked is None else timedelta(seconds=asked)
    rotated = await commands.rotate_client_secret(session, secrets, id, match, grace, principal.scopes)
    return shown(rotated, 200)


@router.post("/{id}/disable", response_model=ClientOut)
async def disable_client(session: SessionDep, id: Id, match: VerbMatchDep) -> ResourceAnswer:
    """Let it in no longer. Its tokens end within a second, everywhere and for good."""
    return found(ClientOut.model_validate(await commands.disable_client(session, id, match)))


def shown(made: commands.Shown, status: int) -> ResourceAnswer:
    """Kept by nobody on its way; a repeat with the same key is told where the client is, not the secret again."""
    client, secret = made
    public = ClientOut.model_validate(client).model_dump()
    body = ClientWithSecret(**public, client_secret=secret)
    answer = ResourceAnswer(body, status, location=f"/v1/clients/{client.id}", shows_secret=secret is not None)
    answer.headers["Cache-Control"] = "no-store"
    return answer
