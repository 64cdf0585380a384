"""The first client, a programme_admin, and the file that whoever works on this machine reads it from."""

import asyncio
import json
import sys
from typing import Any

from deploy.local.given import ROOT
from deploy.local.home import Home, Trouble

UNAVAILABLE = 2


async def ensure_credentials(home: Home, url: str, environment: dict[str, str]) -> str:
    """Keeps the client there is. A missing file, or one whose client is gone, means a new one; the old one is disabled."""
    known = home.read(home.credentials)
    client = {name: known[name] for name in ("client_id", "client_secret") if known.get(name)}
    if len(client) == 2 and await is_enabled(client["client_id"], environment):
        said = f"credentials are kept in {home.credentials}"
    else:
        client = await make_client(home, environment)
        said = f"a client was made; its credentials are in {home.credentials}"
    content = {"url": url, "token_url": f"{url}/oauth/token", **client}
    if content != known:
        home.write(home.credentials, content)
    home.credentials.chmod(0o600)
    return said


async def is_enabled(client_id: str, environment: dict[str, str]) -> bool:
    return (await ask(environment, "--check", client_id))[0] == 0


async def make_client(home: Home, environment: dict[str, str]) -> dict[str, Any]:
    before = home.read(home.first_client).get("client_id")
    code, answer, problem = await ask(environment, *(("--disable", before) if before else ()))
    if code:
        raise Trouble(f"The first client could not be made: {problem}")
    made = dict(json.loads(answer))
    home.write(home.first_client, {"client_id": made["client_id"]})
    return made


async def ask(environment: dict[str, str], *options: str) -> tuple[int, bytes, str]:
    """Its answer goes to nobody's log: there is a secret in it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "services.gateway.bootstrap",
        *options,
        cwd=ROOT,
        env=environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        answer, problem = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    last = problem.decode(errors="replace").strip().rpartition("\n")[2]
    if process.returncode == UNAVAILABLE:
        raise Trouble(f"The gateway's database is not available: {last}")
    return process.returncode or 0, answer, last
