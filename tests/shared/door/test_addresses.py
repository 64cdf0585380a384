"""Paths, methods, queries and the headers that say what is wanted."""

import socket

import httpx
import pytest

from tests.gateway.servers import Running, raw
from tests.shared.door.conftest import assert_problem, bearer, client_of, make, toy

MISSING = "018f0c5e-7f00-7000-8000-000000000000"


# --- paths and methods -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "id",
    [
        MISSING,
        "1",
        "2147483648",
        "9223372036854775808",
        "x",
        "%00",
        "%ff",
        f"%7B{MISSING}%7D",
        f"urn:uuid:{MISSING}",
        MISSING.replace("-", ""),
        MISSING.upper(),
        f"{MISSING}%20",
        f"{MISSING}%0A",
        "9" * 4000,
        "..%2f..%2fetc",
    ],
)
@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE", "HEAD"])
async def test_an_id_that_names_nothing_is_not_found(toys: httpx.AsyncClient, method: str, id: str) -> None:
    headers = {"If-Match": '"1"', "Content-Type": "application/json"}
    answer = await toys.request(method, f"/v1/toys/{id}", headers=headers, content=b"{}" if method == "PATCH" else None)
    if method == "HEAD":
        assert (answer.status_code, answer.content) == (404, b"")
    else:
        assert_problem(answer, 404, "not-found")


@pytest.mark.parametrize(
    "path", ["/v1/toys/", f"/v1/toys/{MISSING}/", "/v1/Toys", "/v1/nothing", "/", "/v1", "//v1/toys"]
)
async def test_an_address_of_nothing_is_not_found(toys: httpx.AsyncClient, path: str) -> None:
    assert_problem(await toys.get(path), 404, "not-found")


async def test_nothing_is_told_without_a_token(served: Running) -> None:
    async with httpx.AsyncClient(base_url=served.url) as stranger:
        for path in ("/v1/toys", f"/v1/toys/{MISSING}", "/v1/nothing", "/docs", "/v1/toys/"):
            refused = await stranger.get(path)
            assert_problem(refused, 401, "unauthorized")
            assert refused.headers["www-authenticate"] == 'Bearer realm="score"'
        for path in ("/-/live", "/-/metrics", "/openapi.json"):
            assert (await stranger.get(path)).status_code == 200


@pytest.mark.parametrize(
    ("path", "method", "allow"),
    [
        ("/v1/toys", "PUT", "GET, HEAD, POST"),
        ("/v1/toys", "DELETE", "GET, HEAD, POST"),
        ("/v1/toys", "OPTIONS", "GET, HEAD, POST"),
        ("/v1/toys", "TRACE", "GET, HEAD, POST"),
        (f"/v1/toys/{MISSING}", "PUT", "DELETE, GET, HEAD, PATCH"),
        (f"/v1/toys/{MISSING}", "POST", "DELETE, GET, HEAD, PATCH"),
        (f"/v1/toys/{MISSING}/wind", "GET", "POST"),
        (f"/v1/toys/{MISSING}/wind", "HEAD", "POST"),
    ],
)
async def test_another_method_is_told_all_there_are(
    toys: httpx.AsyncClient, path: str, method: str, allow: str
) -> None:
    refused = await toys.request(method, path)
    assert refused.headers["allow"] == allow
    assert refused.status_code == 405
    if method != "HEAD":
        assert_problem(refused, 405, "method-not-allowed")


async def test_head_answers_as_get_does_without_a_body(toys: httpx.AsyncClient) -> None:
    made = await make(toys)
    for path in (f"/v1/toys/{made['id']}", "/v1/toys", "/-/live", "/openapi.json"):
        got, head = await toys.get(path), await toys.head(path)
        assert (head.status_code, head.content) == (200, b"")
        told = {name for name in got.headers if name not in ("date", "x-request-id", "traceparent", "content-length")}
        assert {name: head.headers.get(name) for name in told} == {name: got.headers[name] for name in told}


async def test_a_range_is_passed_over(toys: httpx.AsyncClient) -> None:
    made = await make(toys)
    ranges = "bytes=" + ",".join(f"{n}-{n}" for n in range(1000))
    answer = await toys.get(f"/v1/toys/{made['id']}", headers={"Range": ranges})
    assert (answer.status_code, answer.json()) == (200, made)


# --- permission ------------------------------------------------------------------------------------------------


async def test_a_token_without_the_scope_may_not(served: Running, toys: httpx.AsyncClient) -> None:
    made = await make(toys)
    async with client_of(served.url, scope="toys:read") as reader:
        refused = await reader.post("/v1/toys", json=toy())
        assert_problem(refused, 403, "insufficient-scope")
        assert (
            refused.headers["www-authenticate"]
            == 'Bearer realm="score", error="insufficient_scope", scope="toys:write"'
        )
        assert (await reader.get(f"/v1/toys/{made['id']}")).status_code == 200
    async with client_of(served.url, scope="other:read other:write") as other:
        for path in ("/v1/toys", f"/v1/toys/{made['id']}", f"/v1/toys/{MISSING}", "/v1/toys?unknown=1"):
            assert_problem(await other.get(path), 403, "insufficient-scope")
        headers = {"If-None-Match": '"1"'}
        assert_problem(await other.get(f"/v1/toys/{made['id']}", headers=headers), 403, "insufficient-scope")


async def test_a_token_that_expires_meanwhile_is_refused_and_nothing_is_half_done(
    served: Running, toys: httpx.AsyncClient
) -> None:
    before = (await toys.get("/v1/toys?count=exact&limit=1")).json()["total"]
    refused = await toys.post("/v1/toys", json=toy(), headers=bearer(exp=1))
    assert_problem(refused, 401, "unauthorized")
    assert refused.headers["www-authenticate"] == 'Bearer realm="score", error="invalid_token"'
    assert (await toys.get("/v1/toys?count=exact&limit=1")).json()["total"] == before


# --- queries ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query", ["%ff", "kind=%ff", "%", "kind=%zz", "kind=%e2%82", "kind=%c0%af", "&".join(["a=1"] * 300)]
)
async def test_a_query_that_is_no_utf_8_is_unreadable(toys: httpx.AsyncClient, query: str) -> None:
    assert_problem(await toys.get(f"/v1/toys?{query}"), 400, "malformed-query")


@pytest.mark.parametrize(
    ("query", "parameter", "code"),
    [
        ("color=red", "color", "unknown_parameter"),
        ("Kind=tin", "Kind", "unknown_parameter"),
        ("<script>=1", "?", "unknown_parameter"),
        ("=1", "?", "unknown_parameter"),
        ("limit=1&limit=2", "limit", "repeated_parameter"),
        ("kind=tin&kind=tin", "kind", "repeated_parameter"),
        ("kind=", "kind", "empty_parameter"),
        ("kind", "kind", "empty_parameter"),
        ("external_ref=a%00b", "external_ref", "nul_character"),
        ("limit=0", "limit", "out_of_range"),
        ("limit=501", "limit", "out_of_range"),
        ("limit=1000000000", "limit", "out_of_range"),
        ("limit=9223372036854775808", "limit", "wrong_type"),
        ("limit=-1", "limit", "wrong_type"),
        ("limit=1.0", "limit", "wrong_type"),
        ("limit=1_0", "limit", "wrong_type"),
        ("limit=%201", "limit", "wrong_type"),
        ("limit=%2B1", "limit", "wrong_type"),
        ("limit=%D9%A1", "limit", "wrong_type"),
        ("limit=true", "limit", "wrong_type"),
        ("limit=ten", "limit", "wrong_type"),
        ("count=all", "count", "not_one_of"),
        ("sort=name", "sort", "not_one_of"),
        ("sort=--created_at", "sort", "not_one_of"),
        ("updated_since=yesterday", "updated_since", "malformed_instant"),
        ("updated_since=2012-03-31", "updated_since", "malformed_instant"),
        ("updated_since=9999-12-31T23:59:59-12:00", "updated_since", "malformed_instant"),
        ("cursor=x", "cursor", "bad_cursor"),
        ("cursor=%F0%9F%98%80", "cursor", "bad_cursor"),
        ("cursor=" + "x" * 2001, "cursor", "too_long"),
        ("kind=gold", "kind", "wrong_value"),
        ("kind=tin,", "kind", "wrong_value"),
        ("kind=tin,gold", "kind", "wrong_value"),
        ("country=gh", "country", "wrong_value"),
        ("parent_id=1", "parent_id", "wrong_value"),
        ("kind=" + ",".join(["tin"] * 1000), "kind", "too_long"),
        ("country=(a%2B)%2B%24", "country", "wrong_value"),
        ("external_ref=" + "x" * 201, "external_ref", "too_long"),
    ],
)
async def test_a_wrong_parameter_is_named(toys: httpx.AsyncClient, query: str, parameter: str, code: str) -> None:
    refused = await toys.get(f"/v1/toys?{query}")
    assert_problem(refused, 422, "validation-failed", parameter=parameter, error=code)
    assert "gold" not in refused.text
    assert "script" not in refused.text


async def test_a_parameter_is_not_taken_where_none_is_declared(toys: httpx.AsyncClient) -> None:
    made = await make(toys)
    for answer in (
        await toys.get(f"/v1/toys/{made['id']}?x=1"),
        await toys.post("/v1/toys?x=1", json=toy()),
        await toys.post(f"/v1/toys/{made['id']}/wind?x=1"),
    ):
        assert_problem(answer, 422, "validation-failed", parameter="x", error="unknown_parameter")


# --- headers ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "accept",
    [
        "application/xml",
        "application/json;q=0",
        "garbage",
    ],
)
async def test_another_representation_is_not_offered(toys: httpx.AsyncClient, accept: str) -> None:
    assert_problem(await toys.get("/v1/toys", headers={"Accept": accept}), 406, "not-acceptable")
    assert_problem(await toys.post("/v1/toys", json=toy(), headers={"Accept": accept}), 406, "not-acceptable")


@pytest.mark.parametrize(
    "accept",
    [
        "*/*",
        "application/*",
        "application/json",
        "APPLICATION/JSON",
        "text/html, */*;q=0.1",
        "application/json;q=0.001",
        "",
    ],
)
async def test_json_is_offered(toys: httpx.AsyncClient, accept: str) -> None:
    answer = await toys.get("/v1/toys?limit=1", headers={"Accept": accept})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize("key", ["", "x" * 256, "a b", "ä", "a\tb"])
async def test_a_key_has_1_to_255_visible_characters(toys: httpx.AsyncClient, key: str) -> None:
    headers = {"Idempotency-Key": key.encode()}
    refused = await toys.post("/v1/toys", json=toy(), headers=headers)
    assert_problem(refused, 400, "malformed-header", header="Idempotency-Key", error="malformed_key")


async def test_two_keys_are_none(toys: httpx.AsyncClient) -> None:
    headers = [("Idempotency-Key", "a"), ("Idempotency-Key", "b")]
    assert_problem(await toys.post("/v1/toys", json=toy(), headers=headers), 400, "malformed-header")


@pytest.mark.parametrize(
    "trace",
    [
        "garbage",
        "00-" + "0" * 32 + "-" + "1" * 16 + "-01",
        "00-" + "a" * 32 + "-" + "0" * 16 + "-01",
        "ff-" + "a" * 32 + "-" + "1" * 16 + "-01",
        "00-" + "A" * 32 + "-" + "1" * 16 + "-01",
        "",
    ],
)
async def test_garbage_for_a_trace_or_a_request_id_is_replaced(toys: httpx.AsyncClient, trace: str) -> None:
    headers = {"traceparent": trace, "X-Request-ID": "a b\t<script>"}
    answer = await toys.get("/v1/toys?limit=1", headers=headers)
    assert answer.status_code == 200
    assert answer.headers["traceparent"] != trace
    assert answer.headers["x-request-id"] not in ("", headers["X-Request-ID"])
    with_good = {"traceparent": f"00-{'a' * 32}-{'b' * 16}-01", "X-Request-ID": "mine:1"}
    answer = await toys.get("/v1/toys?limit=1", headers=with_good)
    assert answer.headers["traceparent"][3:35] == "a" * 32
    assert answer.headers["x-request-id"] == "mine:1"


async def test_two_traces_are_none(toys: httpx.AsyncClient) -> None:
    traces = [f"00-{letter * 32}-{'1' * 16}-01" for letter in "ab"]
    both = [("traceparent", trace) for trace in traces] + [("X-Request-ID", "a"), ("X-Request-ID", "b")]
    answer = await toys.get("/v1/toys?limit=1", headers=both)
    assert answer.headers["traceparent"] not in traces
    assert answer.headers["x-request-id"] not in ("a", "b")


async def test_a_head_too_large_is_refused(toys: httpx.AsyncClient) -> None:
    assert_problem(await toys.get("/v1/toys", headers={"X-Big": "x" * 70_000}), 431, "header-too-large")
    many = {f"X-{n}": "1" for n in range(101)}
    assert_problem(await toys.get("/v1/toys", headers=many), 431, "header-too-large")
    assert_problem(await toys.get(f"/v1/toys?cursor={'x' * 9000}"), 414, "uri-too-long")


@pytest.mark.parametrize(
    "head",
    [
        "GET /v1/toys HTTP/1.1\r\n",
        "GET /v1/toys HTTP/1.1\r\nHost: a\r\nHost: b\r\n",
        "GET /v1/toys HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n",
        "GET /v1/toys HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n",
        "GET /v1/toys HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n",
        "GET /v1/toys HTTP/1.1\r\nHost: a\r\nX: a\x00b\r\n",
        "GET /v1/toys\x01 HTTP/1.1\r\nHost: a\r\n",
        "GET http://elsewhere/v1/toys HTTP/1.1\r\nHost: a\r\n",
        "BREW /v1/toys HTTP/1.1\r\nHost: a\r\n",
        "nonsense\r\n",
    ],
    ids="no-host two-hosts two-lengths negative both-lengths NUL control absolute method junk".split(),
)
async def test_what_is_no_http_is_refused(served: Running, head: str) -> None:
    answer = raw(served.port, f"{head}\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"application/problem+json" in answer
    assert b'"malformed-request"' in answer


async def test_a_body_that_falls_silent_is_given_up(served: Running) -> None:
    """After 10 s; the shortness of the limit itself is not the point here, that there is one is."""
    authorization = bearer()["Authorization"]
    head = f"POST /v1/toys HTTP/1.1\r\nHost: a\r\nAuthorization: {authorization}\r\n"
    head += "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
    with socket.create_connection(("127.0.0.1", served.port), 20) as line:
        line.sendall(head.encode())
        answer = line.recv(65536)
    assert answer.startswith(b"HTTP/1.1 408 ")
