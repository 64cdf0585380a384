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

from services.gateway.clients import Clients
from shared.db import Database, create_engine
from shared.errors import ServiceUnavailable
from shared.settings import Environment


async def carry_out(options: argparse.Namespace) -> int:
    database = Database(create_engine(Environment(os.environ).need("SCORE_DATABASE_URL_GATEWAY"), pool_size=1))
    try:
        clients = Clients(database)
        if options.check:
            return 0 if await clients.is_enabled(options.check) else 1
        client_id, secret = await clients.register("First client", "programme_admin", instead_of=options.disable)
        print(json.dumps({"client_id": client_id, "client_secret": secret}))
        return 0
    except ServiceUnavailable as error:
        print(error.detail, file=sys.stderr)
        return 2
    finally:
        await database.close()


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
