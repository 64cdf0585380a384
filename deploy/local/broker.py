"""NATS with the configuration that containers use too: `deploy/nats/nats.conf`."""

import asyncio
import sys
import time
from pathlib import Path

from deploy.local.children import Program
from deploy.local.given import ROOT, SERVICES
from deploy.local.home import Home, Trouble

START_SECONDS = 60


def nats_program(home: Home, port: int, passwords: dict[str, str], environment: dict[str, str]) -> Program:
    own = {
        "SCORE_NATS_HOST": "127.0.0.1",
        "SCORE_NATS_PORT": str(port),
        "SCORE_NATS_STORE": quoted(home.nats),  # read by the configuration as if it stood there
        **{
            f"SCORE_NATS_PASSWORD_{user.upper()}": passwords[f"nats_{user}"] for user in ("admin", "monitor", *SERVICES)
        },
    }
    command = [str(Path(sys.executable).with_name("nats-server")), "-c", str(ROOT / "deploy" / "nats" / "nats.conf")]
    return Program("nats", command, environment | own)


def quoted(path: Path) -> str:
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


async def wait_for_nats(port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return
    raise Trouble("NATS does not answer; see nats.jsonl in the home's logs.")
