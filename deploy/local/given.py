"""What whoever starts the system says by environment variables: the port, the names, and servers elsewhere."""

import os
from collections.abc import Mapping
from pathlib import Path

from deploy.local.home import Trouble

SERVICES = ("enterprise", "training", "metrics")
DATABASES = (*SERVICES, "gateway")
ROOT = Path(__file__).resolve().parents[2]


class Given:
    def __init__(self, variables: Mapping[str, str] = os.environ) -> None:
        self.variables = variables
        self.host = variables.get("SCORE_HOST") or "127.0.0.1"
        self.port = port_of(variables.get("SCORE_PORT") or "8000")

    @property
    def home(self) -> Path:
        return Path(self.variables.get("SCORE_HOME") or ROOT / ".local")

    @property
    def url(self) -> str:
        """How this machine reaches the gateway."""
        everywhere = self.host in ("0.0.0.0", "::", "127.0.0.1", "localhost")
        return f"http://{'127.0.0.1' if everywhere else bracketed(self.host)}:{self.port}"

    def pick(self, *names: str) -> dict[str, str]:
        """Those of `names` that are set, each also as `…_FILE`."""
        both = [form for name in names for form in (name, f"{name}_FILE")]
        return {name: self.variables[name] for name in both if self.variables.get(name)}

    def has(self, name: str) -> bool:
        return bool(self.pick(name))

    @property
    def wants_postgres(self) -> bool:
        """Ours is needed unless every database is elsewhere."""
        return not all(self.has(f"SCORE_DATABASE_URL_{name.upper()}") for name in DATABASES)

    @property
    def wants_nats(self) -> bool:
        return not self.has("SCORE_NATS_URL")


def port_of(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise Trouble("SCORE_PORT must be a number from 1 to 65535.")
    return int(text)


def bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
