"""The first client of an installation.

    python -m services.gateway.bootstrap                        makes a programme_admin, prints {"client_id", "client_secret"}
    python -m services.gateway.bootstrap --disable CLIENT_ID    the same, and disables another in the same step
    python -m services.gateway.bootstrap --check CLIENT_ID      exits 0 if it exists and is enabled, 1 if not

Exit 2: the database is not available, so nothing is known and nothing was done.
"""

import argparse
import asyncio
import json
import os
import sys

import structlog
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.gateway.clients.commands import make_client
from services.gateway.clients.models import Client, ClientState
from services.gateway.clients.schemas import RegisterClient
from services.gateway.clients.secrets import Secrets
from services.gateway.storage import transaction
from shared.changes import record
from shared.db import Database, create_engine
from shared.errors import ServiceUnavailable
from shared.permissions.roles import Role
from shared.settings import Environment


async def carry_out(options: argparse.Namespace) -> int:
    database = Database(create_engine(Environment(os.environ).need("SCORE_DATABASE_URL_GATEWAY"), pool_size=1))
    try:
        async with transaction(database) as session:
            if options.check:
                return 0 if await is_enabled(session, options.check) else 1
            if options.disable:
                await disable(session, options.disable)
            command = RegisterClient(name="First client", role=Role.PROGRAMME_ADMIN)
            client, secret = await make_client(session, Secrets(), command)
        print(json.dumps({"client_id": client.client_id, "client_secret": secret}))
        return 0
    except ServiceUnavailable as error:
        print(error.detail, file=sys.stderr)
        return 2
    finally:
        await database.close()


async def named(session: AsyncSession, client_id: str) -> Client | None:
    return (await session.exec(select(Client).where(Client.client_id == client_id).with_for_update())).first()


async def is_enabled(session: AsyncSession, client_id: str) -> bool:
    client = await named(session, client_id)
    return client is not None and client.state is ClientState.ACTIVE


async def disable(session: AsyncSession, client_id: str) -> None:
    client = await named(session, client_id)
    if client is not None and client.state is ClientState.ACTIVE:
        client.disable()
        client.void_tokens()
        await record(session, client, None)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m services.gateway.bootstrap", description="Makes a programme_admin client, or looks after one."
    )
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--disable", metavar="CLIENT_ID", help="disable this client as the new one is made")
    choice.add_argument("--check", metavar="CLIENT_ID", help="make nothing; exit 0 if this client is enabled")
    options = parser.parse_args()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))  # stdout is for the answer alone
    raise SystemExit(asyncio.run(carry_out(options)))


if __name__ == "__main__":
    main()
