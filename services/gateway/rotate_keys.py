"""`python -m services.gateway.rotate_keys`: the next key signs from now on. No request fails, no token that was given ends.

Keys change by themselves, too, as often as SCORE_SIGNING_KEY_DAYS says. Exit 2: the database is not available.
"""

import asyncio
import os
import sys

import structlog

from services.gateway.keys import SigningKeys
from shared.db import Database, create_engine
from shared.errors import ServiceUnavailable
from shared.settings import Environment


async def rotate() -> int:
    env = Environment(os.environ)
    database = Database(create_engine(env.need("SCORE_DATABASE_URL_GATEWAY"), pool_size=1))
    try:
        kid = await SigningKeys(database, env.need("SCORE_SECRET")).rotate()
        print(f"Tokens are signed with the key {kid} from now on.")
        return 0
    except ServiceUnavailable as error:
        print(error.detail, file=sys.stderr)
        return 2
    finally:
        await database.close()


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    raise SystemExit(asyncio.run(rotate()))
