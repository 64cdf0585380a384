"""The database server without the rest, for as long as a piece of work takes."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from deploy.local import ports
from deploy.local.children import Supervised
from deploy.local.environment import bare
from deploy.local.given import Given
from deploy.local.home import Home
from deploy.local.logs import Logs
from deploy.local.postgres import Postgres

END_SECONDS = 20


@asynccontextmanager
async def serving(home: Home, given: Given, passwords: dict[str, str], logs: Logs) -> AsyncIterator[Postgres]:
    """With its databases and roles. The caller holds the home's lock, or nobody else knows of the home."""
    [port] = ports.free_ports(1, given)
    server = Postgres(home, port, passwords, logs, bare(home, given))
    await server.make_data()
    process = Supervised(server.program(), logs, lambda: None)
    loop = asyncio.create_task(process.run())
    try:
        await server.wait()
        process.has_worked = True
        await server.make_databases()
        yield server
    finally:
        loop.cancel()
        await asyncio.gather(loop, return_exceptions=True)
        await process.end(END_SECONDS)


async def tool(server: Postgres, name: str, *options: str) -> tuple[int, str]:
    """Runs `pg_dump` or the like as the database's administrator; gives its exit code and what it complained of."""
    process = await asyncio.create_subprocess_exec(
        server.means.program(name),
        *("-h", "127.0.0.1", "-p", str(server.port), "-U", "postgres", "--no-password", *options),
        env=variables(server),
        stdin=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        _, said = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    return process.returncode or 0, said.decode(errors="replace").strip()


def variables(server: Postgres) -> Mapping[str, str]:
    return {"PATH": os.environ.get("PATH", ""), "PGPASSWORD": server.passwords["postgres"]}
