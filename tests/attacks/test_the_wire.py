"""Requests that two readers might understand in two ways, to the gateway and to a service behind it: refused, or read once."""

import gzip
import socket

import httpx
import pytest

from tests.attacks.scene import Scene
from tests.conftest import System

SECOND = b"GET /v1/me HTTP/1.1\r\nHost: x\r\n\r\n"
SMUGGLED = b"0\r\n\r\n" + SECOND
HEADS = {
    "both lengths": b"Content-Length: %d\r\nTransfer-Encoding: chunked" % len(SMUGGLED),
    "a second coding": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
    "a coding that is none": b"Transfer-Encoding: xchunked\r\nContent-Length: %d" % len(SMUGGLED),
    "a blank before the colon": b"Transfer-Encoding : chunked\r\nContent-Length: %d" % len(SMUGGLED),
    "a folded coding": b"Transfer-Encoding:\r\n chunked\r\nContent-Length: %d" % len(SMUGGLED),
    "two lengths": b"Content-Length: 2\r\nContent-Length: %d" % len(SMUGGLED),
    "a list of lengths": b"Content-Length: 2, 2",
    "a signed length": b"Content-Length: +2",
    "a header with NUL": b"X-A: a\x00b\r\nContent-Length: 2",
    "a lone line feed": b"X-A: b\nTransfer-Encoding: chunked\r\nContent-Length: %d" % len(SMUGGLED),
}


def send_raw(port: int, request: bytes) -> bytes:
    """All that comes back until the other side closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(request)
        found = b""
        while piece := connection.recv(65_536):
            found += piece
        return found


@pytest.fixture(params=["gateway", "enterprise"])
def port(request: pytest.FixtureRequest, system: System) -> int:
    return httpx.URL(system.url).port or 0 if request.param == "gateway" else system.ports[request.param]


@pytest.mark.parametrize("head", HEADS)
def test_a_request_of_two_readings_is_refused_and_the_connection_closed(port: int, head: str) -> None:
    host = b"Host: 127.0.0.1:%d\r\nConnection: close\r\n" % port
    answered = send_raw(port, b"POST /v1/supply-links HTTP/1.1\r\n" + host + HEADS[head] + b"\r\n\r\n" + SMUGGLED)
    assert answered.count(b"HTTP/1.1 ") == 1
    assert answered.startswith(b"HTTP/1.1 400 "), answered[:200]
    assert b"application/problem+json" in answered


def test_a_body_of_a_reading_request_is_no_second_request(scene: Scene, port: int) -> None:
    token = scene.attackers["buyer"].token().encode()
    head = b"GET /v1/supply-links?limit=1 HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAuthorization: Bearer %b\r\n" % (
        port,
        token,
    )
    request = head + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(SECOND) + SECOND
    assert send_raw(port, request).count(b"HTTP/1.1 ") == 1


ADDRESSES = [
    "//v1/clients",
    "/v1//clients",
    "/v1/./clients",
    "/v1/enterprises/../clients",
    "/v1/enterprises/%2e%2e/clients",
    "/v1/enterprises/%2e%2e%2fclients",
    "/v1/%63lients",
    "/v1/clients%2f",
    "/v1/clients%00",
    "/v1/clients;a=b",
    "/V1/clients",
    "/oauth/../v1/clients",
    "/problems/..%2fv1%2fclients",
    "/%76%31/clients",
    "/v1\\clients",
]


def test_no_spelling_of_an_address_opens_another_door(scene: Scene, system: System) -> None:
    """Byte for byte, as no client library would send it: the administrator, who may, gets nowhere by any of them."""
    token, at = scene.admin.actor.token(), httpx.URL(system.url).port or 0
    for address in [*ADDRESSES, "/v1/clients"]:
        head = f"GET {address} HTTP/1.1\r\nHost: 127.0.0.1:{at}\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\r\n"
        status = send_raw(at, head.encode()).split(b" ")[1]
        assert status == (b"200" if address == "/v1/clients" else b"404"), address


PRETENCES = [
    {"X-HTTP-Method-Override": "PATCH"},
    {"X-Original-URL": "/v1/clients"},
    {"X-Rewrite-URL": "/v1/clients"},
    {"X-Forwarded-For": "127.0.0.1"},
    {"X-Forwarded-Host": "evil.example"},
    {"Forwarded": "for=127.0.0.1;host=evil.example"},
    {"X-User": "admin", "X-Role": "programme_admin"},
    {"Connection": "authorization, consistency-token"},
    {"Cookie": "role=programme_admin"},
    {"Upgrade": "h2c", "Connection": "Upgrade, HTTP2-Settings", "HTTP2-Settings": "AAMAAABkAAQAAP__"},
]


def test_no_header_makes_somebody_else_of_a_client(scene: Scene, system: System) -> None:
    for role in ("buyer", "enterprise"):
        actor = scene.attackers[role]
        known = actor.get("/v1/enterprises").json()
        for headers in PRETENCES:
            answer = actor.ask("GET", "/v1/enterprises", headers=headers)
            # a token that is to be dropped on the way is no token
            assert answer.json() == known or answer.status_code == 401, headers
            assert "evil" not in str(answer.headers)
            assert actor.ask("GET", "/v1/clients", headers=headers).status_code in (401, 403)
        direct = f"http://127.0.0.1:{system.ports['enterprise']}"
        token = {"Authorization": f"Bearer {actor.token()}"}
        foreign = httpx.get(f"{direct}/v1/enterprises/{scene.foreign['enterprise']}", headers=token)
        assert foreign.status_code == 404
        assert httpx.get(f"{direct}/v1/enterprises").status_code == 401


def test_what_is_small_to_send_is_small_to_read(scene: Scene, system: System) -> None:
    """Of two hundred megabytes in two hundred kilobytes no more is unpacked than may be sent."""
    admin = scene.admin.actor
    packed = gzip.compress(b'{"name": "' + b"a" * 50_000_000 + b'"}', 1)
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    assert admin.ask("POST", "/v1/organisations", content=packed, headers=headers).status_code == 413
    twice = headers | {"Content-Encoding": "gzip, gzip"}
    assert admin.ask("POST", "/v1/organisations", content=packed, headers=twice).status_code == 415
    many = "{" + ",".join(f'"k{n}": 1' for n in range(50_000)) + "}"
    refused = admin.ask("POST", "/v1/organisations", content=many, headers={"Content-Type": "application/json"})
    assert (refused.status_code, refused.json()["detail"]) == (422, "An object may have at most 10,000 members.")
