"""A client of each role, bound to what the scene calls its own, and what it is answered."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.conftest import TOKEN_HEADER, System

TOKEN_SECONDS = 300  # half of what a token lives


@dataclass
class Actor:
    """One client. It sees what `before` says has been written by then."""

    role: str
    url: str
    token: Callable[[], str]
    before: Callable[[], str]
    http: httpx.Client
    _token: str = ""
    _since: float = field(default=-TOKEN_SECONDS, init=False)

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        if time.monotonic() - self._since > TOKEN_SECONDS:
            self._token, self._since = self.token(), time.monotonic()
        covered = {TOKEN_HEADER: self.before()} if self.before() else {}
        headers = {"Authorization": f"Bearer {self._token}"} | covered | options.pop("headers", {})
        return self.http.request(method, self.url + path, headers=headers, **options)

    def get(self, path: str, **parameters: Any) -> httpx.Response:
        return self.ask("GET", path, params=parameters)

    def wait(self) -> None:
        """For what is done behind an answer, before asking again."""
        time.sleep(0.05)

    def items(self, path: str, **parameters: Any) -> list[dict[str, Any]]:
        """All pages, small ones: cursors are tried, too."""
        found: list[dict[str, Any]] = []
        while True:
            answer = self.get(path, limit=500, **parameters)
            assert answer.status_code == 200, answer.text
            page = answer.json()
            found += page["items"]
            if page["next_cursor"] is None:
                return found
            parameters["cursor"] = page["next_cursor"]


class Admin:
    """Makes what the tests are about, and clients."""

    def __init__(self, system: System, http: httpx.Client) -> None:
        self.system, self.http = system, http
        self.covered = ""
        self.actor = Actor("programme_admin", system.url, system.token, lambda: self.covered, http)

    def make(self, path: str, body: dict[str, Any], status: int = 201) -> dict[str, Any]:
        answer = self.actor.ask("POST", path, json=body)
        assert answer.status_code == status, answer.text
        self.covered = answer.headers[TOKEN_HEADER]
        made: dict[str, Any] = answer.json()
        return made

    def do(self, path: str) -> dict[str, Any]:
        """A verb without a body."""
        answer = self.actor.ask("POST", path)
        assert answer.status_code == 200, answer.text
        self.covered = answer.headers[TOKEN_HEADER]
        done: dict[str, Any] = answer.json()
        return done

    def client(self, role: str, **binding: Any) -> Actor:
        made = self.make("/v1/clients", {"name": f"Tried as {role}", "role": role, **binding})
        return Actor(role, self.system.url, lambda: self.system.token(made), lambda: self.covered, self.http)


def without_request(answer: httpx.Response) -> tuple[int, dict[str, Any], dict[str, str]]:
    """What two refusals must have in common: all but what names or times the request."""
    body = {name: value for name, value in answer.json().items() if name != "request_id"}
    passing = {
        "x-request-id",
        "date",
        "traceparent",
        "ratelimit",
        "ratelimit-policy",
        "content-length",
        TOKEN_HEADER.lower(),
    }
    return answer.status_code, body, {name: value for name, value in answer.headers.items() if name not in passing}
