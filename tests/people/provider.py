"""An OpenID provider as a partner might run one: Canaille, in a process of its own, with two people in it.

python -m tests.people.provider PORT RSA|EC
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import httpx

from tests.conftest import free_port
from tests.gateway.servers import until

PASSWORD = "correct horse battery staple"
AUDIENCE = "score-api"
PORTAL = ("portal", "the portal's secret")


class Provider:
    def __init__(self, port: int) -> None:
        self.issuer = f"http://localhost:{port}"

    def token(self, person: str) -> str:
        """An access token of `person`, who logs in at the portal."""
        form = {"grant_type": "password", "username": person, "password": PASSWORD, "scope": "openid profile groups"}
        answer = httpx.post(f"{self.issuer}/oauth/token", data=form, auth=PORTAL, timeout=20)
        answer.raise_for_status()
        return str(answer.json()["access_token"])

    def listens(self) -> bool:
        try:
            return httpx.get(f"{self.issuer}/.well-known/openid-configuration", timeout=5).status_code == 200
        except httpx.TransportError:
            return False


@contextmanager
def running_provider() -> Iterator[Provider]:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.people.provider", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until(Provider(port).listens, 60)
        yield Provider(port)
    finally:
        process.kill()
        process.wait()


# --- in the process --------------------------------------------------------------------------------------------


def serve(port: int) -> None:
    os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # it listens on the loopback only
    from canaille import create_app
    from joserfc.jwk import JWKRegistry
    from werkzeug.serving import run_simple

    key = JWKRegistry.generate_key("RSA", 2048, {"alg": "RS256", "use": "sig"}, auto_kid=True)
    app = create_app(config=configuration(port, key.as_dict(private=True)), env_file=".none", env_prefix="NONE_")
    with app.app_context():
        fill()
    run_simple("localhost", port, app, threaded=True)


def configuration(port: int, key: dict[str, Any]) -> dict[str, Any]:
    return {
        "TESTING": True,
        "ENV_FILE": None,
        "SECRET_KEY": os.urandom(16).hex(),
        "WTF_CSRF_ENABLED": False,
        "PREFERRED_URL_SCHEME": "http",
        "SERVER_NAME": f"localhost:{port}",
        "OAUTH2_TOKEN_EXPIRES_IN": {"password": 600},
        "CANAILLE": {"DATABASE": "memory", "ACL": {"DEFAULT": {"PERMISSIONS": ["use_oidc"]}}},
        "CANAILLE_OIDC": {"ACTIVE_JWKS": [key]},
    }


def fill() -> None:
    from canaille.app import models
    from canaille.backends import Backend

    def keep(thing: Any) -> Any:
        Backend.instance.save(thing)
        return thing

    def person(name: str) -> Any:
        names = {"user_name": name, "family_name": name, "formatted_name": name, "emails": [f"{name}@example.org"]}
        return keep(models.User(**names, password=PASSWORD))

    def application(client_id: str, **facts: Any) -> Any:
        place = f"https://{client_id}.example.org"
        known = {"client_name": client_id, "client_uri": place, "redirect_uris": [f"{place}/back"]}
        return keep(models.Client(client_id=client_id, client_id_issued_at=datetime.now(UTC), **known, **facts))

    coordinator, stranger = person("ama"), person("kofi")
    keep(models.Group(display_name="score-coordinators", members=[coordinator]))
    keep(models.Group(display_name="canteen", members=[stranger, coordinator]))
    portal = application(
        PORTAL[0],
        client_secret=PORTAL[1],
        grant_types=["password"],
        scope=["openid", "profile", "groups"],
        token_endpoint_auth_method="client_secret_basic",
    )
    portal.audience = [portal, application(AUDIENCE)]
    keep(portal)


if __name__ == "__main__":
    serve(int(sys.argv[1]))
