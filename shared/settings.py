"""What a process is told by its environment. Read once, at start, by `main.py` or `__main__.py`; never at import.

Any secret may also be given as a file: `SCORE_SECRET_FILE=/run/secrets/score` instead of `SCORE_SECRET`.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, SecretStr

from shared.oidc import OidcIssuer, read_issuers

LOCAL_NAMES = ("localhost", "127.0.0.1", "[::1]")


class Environment:
    """`SCORE_*` variables, with `…_FILE` as the other way to give each; remembers the names that were asked for."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables
        self.asked: set[str] = set()

    def get(self, name: str, default: str = "") -> str:
        self.asked.add(name)
        if file := self._variables.get(f"{name}_FILE"):
            try:
                return Path(file).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise SystemExit(f"The file that {name}_FILE names can't be read: {type(error).__name__}.") from error
        return self._variables.get(name) or default

    def whole(self, name: str, default: int) -> int:
        value = self.get(name) or str(default)
        if not (value.isascii() and value.isdigit()):
            raise SystemExit(f"{name} must be a whole number.")
        return int(value)

    def need(self, name: str) -> str:
        value = self.get(name)
        if not value:
            raise SystemExit(f"{name} is not set. `make up` sets it by itself; elsewhere see docs/operations.md.")
        return value


class NatsSettings(BaseModel):
    """How to reach the broker, as whom, and how its durability is known."""

    model_config = ConfigDict(frozen=True)

    url: str
    user: str
    password: SecretStr
    monitor_user: str
    monitor_password: SecretStr
    durability: str  # "" = measured over the system account; "declared" = the operator vouches for it

    @classmethod
    def read(cls, env: Environment, user: str) -> Self:
        return cls(
            url=env.need("SCORE_NATS_URL"),
            user=env.get(f"SCORE_NATS_USER_{user.upper()}", user),
            password=SecretStr(env.get(f"SCORE_NATS_PASSWORD_{user.upper()}")),
            monitor_user=env.get("SCORE_NATS_USER_MONITOR", "monitor"),
            monitor_password=SecretStr(env.get("SCORE_NATS_PASSWORD_MONITOR")),
            durability=env.get("SCORE_NATS_DURABILITY"),
        )


class ProcessSettings(BaseModel):
    """What all four processes share."""

    model_config = ConfigDict(frozen=True)

    service: str
    host: str
    port: int
    database_url: SecretStr
    public_url: str
    secret: SecretStr  # signs cursors and consistency tokens; one for the whole installation
    log_format: str  # "json" | "console"
    import_max_bytes: int = 1024**3  # of one file
    oidc_issuers: tuple[OidcIssuer, ...] = ()  # who else may say who somebody is


class ServiceSettings(ProcessSettings):
    """A service behind the gateway: `enterprise`, `training` or `metrics`."""

    jwks_url: str
    nats: NatsSettings

    @property
    def revoked_url(self) -> str:
        """The list of void tokens stands beside the keys."""
        return f"{self.jwks_url.rpartition('/')[0]}/revoked"

    @classmethod
    def read(cls, service: str, variables: Mapping[str, str] = os.environ) -> Self:
        env = Environment(variables)
        return cls(
            **process_settings(env, service, port_variable=f"SCORE_PORT_{service.upper()}"),
            jwks_url=env.need("SCORE_JWKS_URL"),
            nats=NatsSettings.read(env, service),
        )


class GatewaySettings(ProcessSettings):
    """The gateway: where the services are, which names it answers to."""

    upstreams: dict[str, str]  # service name -> base URL
    allowed_hosts: tuple[str, ...]
    cors_origins: tuple[str, ...]
    rate_limit: int = 60_000  # requests of one client in a minute
    secret_grace_seconds: int = 86_400  # how long a rotated secret stays good
    signing_key_days: int = 30  # how long one key signs

    @classmethod
    def read(cls, variables: Mapping[str, str] = os.environ) -> Self:
        env = Environment(variables)
        common = process_settings(env, "gateway", port_variable="SCORE_PORT")
        own_name = urlsplit(str(common["public_url"])).hostname or ""
        return cls(
            **common,
            upstreams={
                name: env.need(f"SCORE_UPSTREAM_{name.upper()}") for name in ("enterprise", "training", "metrics")
            },
            allowed_hosts=(own_name, *LOCAL_NAMES, *words(env.get("SCORE_ALLOWED_HOSTS"))),
            cors_origins=words(env.get("SCORE_CORS_ORIGINS")),
            rate_limit=env.whole("SCORE_RATE_LIMIT", 60_000),
            secret_grace_seconds=env.whole("SCORE_SECRET_GRACE_SECONDS", 86_400),
            signing_key_days=env.whole("SCORE_SIGNING_KEY_DAYS", 30),
        )


def process_settings(env: Environment, service: str, port_variable: str) -> dict[str, object]:
    return {
        "service": service,
        "host": env.get("SCORE_HOST", "127.0.0.1"),
        "port": env.whole(port_variable, 8000),
        "database_url": SecretStr(env.need(f"SCORE_DATABASE_URL_{service.upper()}")),
        "public_url": env.get("SCORE_PUBLIC_URL", f"http://127.0.0.1:{env.get('SCORE_PORT', '8000')}").rstrip("/"),
        "secret": SecretStr(env.need("SCORE_SECRET")),
        "log_format": env.get("SCORE_LOG_FORMAT", "json"),
        "import_max_bytes": env.whole("SCORE_IMPORT_MAX_BYTES", 1024**3),
        "oidc_issuers": read_issuers(env.get("SCORE_OIDC_ISSUERS")),
    }


def words(value: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in value.split(",") if word.strip())
