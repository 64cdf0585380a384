"""Which variables each process gets: those it needs, its own secrets and nobody else's."""

from dataclasses import dataclass

from deploy.local.given import SERVICES, Given
from deploy.local.home import Home
from deploy.local.leftovers import MARK
from deploy.local.postgres import Postgres

OF_THE_MACHINE = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR")


def bare(home: Home, given: Given) -> dict[str, str]:
    """What every process gets, the servers too."""
    of_machine = {name: given.variables[name] for name in OF_THE_MACHINE if name in given.variables}
    return of_machine | {MARK: str(home.folder), "PYTHONUNBUFFERED": "1"}


@dataclass(frozen=True)
class Environments:
    home: Home
    given: Given
    passwords: dict[str, str]
    ports: dict[str, int]
    postgres: Postgres | None

    @property
    def _bare(self) -> dict[str, str]:
        return bare(self.home, self.given)

    def service(self, name: str) -> dict[str, str]:
        return {
            **self._common(name),
            **self._broker(name),
            "SCORE_HOST": "127.0.0.1",
            f"SCORE_PORT_{name.upper()}": str(self.ports[name]),
            "SCORE_JWKS_URL": f"{self.given.url}/oauth/jwks",
        }

    def gateway(self) -> dict[str, str]:
        return {
            **self._common("gateway"),
            "SCORE_HOST": self.given.host,
            "SCORE_PORT": str(self.given.port),
            **{f"SCORE_UPSTREAM_{name.upper()}": f"http://127.0.0.1:{self.ports[name]}" for name in SERVICES},
            **self.given.pick("SCORE_ALLOWED_HOSTS", "SCORE_CORS_ORIGINS", "SCORE_RATE_LIMIT"),
            **self.given.pick("SCORE_SECRET_GRACE_SECONDS", "SCORE_SIGNING_KEY_DAYS"),
        }

    def migration(self, name: str) -> dict[str, str] | None:
        """The only one with the owner's address. None where that was not given with a database elsewhere: it is not ours then."""
        variable = f"SCORE_MIGRATION_URL_{name.upper()}"
        if self.given.has(f"SCORE_DATABASE_URL_{name.upper()}"):
            chosen = self.given.pick(variable)
            return self._bare | chosen if chosen else None
        assert self.postgres is not None
        return self._bare | {variable: self.postgres.url(name, "owner")}

    def streams(self) -> dict[str, str] | None:
        """None where the broker is elsewhere and its administrator's password was not given."""
        if not self.given.wants_nats and not self.given.has("SCORE_NATS_PASSWORD_ADMIN"):
            return None
        return self._bare | self._broker("admin") | self.given.pick("SCORE_NATS_REPLICAS")

    def first_client(self) -> dict[str, str]:
        return self._bare | self._database("gateway")

    def _common(self, name: str) -> dict[str, str]:
        return {
            **self._bare,
            **self._database(name),
            "SCORE_PUBLIC_URL": self.given.variables.get("SCORE_PUBLIC_URL") or self.given.url,
            "SCORE_LOG_FORMAT": "json",
            **self.given.pick("SCORE_IMPORT_MAX_BYTES", "SCORE_OIDC_ISSUERS"),
            **(self.given.pick("SCORE_SECRET") or {"SCORE_SECRET": self.passwords["secret"]}),
        }

    def _database(self, name: str) -> dict[str, str]:
        variable = f"SCORE_DATABASE_URL_{name.upper()}"
        if chosen := self.given.pick(variable):
            return chosen
        assert self.postgres is not None
        return {variable: self.postgres.url(name, "app")}

    def _broker(self, user: str) -> dict[str, str]:
        names = [f"SCORE_NATS_{what}_{who}" for what in ("USER", "PASSWORD") for who in (user.upper(), "MONITOR")]
        if not self.given.wants_nats:
            return self.given.pick("SCORE_NATS_URL", "SCORE_NATS_DURABILITY", *names)
        return {
            "SCORE_NATS_URL": f"nats://127.0.0.1:{self.ports['nats']}",
            f"SCORE_NATS_USER_{user.upper()}": user,
            f"SCORE_NATS_PASSWORD_{user.upper()}": self.passwords[f"nats_{user}"],
            "SCORE_NATS_USER_MONITOR": "monitor",
            "SCORE_NATS_PASSWORD_MONITOR": self.passwords["nats_monitor"],
        }
