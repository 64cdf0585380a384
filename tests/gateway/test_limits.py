"""The HTTP rows of reliability.md section 9 that are the gateway's: limits on head, address, host and body."""

import gzip
import json
import socket
import zlib

import httpx
import pytest

from tests.gateway.conftest import assert_problem
from tests.gateway.servers import Running, Service, raw, read_answer

MIB = 1024 * 1024
ECHO = "/v1/organisations/echo"


def head(token: str, *lines: str, path: str = ECHO, method: str = "GET", host: str = "localhost") -> bytes:
    every = [
        f"{method} {path} HTTP/1.1",
        *([f"Host: {host}"] if host else []),
        f"Authorization: Bearer {token}",
        *lines,
    ]
    return "\r\n".join([*every, "", ""]).encode("latin-1")


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def problem_in(answer: bytes) -> dict[str, object]:
    top, _, body = answer.partition(b"\r\n\r\n")
    assert b"content-type: application/problem+json" in top.lower()
    document: dict[str, object] = json.loads(body)
    assert f"x-request-id: {document['request_id']}".encode() in top.lower()
    return document


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8000", "127.0.0.1:1", "[::1]:8000", "score.example.org", "score.example.org:443"]
)
def test_our_names_are_answered(gateway: Running, token: str, host: str) -> None:
    assert status_of(raw(gateway.port, head(token, host=host))) == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example.org",
        "localhost.evil.org",
        "evil@localhost",
        "localhost:x",
        "localhost:123456",
        "localhost ,evil",
        "::1",
        "/",
    ],
)
def test_other_names_are_refused(gateway: Running, token: str, host: str) -> None:
    assert problem_in(raw(gateway.port, head(token, host=host)))["status"] == 400


def test_a_request_without_host_is_refused(gateway: Running, token: str) -> None:
    assert problem_in(raw(gateway.port, head(token, host="")))["code"] == "malformed-request"
    assert problem_in(raw(gateway.port, b"GET /-/live HTTP/1.0\r\n\r\n"))["code"] == "malformed-request"


def test_two_hosts_are_refused(gateway: Running, token: str) -> None:
    assert problem_in(raw(gateway.port, head(token, "Host: localhost")))["code"] == "malformed-request"


def test_an_address_with_a_host_in_it_is_refused(gateway: Running, token: str) -> None:
    assert problem_in(raw(gateway.port, head(token, path=f"http://evil.example.org{ECHO}")))["status"] == 400


@pytest.mark.parametrize("size", [33 * 1024, 70 * 1024, 500 * 1024])
def test_large_headers_are_refused(gateway: Running, token: str, size: int) -> None:
    assert problem_in(raw(gateway.port, head(token, f"X-Large: {'x' * size}")))["code"] == "header-too-large"


def test_a_head_that_never_ends_is_refused_before_it_fills_the_memory(gateway: Running) -> None:
    with socket.create_connection(("127.0.0.1", gateway.port), 15) as line:
        line.sendall(b"GET / HTTP/1.1\r\nX-Large: ")
        for _ in range(3):
            line.sendall(b"x" * 64 * 1024)
        assert problem_in(read_answer(line))["code"] == "header-too-large"


def test_a_hundred_and_one_headers_are_refused(gateway: Running, token: str) -> None:
    many = [f"X-{index}: 1" for index in range(99)]
    assert problem_in(raw(gateway.port, head(token, *many)))["code"] == "header-too-large"
    assert status_of(raw(gateway.port, head(token, *many[:98]))) == 200


def test_a_long_address_is_refused(gateway: Running, token: str) -> None:
    room = 8192 - len(ECHO) - len("?a=")
    assert status_of(raw(gateway.port, head(token, path=f"{ECHO}?a={'x' * room}"))) == 200
    assert problem_in(raw(gateway.port, head(token, path=f"{ECHO}?a={'x' * (room + 1)}")))["code"] == "uri-too-long"


@pytest.mark.parametrize(
    "request_line",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nbad header\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX-A: a\x00b\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -3\r\n\r\nabc",
        b"GET /\xff HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"CONNECT evil.example.org:443 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /-/live#there HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ],
)
def test_what_is_not_http_gets_a_problem_document_too(gateway: Running, request_line: bytes) -> None:
    assert problem_in(raw(gateway.port, request_line))["code"] == "malformed-request"


def test_a_head_that_stops_arriving_is_refused(gateway: Running) -> None:
    assert problem_in(raw(gateway.port, b"GET / HTTP/1.1\r\nHost: loc"))["code"] == "request-timeout"


def test_a_connection_without_a_request_is_closed(gateway: Running) -> None:
    with socket.create_connection(("127.0.0.1", gateway.port), 15) as line:
        assert line.recv(1) == b""


def test_a_body_that_stops_arriving_is_refused_and_the_connection_closed(gateway: Running, token: str) -> None:
    with socket.create_connection(("127.0.0.1", gateway.port), 15) as line:
        line.sendall(head(token, "Content-Length: 100", method="POST") + b"only this")
        answer = read_answer(line)
        assert problem_in(answer)["code"] == "request-timeout"
        assert b"connection: close" in answer.lower()
        assert line.recv(1) == b""


@pytest.mark.parametrize("query", ["a=%ff", "a=%", "a=%4", "a=%zz", "%c3%28=1"])
async def test_a_query_that_cannot_be_decoded_is_refused(partner: httpx.AsyncClient, query: str) -> None:
    assert_problem(await partner.get(f"{ECHO}?{query}"), 400, "malformed-query")


async def test_a_large_body_is_refused_by_its_length(partner: httpx.AsyncClient, enterprise: Service) -> None:
    before = len(enterprise.seen)
    assert_problem(await partner.post(ECHO, content=b"x" * 20 * MIB), 413, "payload-too-large")
    assert_problem(await partner.post(ECHO, content=b"x" * (MIB + 1)), 413, "payload-too-large")
    assert len(enterprise.seen) == before
    assert (await partner.post(ECHO, content=b"x" * MIB)).json()["size"] == MIB


async def test_a_large_body_is_refused_as_it_comes(partner: httpx.AsyncClient) -> None:
    async def pieces(count: int):  # type: ignore[no-untyped-def]
        for _ in range(count):
            yield b"x" * 64 * 1024

    assert_problem(await partner.post(ECHO, content=pieces(17)), 413, "payload-too-large")
    assert (await partner.post(ECHO, content=pieces(16))).json()["size"] == MIB


async def test_files_may_be_larger(partner: httpx.AsyncClient) -> None:
    imports = "/v1/organisations/imports"
    assert (await partner.post(imports, content=b"x" * 3 * MIB)).json()["size"] == 3 * MIB
    assert_problem(await partner.post(imports, content=b"x" * 5 * MIB), 413, "payload-too-large")


@pytest.mark.parametrize("content", [b'{"a": 1}', b"x" * MIB, b"\x00" * 300_000])
async def test_a_body_may_come_gzipped(partner: httpx.AsyncClient, content: bytes) -> None:
    sent = await partner.post(ECHO, content=gzip.compress(content), headers={"Content-Encoding": "gzip"})
    arrived = sent.json()
    names = [name for name, _ in arrived["headers"]]
    assert arrived["size"] == len(content)
    assert "content-encoding" not in names


async def test_gzip_members_are_strung_together(partner: httpx.AsyncClient) -> None:
    packed = gzip.compress(b"one") + gzip.compress(b"two")
    assert (await partner.post(ECHO, content=packed, headers={"Content-Encoding": "gzip"})).json()["size"] == 6


async def test_the_limit_holds_for_the_unpacked_body(partner: httpx.AsyncClient) -> None:
    bomb = gzip.compress(b"\x00" * 200 * MIB)
    assert_problem(
        await partner.post(ECHO, content=bomb, headers={"Content-Encoding": "gzip"}), 413, "payload-too-large"
    )


@pytest.mark.parametrize(
    "content",
    [b"not gzip", gzip.compress(b"x" * 1000)[:-4], zlib.compress(b"x")],
    ids=["no packing", "cut short", "zlib"],
)
async def test_what_is_not_gzip_is_refused(partner: httpx.AsyncClient, content: bytes) -> None:
    assert_problem(
        await partner.post(ECHO, content=content, headers={"Content-Encoding": "gzip"}), 400, "malformed-request"
    )


@pytest.mark.parametrize("coding", ["br", "deflate", "gzip, gzip", "zstd"])
async def test_other_packings_are_refused(partner: httpx.AsyncClient, coding: str) -> None:
    refused = await partner.post(ECHO, content=b"x", headers={"Content-Encoding": coding})
    assert_problem(refused, 415, "unsupported-media-type")
    assert refused.headers["accept-encoding"] == "gzip, identity"


async def test_a_header_that_is_not_utf8_is_named(partner: httpx.AsyncClient) -> None:
    refused = await partner.get(ECHO, headers=[(b"X-Note", b"\xff\xfe")])
    assert assert_problem(refused, 400, "malformed-header")["errors"][0]["header"] == "x-note"
