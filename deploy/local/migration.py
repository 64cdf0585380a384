"""`migration`: writes the step from a service's last migration to its models, against a database made for that alone."""

import asyncio
import sys
import tempfile
from pathlib import Path

from deploy.local import passwords
from deploy.local.children import Program, job
from deploy.local.down import remove
from deploy.local.environment import bare
from deploy.local.given import DATABASES, ROOT, Given
from deploy.local.home import Home, Trouble
from deploy.local.logs import Logs
from deploy.local.server_alone import serving


def migration(given: Given, service: str, why: str) -> int:
    if service not in DATABASES or not why:
        raise Trouble(f'Say for what and why: make migration SERVICE=enterprise WHY="..." ({", ".join(DATABASES)})')
    with tempfile.TemporaryDirectory(prefix="score-migration-") as folder:
        before, home = versions(), Home(Path(folder) / "home")
        home.make()
        try:
            asyncio.run(write(home, given, service, why))
        finally:
            remove(home)
    for path in sorted(versions() - before):
        print(f"Written: {path.relative_to(ROOT)}. Read it before you commit it.")
    return 0


async def write(home: Home, given: Given, service: str, why: str) -> None:
    logs = Logs(home.logs)
    async with serving(home, given, passwords.keep(home), logs) as server:
        environment = bare(home, given) | {
            f"SCORE_MIGRATION_URL_{service.upper()}": server.url(service, "owner"),
        }
        for options in (("--bare",), ("--make", why)):
            command = [sys.executable, "-m", "shared.migrations", service, *options]
            await job(Program(f"migrate-{service}", command, environment), logs)


def versions() -> set[Path]:
    return {path for part in ("services", "shared") for path in (ROOT / part).glob("**/migrations/versions/*.py")}
