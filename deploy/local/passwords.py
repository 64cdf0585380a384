"""Secrets made on this machine at the first start and kept."""

import secrets

from deploy.local.given import DATABASES, SERVICES
from deploy.local.home import Home

NAMES = (
    "secret",
    "postgres",
    *(f"postgres_{name}_{role}" for name in DATABASES for role in ("owner", "app")),
    *(f"nats_{user}" for user in ("admin", "monitor", *SERVICES)),
)


def keep(home: Home) -> dict[str, str]:
    """Every one of `NAMES`; those that are missing are made now."""
    known = home.read(home.secrets)
    if missing := [name for name in NAMES if name not in known]:
        known |= {name: f"s{secrets.token_hex(24)}" for name in missing}  # a letter first: never read as a number
        home.write(home.secrets, known)
    return known
