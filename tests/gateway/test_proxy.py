import asyncio
import hashlib
import re
import socket
from uuid import UUID

import httpx
import pytest

from tests.gateway.conftest import ORIGIN, World, assert_problem, fetch_token
from tests.gateway.servers import HangsUp, Running, Service, raw, until

ECHO = "/v1/organisations/echo"
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def arrived(answer: httpx.Response) -> dict[str, list[str]]:
    """The headers the service saw, by name."""
    found: dict[str, list[str]] = {}
    for name, value in answer.json()["headers"]:
        found.setdefault(name, []).append(value)
    return found


@pytest.mark.parametrize(
    ("collection", "service"),
    [("enterprises", "enterprise"), ("country-policies", "enterprise"), ("cycles", "training"), ("results", "metrics")],
)
async def test_a_collection_is_served_by_its_service(partner: httpx.AsyncClient, collection: str, service: str) -> None:
    assert (await partner.get(f"/v1/{collection}")).json()["service"] == service


async def test_path_and_query_arrive_byte_for_byte(partner: httpx.AsyncClient) -> None:
    answer = await partner.get("/v1/modules/M%C3%A9%20x/a:b~c?q=%C3%A9+b%2F&r=a,b&empty=")
    assert answer.json()["path"] == "/v1/modules/M%C3%A9%20x/a:b~c"
    assert answer.json()["query"] == "q=%C3%A9+b%2F&r=a,b&empty="


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_every_method_arrives_with_its_body(partner: httpx.AsyncClient, method: str) -> None:
    answer = await partner.request(
        method, ECHO, content=b'{"a": 1}', headers={"If-Match": '"3"', "Idempotency-Key": "k"}
    )
    seen = arrived(answer)
    assert (answer.json()["method"], answer.json()["size"]) == (method, 8)
    assert (seen["if-match"], seen["idempotency-key"], seen["content-length"]) == (['"3"'], ["k"], ["8"])
    assert answer.headers["etag"] == '"3"'
    assert answer.headers["consistency-token"] == "abc"


async def test_a_verb_without_body_arrives(partner: httpx.AsyncClient) -> None:
    assert (await partner.post(ECHO)).json()["size"] == 0


async def test_head_passes_through_without_a_body(partner: httpx.AsyncClient) -> None:
    answer = await partner.head(ECHO)
    assert answer.status_code == 200
    assert answer.content == b""
    assert int(answer.headers["content-length"]) > 0


async def test_an_answer_without_content_passes_through(partner: httpx.AsyncClient) -> None:
    assert (await partner.delete("/v1/organisations/no-content")).status_code == 204


async def test_who_somebody_pretends_to_be_is_not_passed_on(partner: httpx.AsyncClient) -> None:
    pretended = {
        "X-Forwarded-For": "1.2.3.4",
        "X-Forwarded-Host": "evil.example.org",
        "X-User": "admin",
        "X-User-Role": "admin",
        "Forwarded": "for=1.2.3.4",
        "X-Real-IP": "1.2.3.4",
        "Connection": "keep-alive, X-Hop",
        "X-Hop": "1",
        "TE": "trailers",
        "Keep-Alive": "5",
        "Accept-Encoding": "gzip",
        "X-Own": "stays",
    }
    seen = arrived(await partner.get(ECHO, headers=pretended))
    assert {name.lower() for name in pretended} & set(seen) == {"x-own"}
    assert seen["x-own"] == ["stays"]
    assert seen["authorization"][0].startswith("Bearer ")
    assert seen["host"] != ["evil.example.org"]


async def test_request_id_and_trace_go_in_and_out(partner: httpx.AsyncClient) -> None:
    answer = await partner.get(ECHO, headers={"X-Request-ID": "mine-1", "traceparent": TRACE})
    seen = arrived(answer)
    assert seen["x-request-id"] == ["mine-1"] == [answer.headers["x-request-id"]]
    assert seen["traceparent"] == [TRACE] == [answer.headers["traceparent"]]


@pytest.mark.parametrize("garbage", ["", "a b", "x" * 129, "<script>"])
async def test_garbage_in_the_request_id_is_replaced(partner: httpx.AsyncClient, garbage: str) -> None:
    answer = await partner.get(ECHO, headers={"X-Request-ID": garbage})
    assert UUID(answer.headers["x-request-id"]).version == 7
    assert arrived(answer)["x-request-id"] == [answer.headers["x-request-id"]]


@pytest.mark.parametrize("garbage", ["x", TRACE.replace("b7ad6b7169203331", "0" * 16), TRACE.upper(), "ff" + TRACE[2:]])
async def test_garbage_in_traceparent_begins_a_new_trace(partner: httpx.AsyncClient, garbage: str) -> None:
    answer = await partner.get(ECHO, headers={"traceparent": garbage})
    assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}", answer.headers["traceparent"])
    assert answer.headers["traceparent"] != garbage
    assert arrived(answer)["traceparent"] == [answer.headers["traceparent"]]


@pytest.mark.parametrize(
    "path",
    ["/v1/organisations", "/v1/nonsense", "/v1", "/", "/nonsense", "/openapi", "/v1/certificates/verify", "/-/x"],
)
async def test_without_a_token_every_path_answers_alike(stranger: httpx.AsyncClient, path: str) -> None:
    refused = await stranger.get(path)
    assert_problem(refused, 401, "unauthorized")
    assert refused.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "path",
    [
        "/v1/nonsense",
        "/v1",
        "/v1/",
        "/v1//organisations",
        "//v1/organisations",
        "/v1/organisations/",
        "/v1/organisations//x",
        "/v1/organisations/../enterprises",
        "/v1/organisations/./x",
        "/v1/organisations/..",
        "/v1/organisations/%2e%2e/enterprises",
        "/v1/organisations/.%2E",
        "/v1/organisations/a%2fb",
        "/v1/organisations/a%5cb",
        "/v1/organisations/a%00",
        "/v1/organisations/%ff",
        "/v1/organisations/%",
        "/v1/organisations/%zz",
        "/v1/%6frganisations",
        "/v1/Organisations",
        "/v2/organisations",
        "/V1/organisations",
        "/oauth/../v1/organisations",
        "/openapi.json/",
        "/-/live/",
        "/oauth/nonsense",
        "/problems/a/b",
    ],
)
def test_a_path_that_is_not_plainly_one_of_ours_is_not_found(gateway: Running, token: str, path: str) -> None:
    request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n"
    answer = raw(gateway.port, request.encode())
    assert answer.startswith(b"HTTP/1.1 404 "), answer
    assert b'"code":"not-found"' in answer


def test_a_method_our_own_pages_do_not_offer(gateway: Running) -> None:
    answer = httpx.delete(f"{gateway.url}/oauth/jwks")
    assert_problem(answer, 405, "method-not-allowed")
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD"}


async def test_an_answer_streams(partner: httpx.AsyncClient) -> None:
    async with partner.stream("GET", "/v1/organisations/stream") as answer:
        lines = answer.aiter_lines()
        assert await anext(lines) == '{"n": 1}'
        await partner.get("/v1/organisations/go-on")
        assert await anext(lines) == '{"n": 2}'


async def test_a_body_streams(partner: httpx.AsyncClient, enterprise: Service) -> None:
    """The service has the first part before the client sends the second."""
    pieces = [b"a" * 100_000, b"b" * 100_000]

    async def body():  # type: ignore[no-untyped-def]
        for piece in pieces:
            yield piece
            await asyncio.sleep(0)

    answer = await partner.post(ECHO, content=body())
    assert answer.json()["sha256"] == hashlib.sha256(b"".join(pieces)).hexdigest()


async def test_an_answer_that_breaks_off_does_not_look_whole(partner: httpx.AsyncClient) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        await partner.get("/v1/organisations/break-off")


async def test_an_answer_without_its_first_byte_is_a_503(partner: httpx.AsyncClient) -> None:
    assert_problem(await partner.get("/v1/organisations/break-at-once"), 503, "service-unavailable")
    refused = await partner.post("/v1/organisations/break-at-once", content=b"{}")
    assert "may or may not" in assert_problem(refused, 503, "service-unavailable")["detail"]


async def test_an_answer_may_come_before_the_body_is_read(partner: httpx.AsyncClient) -> None:
    answer = await partner.post("/v1/organisations/refuse", content=b"x" * 900_000)
    assert answer.status_code == 415
    assert (await partner.get(ECHO)).status_code == 200


async def test_a_service_that_is_too_slow_is_a_504(partner: httpx.AsyncClient, enterprise: Service) -> None:
    enterprise.left.clear()
    assert_problem(await partner.get("/v1/organisations/hang"), 504, "gateway-timeout")
    assert_problem(await partner.post("/v1/organisations/hang", content=b"{}"), 504, "gateway-timeout")
    await asyncio.to_thread(until, lambda: len(enterprise.left) == 2)


@pytest.mark.parametrize("body", [b"", b"{}"])
def test_a_client_that_leaves_takes_its_request_with_it(world: World, token: str, body: bytes) -> None:
    service = world.services["training"]
    service.left.clear()
    service.seen.clear()
    with world.gateway() as gateway, socket.create_connection(("127.0.0.1", gateway.port)) as line:
        top = f"POST /v1/cycles/hang HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
        line.sendall(f"{top}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        until(lambda: service.seen)
        line.close()
        until(lambda: service.left, 0.8)


async def test_a_service_that_is_down_is_a_503(world: World, token: str, closed_port: int) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    with world.gateway(SCORE_UPSTREAM_METRICS=f"http://127.0.0.1:{closed_port}") as gateway:
        async with httpx.AsyncClient(base_url=gateway.url, headers=headers) as client:
            for method in ("GET", "POST"):
                refused = await client.request(method, "/v1/results")
                assert_problem(refused, 503, "service-unavailable")
                assert int(refused.headers["retry-after"]) > 0
            assert (await client.get(ECHO)).status_code == 200


@pytest.mark.parametrize("first", [0, 1], ids=["new connection", "used connection"])
@pytest.mark.parametrize(
    ("method", "times", "status", "asked"),
    [
        ("GET", 1, 200, 2),
        ("HEAD", 1, 200, 2),
        ("GET", 9, 503, 2),
        ("POST", 1, 503, 1),
        ("PUT", 1, 503, 1),
        ("PATCH", 1, 503, 1),
        ("DELETE", 1, 503, 1),
    ],
)
async def test_only_reading_is_repeated_and_once(
    world: World, token: str, method: str, times: int, status: int, asked: int, first: int
) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    with (
        HangsUp(times, first) as service,
        world.gateway(SCORE_UPSTREAM_METRICS=f"http://127.0.0.1:{service.port}") as gateway,
    ):
        async with httpx.AsyncClient(base_url=gateway.url, headers=headers) as client:
            for _ in range(first):
                assert (await client.get("/v1/results")).status_code == 200
            answer = await client.request(method, "/v1/results")
    assert answer.status_code == status
    assert service.requests == [b"GET"] * first + [method.encode()] * asked


# --- compression and browsers ----------------------------------------------------------------------------------


async def test_large_texts_go_gzipped_to_those_who_take_it(partner: httpx.AsyncClient) -> None:
    packed = await partner.get("/v1/organisations/large", headers={"Accept-Encoding": "gzip"})
    plain = await partner.get("/v1/organisations/large", headers={"Accept-Encoding": "gzip;q=0"})
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < 500
    assert "content-encoding" not in plain.headers
    assert packed.json() == plain.json()
    assert "Accept-Encoding" in packed.headers["vary"]
    assert "Accept-Encoding" in plain.headers["vary"]


async def test_small_answers_go_as_they_are(partner: httpx.AsyncClient) -> None:
    answer = await partner.get("/-/live", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in answer.headers


async def test_browsers_of_our_partners_may_read(partner: httpx.AsyncClient, stranger: httpx.AsyncClient) -> None:
    answer = await partner.get(ECHO, headers={"Origin": ORIGIN})
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert "Consistency-Token" in answer.headers["access-control-expose-headers"]
    assert "Origin" in answer.headers["vary"]
    refused = await stranger.get(ECHO, headers={"Origin": ORIGIN})
    assert refused.status_code == 401
    assert refused.headers["access-control-allow-origin"] == ORIGIN


async def test_browsers_ask_beforehand(stranger: httpx.AsyncClient) -> None:
    asking = {"Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": "if-match"}
    answer = await stranger.options(ECHO, headers={"Origin": ORIGIN, **asking})
    assert answer.status_code == 204
    assert "PATCH" in answer.headers["access-control-allow-methods"]
    assert "If-Match" in answer.headers["access-control-allow-headers"]
    refused = await stranger.options(ECHO, headers={"Origin": "https://evil.example.org", **asking})
    assert_problem(refused, 401, "unauthorized")
    assert "access-control-allow-origin" not in refused.headers


async def test_other_browsers_may_not_read(partner: httpx.AsyncClient) -> None:
    answer = await partner.get(ECHO, headers={"Origin": "https://evil.example.org"})
    assert "access-control-allow-origin" not in answer.headers


async def test_a_token_of_one_gateway_is_good_at_another(world: World, credentials: dict[str, str]) -> None:
    with world.gateway() as one, world.gateway() as other:
        async with httpx.AsyncClient(base_url=other.url) as client:
            mine = {"Authorization": f"Bearer {await asyncio.to_thread(fetch_token, one.url, credentials)}"}
            assert (await client.get(ECHO, headers=mine)).status_code == 200
